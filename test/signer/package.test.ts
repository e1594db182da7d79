/** The package's export `micropayer/signer`, as somebody's plain Node program uses it: built JavaScript, and its types. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { verifyMessage } from "viem";
import { makeFolder, removeFolder } from "../support/folder.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const tsc = (...parameters: string[]) =>
	execFileSync(path.join(ROOT, "node_modules/.bin/tsc"), parameters, { cwd: ROOT });

test.before(() => {
	tsc("-p", "modules/signer");
});

test("plain Node imports the package, and viem verifies its signature", async (t) => {
	const program = `
		import { addressOfPublicKey, createPortableSigner, signPersonalMessage } from "micropayer/signer";
		const signer = createPortableSigner({ keys: new Map(), random: (buffer) => crypto.getRandomValues(buffer) });
		signer.create(0, "secp256k1");
		const address = addressOfPublicKey(signer, signer.publicKey(0));
		console.log(JSON.stringify({ address, signature: signPersonalMessage(signer, 0, "hello") }));`;
	const options = { cwd: ROOT, encoding: "utf8" } as const;
	const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], options);
	t.true(await verifyMessage({ message: "hello", ...JSON.parse(output) }));
});

test("TypeScript finds the package's types", (t) => {
	const folder = mkdtempSync(path.join(ROOT, "build/types-"));
	t.teardown(() => removeFolder(folder));
	const file = path.join(folder, "user.ts");
	const check = () => tsc("--noEmit", "--strict", "--ignoreConfig", "--module", "nodenext", "--target", "es2022", file);
	writeFileSync(
		file,
		'import { hashes } from "micropayer/signer";\nexport const digest: Uint8Array = hashes.sha256(new Uint8Array(1));\n',
	);
	t.notThrows(check);
	writeFileSync(
		file,
		'import { hashes } from "micropayer/signer";\nexport const digest: string = hashes.sha256(new Uint8Array(1));\n',
	);
	t.throws(check);
});

test("npm packs what package.json exports, from a checkout in which nothing is built", (t) => {
	const copy = path.join(makeFolder(t), "micropayer");
	for (const name of [
		"package.json",
		"package-lock.json",
		"tsconfig.json",
		"README.md",
		"LICENSE",
		"modules",
		"tools",
	]) {
		cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
	}
	symlinkSync(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
	const pack = [
		"pack",
		copy,
		"--json",
		"--ignore-scripts=false",
		"--loglevel=error",
		"--pack-destination",
		path.dirname(copy),
	];
	// As from elsewhere: the project's own .npmrc, which the tests' npm has handed on, holds back its scripts.
	const [{ files }] = JSON.parse(execFileSync("npm", pack, { cwd: path.dirname(copy), encoding: "utf8" }));
	const packed = (files as { path: string }[]).map((file) => file.path);
	const { exports } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
	const exported = Object.values(exports as Record<string, Record<string, string>>).flatMap(Object.values<string>);
	t.true(exported.length > 0);
	for (const name of exported) t.true(packed.includes(path.normalize(name)), name);
});
