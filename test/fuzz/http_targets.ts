/** The parsers of `src/http` that a server reaches, against oracles. */
import { isDeepStrictEqual } from "node:util";
import { ChunkParser } from "../../src/http/chunks.js";
import { HttpError } from "../../src/http/errors.js";
import { HeadParser } from "../../src/http/head.js";
import { defaultLimits } from "../../src/http/limits.js";
import { parseUrl } from "../../src/http/url.js";
import { Drawn } from "../support/drawn.js";
import { latin1, mustBe, outcomeOf, pieces } from "./oracle.js";
import type { Target } from "./targets.js";

const NAMES = ["payment-required", "payment-response", "location", "connection", "content-length", "x"];

/** What a head has, or the name of its refusal. */
function headOf(parts: readonly Uint8Array[]): unknown {
	const parser = new HeadParser(defaultLimits);
	return outcomeOf(() => {
		for (const part of parts) {
			const used = parser.push(part);
			const head = parser.take();
			if (head === undefined) {
				mustBe(used === part.length, "bytes are left over and there is no head");
				continue;
			}
			const { status, minor, headers } = head;
			return { status, minor, headers: NAMES.map((name) => [headers.getAll(name), headers.isTooLong(name)]) };
		}
		return "unfinished";
	}, HttpError);
}

const headTarget: Target = {
	corpus: [
		"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX: y\r\n\r\n",
		`HTTP/1.1 402 Payment Required\r\nPAYMENT-REQUIRED: ${"eyJ4".repeat(500)}\r\nConnection: close, x\r\n\r\n`,
		`HTTP/1.1 302 Found\r\nLocation: /${"l".repeat(1_100)}\r\nX: ${"y".repeat(900)}\r\nX: z\r\n\r\n`,
		"HTTP/1.0 200\r\nTransfer-Encoding: chunked\r\n\r\n",
	].map(latin1),
	parse(given) {
		const input = given.slice();
		const drawn = new Drawn(input.length + (input[input.length >> 1] ?? 0));
		const whole = headOf([input]);
		const split = headOf(pieces(input, drawn));
		// Of two faults the one that is met first gives the name.
		const isRefused = typeof whole === "string" && typeof split === "string";
		const isSame = isRefused || isDeepStrictEqual(whole, split);
		mustBe(isSame, `whole: ${JSON.stringify(whole)}, in pieces: ${JSON.stringify(split)}`);
	},
};

function chunksOf(parts: readonly Uint8Array[]): unknown {
	const parser = new ChunkParser();
	const data: number[] = [];
	return outcomeOf(() => {
		for (const part of parts) {
			for (let rest = part; rest.length > 0 && !parser.done; ) {
				const taken = parser.take(rest);
				mustBe(taken.used > 0, "nothing was taken");
				data.push(...taken.data);
				rest = rest.subarray(taken.used);
			}
		}
		return { done: parser.done, data };
	}, HttpError);
}

const chunkTarget: Target = {
	corpus: [
		'5\r\nhello\r\n7;x="y"\r\n, world\r\n0\r\nX-Sum: 1\r\n\r\n',
		"1\r\nx\r\n0\r\n\r\n",
		`${"a\r\n0123456789\r\n".repeat(9)}0\r\n\r\n`,
	].map(latin1),
	parse(given) {
		const input = given.slice();
		const drawn = new Drawn(input.length + (input[input.length >> 1] ?? 0));
		const whole = chunksOf([input]);
		const split = chunksOf(pieces(input, drawn));
		mustBe(isDeepStrictEqual(whole, split), `whole: ${JSON.stringify(whole)}, in pieces: ${JSON.stringify(split)}`);
	},
};

const BASE = parseUrl("http://base.example:81/p/q?r");

const urlTarget: Target = {
	corpus: [
		"http://example.com/a/b?c=d",
		"https://[::1]:8080/",
		"../a/./b?c#d",
		"//host/..%2f",
		"http://127.0.0.1:80/%2e%2e/",
	].map(latin1),
	parse(given) {
		const input = given.slice();
		const text = Buffer.from(input).toString("latin1");
		const url = outcomeOf(() => parseUrl(text, BASE), HttpError);
		if (typeof url === "string") return;
		const oracle = new URL(text, BASE.href);
		// Node 20 leaves dot segments behind one that begins with a dot, /.a/./b, which the standard never does.
		if (oracle.pathname.split("/").some((segment) => segment === "." || segment === "..")) return;
		// In a query the WHATWG writes an apostrophe, which RFC 3986 allows, as %27.
		const href = oracle.href.replace(/#.*$/, "").replaceAll("%27", "'");
		mustBe(href === url.href.replaceAll("%27", "'"), `${url.href}, and the WHATWG's is ${href}`);
	},
};

export const httpTargets: Readonly<Record<string, Target>> = {
	"heads, whole and in pieces": headTarget,
	"chunks, whole and in pieces": chunkTarget,
	"addresses, as the WHATWG reads them": urlTarget,
};
