/**
 * The creation code of `contracts/Escrow.sol`, compiled by npm's `solc` with OpenZeppelin's contracts. Kept under
 * `build/markets`, named by a hash of everything that decides it.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Hex } from "viem";

const require = createRequire(import.meta.url);
const cache = join(import.meta.dirname, "../../../../build/markets");
const openzeppelin = dirname(require.resolve("@openzeppelin/contracts/package.json"));

const input = {
	language: "Solidity",
	sources: { "Escrow.sol": { content: readFileSync(join(import.meta.dirname, "contracts/Escrow.sol"), "utf8") } },
	settings: {
		evmVersion: "cancun",
		optimizer: { enabled: true, runs: 200 },
		outputSelection: { "Escrow.sol": { Escrow: ["evm.bytecode.object"] } },
	},
};

interface Output {
	readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
	readonly contracts: {
		readonly "Escrow.sol": { readonly Escrow: { readonly evm: { readonly bytecode: { readonly object: string } } } };
	};
}

interface Compiler {
	compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
}

function readImport(path: string): { contents: string } | { error: string } {
	const prefix = "@openzeppelin/contracts/";
	if (!path.startsWith(prefix)) return { error: `no package is known for ${path}` };
	return { contents: readFileSync(join(openzeppelin, path.slice(prefix.length)), "utf8") };
}

function compile(): Hex {
	const solc = require("solc") as Compiler;
	const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as Output;
	const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
	if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join("\n"));
	return `0x${output.contracts["Escrow.sol"].Escrow.evm.bytecode.object}`;
}

/** Returns the creation code: from the cache in a millisecond, or compiled in about a second. */
export function escrowCreationCode(): Hex {
	const versions = ["solc", "@openzeppelin/contracts"].map(
		(name) => (require(`${name}/package.json`) as { version: string }).version,
	);
	const hash = createHash("sha256")
		.update(JSON.stringify([versions, input]))
		.digest("hex");
	const file = join(cache, `escrow-${hash.slice(0, 16)}.hex`);
	try {
		return readFileSync(file, "utf8") as Hex;
	} catch {
		const compiled = compile();
		mkdirSync(cache, { recursive: true });
		// Two test processes may come here at once: each writes a file of its own, and the rename is atomic.
		writeFileSync(`${file}.${process.pid}`, compiled);
		renameSync(`${file}.${process.pid}`, file);
		return compiled;
	}
}
