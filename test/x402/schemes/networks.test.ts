/** Chains by their names in v1, against the official list; and by CAIP-2. */

import { EVM_NETWORK_CHAIN_ID_MAP } from "@x402/evm/v1";
import test from "ava";
import { chainOfNetwork, networkOfName } from "../../../src/x402/schemes/exact_evm/networks.js";

test("every v1 network name has the official packages' chain id", (t) => {
	const names = Object.entries(EVM_NETWORK_CHAIN_ID_MAP);
	t.true(names.length >= 23);
	for (const [name, id] of names) t.is(networkOfName(name), `eip155:${id}`, name);
});

test("names that sellers publish and no official package has", (t) => {
	t.is(networkOfName("xlayer"), "eip155:196");
	t.is(networkOfName("xlayer-testnet"), "eip155:1952");
});

test("no other v1 network name has a chain id", (t) => {
	for (const name of ["", "Base", "base ", "eip155:8453", "constructor", "__proto__", "toString"]) {
		t.is(networkOfName(name), undefined, name);
	}
});

test("a CAIP-2 identifier has a chain id in one spelling only", (t) => {
	t.is(chainOfNetwork("eip155:1"), "1");
	t.is(chainOfNetwork(`eip155:${"9".repeat(32)}`), "9".repeat(32));
	const others = [
		"",
		"eip155:",
		"eip155:0",
		"eip155:01",
		"eip155:1 ",
		"eip155:-1",
		"eip155:1e3",
		"EIP155:1",
		"solana:1",
	];
	for (const other of [...others, `eip155:${"9".repeat(33)}`, "eip155:1\n"])
		t.is(chainOfNetwork(other), undefined, other);
});
