/** `npm run build`: compiles the exports of the npm package. npm calls it before it packs, and for an install from git. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./project.js";

// Files left by an older build would be packed too.
rmSync(path.join(ROOT, "build/package"), { recursive: true, force: true });
const compiler = path.join(ROOT, "node_modules/typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [compiler, "-p", "modules/signer"], { cwd: ROOT, stdio: "inherit" });
process.exitCode = status ?? 1;
