/**
 * What a server, an image of flash or a person at a console can hand to a parser, each with valid inputs to begin with. A
 * parser returns, or throws an error that is named: never a TypeError or a RangeError, which are faults of ours.
 */
import * as base58 from "../../modules/encoding/base58.js";
import * as base64 from "../../modules/encoding/base64.js";
import * as cbor from "../../modules/encoding/cbor.js";
import * as hex from "../../modules/encoding/hex.js";
import { items, members } from "../../modules/encoding/json/items.js";
import { readJsonBytes } from "../../modules/encoding/json/text.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import * as units from "../../modules/encoding/units.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { parseConfiguration } from "../../src/configuration/configuration.js";
import { Arguments } from "../../src/console/arguments.js";
import { ChunkParser } from "../../src/http/chunks.js";
import { parseDate } from "../../src/http/date.js";
import { HeadParser } from "../../src/http/head.js";
import { defaultLimits } from "../../src/http/limits.js";
import { ambiguityOf } from "../../src/http/path.js";
import { parseUrl } from "../../src/http/url.js";
import { decodeRecord, encodeRecord } from "../../src/wallet/record.js";
import { RememberedTerms } from "../../src/wallet/remembered_terms.js";
import { Totals } from "../../src/wallet/totals.js";
import { paymentRequiredFromHeader, paymentRequiredFromJson } from "../../src/x402/payment_required.js";
import { readSettlementResponse } from "../../src/x402/settlement_response.js";
import { configuration, entry } from "../agent/fake_seller.js";
import { lightSigner } from "../support/light_signer.js";
import { record } from "../wallet/ledger_rig.js";
import { flashTargets } from "./flash_targets.js";
import { httpTargets } from "./http_targets.js";
import { serverTargets } from "./server_targets.js";
import { x402Targets } from "./x402_targets.js";

export interface Target {
	/** Valid inputs, of which others are made. */
	readonly corpus: readonly Uint8Array[];
	parse(input: Uint8Array): unknown;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (input: Uint8Array) => new TextDecoder("latin1").decode(input);
const terms = JSON.stringify({
	x402Version: 2,
	error: "",
	resource: { url: "https://a.test" },
	accepts: [entry(), entry()],
});
const receipt = JSON.stringify({ success: true, transaction: `0x${"ab".repeat(32)}`, network: "eip155:84532" });

/** A body in pieces, as a connection brings it. */
function body(input: Uint8Array) {
	let at = 0;
	const read = async () => {
		if (at >= input.length) return undefined;
		const piece = input.subarray(at, at + 64);
		at += piece.length;
		return piece;
	};
	return { read, close() {} };
}

async function all(list: AsyncGenerator<unknown>): Promise<void> {
	for await (const _ of list);
}

function totals(): Uint8Array {
	const sums = new Totals();
	sums.addSpent("eip155:84532", "0x036cbd53842c5426634e7929541ec2318f3dcf7e", uint256.fromNumber(5));
	sums.addUnknown(7, 9, uint256.fromNumber(5), 1_795_000_000);
	sums.bought(3, 1_795_000_000);
	return sums.encode(4_000)!;
}

export const TARGETS: Readonly<Record<string, Target>> = {
	...httpTargets,
	...x402Targets,
	...flashTargets,
	...serverTargets,
	base58: { corpus: [bytes("3yZe7d"), bytes("11111")], parse: (input) => base58.decode(text(input)) },
	base64: { corpus: [bytes("eyJ4IjoxfQ=="), bytes("eyJ4IjoxfQ")], parse: (input) => base64.decode(text(input), 4_096) },
	hex: { corpus: [bytes("00ff10"), bytes("0xab")], parse: (input) => hex.decode(text(input)) },
	utf8: { corpus: [bytes("wärme €"), bytes("😀")], parse: (input) => utf8.decode(input) },
	cbor: {
		corpus: [cbor.encode([1, "a", new Uint8Array(3), new Map([[1, null]])])],
		parse: (input) => cbor.decode(input),
	},
	"an amount": { corpus: [bytes("10000"), bytes("0")], parse: (input) => uint256.fromDecimal(text(input)) },
	"an amount with decimals": { corpus: [bytes("0.01"), bytes("12.5")], parse: (input) => units.parse(text(input), 6) },
	json: { corpus: [bytes(terms), bytes('[1,{"a":"\\u00e4"},null,-1e3]')], parse: (input) => readJsonBytes(input) },
	"items of a list": {
		corpus: [bytes('{"items":[{"id":"a","price":0.01},{"id":"b"}],"next":2}'), bytes('{"data":{"items":[1,2]}}')],
		parse: (input) => all(items(body(input) as never, "items", 512, "data", ["id", "price", "next"])),
	},
	"members of an answer": {
		corpus: [bytes('{"order_id":"a","status":"paid","result":{"deep":[1,2]}}')],
		parse: (input) => members(body(input) as never, ["order_id", "status", "result"], 1_024),
	},
	"the head of a response": {
		corpus: [bytes("HTTP/1.1 402 Payment Required\r\nPAYMENT-REQUIRED: eyJ4IjoxfQ==\r\nContent-Length: 2\r\n\r\n{}")],
		parse(input) {
			const parser = new HeadParser(defaultLimits);
			for (let at = 0; at < input.length; ) {
				const used = parser.push(input.subarray(at, at + 32));
				at += used;
				if (used < 32) break;
			}
		},
	},
	"a chunked body": {
		corpus: [bytes('5\r\nhello\r\n7;x="y"\r\n, world\r\n0\r\nX-Sum: 1\r\n\r\n')],
		parse(input) {
			const parser = new ChunkParser();
			for (let at = 0; at < input.length && !parser.done; ) at += parser.take(input.subarray(at)).used;
		},
	},
	"an address": {
		corpus: [bytes("https://user@a.test:8443/x/../y?q=1#f"), bytes("http://[::1]/")],
		parse: (input) => parseUrl(text(input)),
	},
	"a path": { corpus: [bytes("/data/..%2fx;y"), bytes("/a//b")], parse: (input) => ambiguityOf(text(input)) },
	"a date": { corpus: [bytes("Sat, 21 Nov 2026 12:00:00 GMT")], parse: (input) => parseDate(text(input)) },
	"x402 terms": { corpus: [bytes(terms)], parse: (input) => paymentRequiredFromJson(input.slice()) },
	"x402 terms in a header": {
		corpus: [bytes(Buffer.from(terms).toString("base64")), bytes(terms)],
		parse: (input) => paymentRequiredFromHeader(input.slice()),
	},
	"x402 receipt": {
		corpus: [bytes(Buffer.from(receipt).toString("base64"))],
		parse: (input) => readSettlementResponse(input.slice()),
	},
	"a record of the ledger": { corpus: [encodeRecord(record(), 4_000)], parse: (input) => decodeRecord(input) },
	"the ledger's sums": { corpus: [totals()], parse: (input) => Totals.decode(input, lightSigner) },
	"remembered terms": {
		corpus: [cbor.encode([new Uint8Array(32), 2, JSON.stringify(entry()), "", ""])],
		parse: (input) => {
			const storage = { read: () => input.slice(), write() {}, delete() {} };
			return new RememberedTerms(storage, lightSigner).recall("plan", new Uint8Array(32));
		},
	},
	"a configuration": {
		corpus: [bytes(configuration([{}, { everySeconds: 60, sink: { kind: "storage", key: "x", limit: 9 } }]))],
		parse: (input) => parseConfiguration(text(input), lightSigner, ["pact"]),
	},
	"a line of the console": {
		corpus: [bytes('rule set {"name":"a","maxForLife":"5"}'), bytes('plan "a b" remove'), bytes("confirm 123456")],
		parse(input) {
			const line = new Arguments(text(input));
			line.peek();
			if (line.next() !== undefined) line.next();
			return line.json("a value");
		},
	},
};
