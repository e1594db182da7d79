/** `npm run sbom`: writes tools/sbom/sbom.cdx.json, the parts that reach a device, in CycloneDX 1.6. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { readOptions, requireNone } from "./cli/options.js";
import { ROOT } from "./project.js";
import { SBOM_FILE, sbomText } from "./sbom/sbom.js";

const USAGE = `npm run sbom

Writes ${SBOM_FILE}: the software bill of materials of the boards' images, in CycloneDX 1.6.
`;

readOptions(USAGE, {}, (_values, positionals) => requireNone(positionals));
const text = sbomText();
writeFileSync(path.join(ROOT, SBOM_FILE), text);
console.log(`${SBOM_FILE}: ${(JSON.parse(text) as { components: unknown[] }).components.length} components`);
