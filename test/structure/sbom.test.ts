/** tools/sbom/sbom.cdx.json is what `npm run sbom` writes today, it names all that manifests bring to a device, and nothing of npm. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import { ROOT } from "../../tools/project.js";
import { IDF_VERSION, makeSbom, SBOM_FILE, SDK_VERSION, sbomText } from "../../tools/sbom/sbom.js";

const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
const sbom = makeSbom();
const refs = [sbom.metadata.component, ...sbom.components].map((component) => component["bom-ref"]);

test("the bill of materials in the repository is up to date", (t) => {
	t.is(read(SBOM_FILE), sbomText(), "run npm run sbom");
});

test("each component has a reference of its own, a version and a licence, and dependencies name components", (t) => {
	t.is(new Set(refs).size, refs.length);
	for (const { name, version, licenses } of sbom.components) {
		t.regex(version, /^\d+\.\d+(\.\d+)?$/, name);
		t.is(licenses.length, 1, name);
	}
	t.deepEqual(
		sbom.dependencies.map(({ ref }) => ref),
		[...new Set(refs)].sort((a, b) => refs.indexOf(a) - refs.indexOf(b)),
	);
	for (const { dependsOn } of sbom.dependencies)
		t.deepEqual(
			dependsOn.filter((ref) => !refs.includes(ref)),
			[],
		);
});

test("every component is reached from the firmware", (t) => {
	const edges = new Map(sbom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
	const reached = new Set<string>();
	const visit = (ref: string) => {
		if (reached.has(ref)) return;
		reached.add(ref);
		for (const each of edges.get(ref) ?? []) visit(each);
	};
	visit(sbom.metadata.component["bom-ref"]);
	// Certificates and what the SDK needs itself hang on the manifest that names them.
	t.deepEqual(
		refs.filter((ref) => !reached.has(ref)),
		[],
	);
});

test("every module that a board includes is a component, each market too", (t) => {
	const markets = readdirSync(path.join(ROOT, "src/markets"), { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && entry.name !== "kit")
		.map(({ name }) => `micropayer/src/markets/${name}`);
	const modules = ["micropayer/modules/encoding", "micropayer/modules/signer", "micropayer/modules/display"];
	for (const ref of [...markets, ...modules, "micropayer/hal/esp32", "micropayer/hal/moddable", "micropayer/src"])
		t.true(refs.includes(ref), ref);
	t.false(
		refs.some((ref) => /hal\/(sim|xs|node|rv32)/.test(ref)),
		"no other port is on a board",
	);
});

test("no npm package is a component", (t) => {
	const { dependencies, devDependencies } = JSON.parse(read("package.json"));
	const names = sbom.components.map(({ name }) => name);
	for (const name of Object.keys({ ...dependencies, ...devDependencies })) t.false(names.includes(name), name);
});

test("the versions are those that docs/supported.md and boards/README.md name", (t) => {
	t.true(read("docs/supported.md").includes(`| the Moddable SDK | ${SDK_VERSION} `));
	t.true(read("boards/README.md").includes(`ESP-IDF ${IDF_VERSION}`));
});

test("a component that is on some boards alone names them", (t) => {
	const display = sbom.components.find((component) => component["bom-ref"] === "micropayer/modules/display");
	t.deepEqual(display?.properties, [{ name: "micropayer:board", value: "m5stack" }]);
});
