/**
 * The contracts of the local chain, compiled by npm's `solc` from Solidity: ours in `contracts/`, OpenZeppelin's ERC-3009
 * and Uniswap's Permit2 from their packages. The result is kept under `build/world`, named by a hash of everything that
 * decides it: our sources, the settings and the versions of the packages.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Hex } from "viem";

const require = createRequire(import.meta.url);
const here = import.meta.dirname;
const cache = join(here, "../../build/world");

const permit2 = join(dirname(require.resolve("@uniswap/v4-periphery/package.json")), "lib/permit2");
const openzeppelin = dirname(require.resolve("@openzeppelin/contracts/package.json"));

/** Resolves an import path of a Solidity source to a file. */
const roots: readonly (readonly [prefix: string, folder: string])[] = [
	["@openzeppelin/contracts/", `${openzeppelin}/`],
	["permit2/", `${permit2}/`],
	["solmate/", `${permit2}/lib/solmate/`],
];

const sources = ["Token", "ExactPermit2Proxy", "Multicall3"].map(
	(name) => [`${name}.sol`, readFileSync(join(here, "contracts", `${name}.sol`), "utf8")] as const,
);

const wanted = [
	["Token.sol", "Token"],
	["permit2/src/Permit2.sol", "Permit2"],
	["ExactPermit2Proxy.sol", "ExactPermit2Proxy"],
	["Multicall3.sol", "Multicall3"],
] as const;

const input = {
	language: "Solidity",
	sources: {
		...Object.fromEntries(sources.map(([path, content]) => [path, { content }])),
		"Permit2.sol": { content: 'pragma solidity ^0.8.17; import {Permit2} from "permit2/src/Permit2.sol";' },
	},
	settings: {
		evmVersion: "cancun",
		optimizer: { enabled: true, runs: 200 },
		viaIR: true, // as Permit2 itself is built; without it its stack is too deep
		outputSelection: Object.fromEntries(wanted.map(([path, name]) => [path, { [name]: ["evm.bytecode.object"] }])),
	},
};

/** The creation code of each contract, without constructor arguments. */
export type Contracts = Readonly<Record<(typeof wanted)[number][1], Hex>>;

interface CompilerOutput {
	readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
	readonly contracts: Record<
		string,
		Record<string, { readonly evm: { readonly bytecode: { readonly object: string } } }>
	>;
}

interface Compiler {
	compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
}

/** Reads one import. Permit2 pins solc 0.8.17; the pin is relaxed so that the one compiler serves. */
function readImport(path: string): { contents: string } | { error: string } {
	const root = roots.find(([prefix]) => path.startsWith(prefix));
	if (!root) return { error: `no package is known for ${path}` };
	const contents = readFileSync(root[1] + path.slice(root[0].length), "utf8");
	return { contents: contents.replace("pragma solidity 0.8.17;", "pragma solidity ^0.8.17;") };
}

function compile(): Contracts {
	// Loaded only when something has changed: the compiler is 9 MB of WebAssembly.
	const solc = require("solc") as Compiler;
	const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as CompilerOutput;
	const errors = (output.errors ?? []).filter((error) => error.severity === "error");
	if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
	return Object.fromEntries(
		wanted.map(([path, name]) => [name, `0x${output.contracts[path]![name]!.evm.bytecode.object}`]),
	) as unknown as Contracts;
}

function cacheFile(): string {
	const versions = ["solc", "@openzeppelin/contracts", "@uniswap/v4-periphery"].map(
		(name) => (require(`${name}/package.json`) as { version: string }).version,
	);
	const hash = createHash("sha256")
		.update(JSON.stringify([versions, input]))
		.digest("hex");
	return join(cache, `contracts-${hash.slice(0, 16)}.json`);
}

/** The compiled contracts: from the cache in a millisecond, or compiled in about four seconds. */
export function contracts(): Contracts {
	const file = cacheFile();
	try {
		return JSON.parse(readFileSync(file, "utf8")) as Contracts;
	} catch {
		const compiled = compile();
		mkdirSync(cache, { recursive: true });
		// Two test processes may come here at once: each writes a file of its own, and the rename is atomic.
		writeFileSync(`${file}.${process.pid}`, JSON.stringify(compiled));
		renameSync(`${file}.${process.pid}`, file);
		return compiled;
	}
}
