import test from "ava";
import { type Outcome, receive } from "./support/exchange.js";

/** Whole responses of every framing, to be damaged. */
const SEEDS = [
	"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX: y\r\n\r\nhello, world",
	"HTTP/1.1 402 Payment Required\r\nPAYMENT-REQUIRED: eyJ4IjoxfQ==\r\nContent-Length: 2\r\n\r\n{}",
	'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x="y"\r\n, world\r\n0\r\nX-Sum: 1\r\n\r\n',
	"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end",
	"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.0 200 OK\r\n\r\nold",
];
const MARKS = [
	"\r",
	"\n",
	"\r\n",
	"\r\n\r\n",
	"\0",
	":",
	" ",
	"\t",
	";",
	"0",
	"f",
	"-",
	",",
	"\xff",
	"HTTP/1.1 ",
	"chunked",
];
MARKS.push("Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "A: b\r\n".repeat(70));

function generator(seed: number): (below: number) => number {
	return (below) => {
		// xorshift32
		seed ^= seed << 13;
		seed ^= seed >>> 17;
		seed ^= seed << 5;
		return (seed >>> 0) % below;
	};
}

function damage(text: string, random: (below: number) => number): string {
	for (let n = 1 + random(4); n > 0; n--) {
		const at = random(text.length + 1);
		const to = at + random(8);
		const middle = [
			() => MARKS[random(MARKS.length)]!,
			() => "",
			() => String.fromCharCode(random(256)),
			() => text.slice(at, to).repeat(2),
			() => SEEDS[random(SEEDS.length)]!.slice(random(40)),
		][random(5)]!();
		text = text.slice(0, at) + middle + text.slice(random(2) === 0 ? at : to);
	}
	return text;
}

function split(text: string, random: (below: number) => number): string[] {
	const pieces: string[] = [];
	const most = 1 + random(40);
	while (text !== "") {
		const length = 1 + random(most);
		pieces.push(text.slice(0, length));
		text = text.slice(length);
	}
	return pieces;
}

test("3,000 damaged responses each give a response or an HttpError, the same however they are split, and leave no connection open", async (t) => {
	const random = generator(0x5eed);
	const seen = new Map<string, number>();
	for (let n = 0; n < 3_000; n++) {
		const text = damage(SEEDS[random(SEEDS.length)]!, random);
		// Anything but an HttpError, or a wait without end, fails the test here.
		const whole = await receive([text]);
		const pieces = await receive(split(text, random));
		const kind = ({ error, status, body }: Outcome) => JSON.stringify([error, status, body]);
		if (kind(whole) !== kind(pieces)) t.fail(`${JSON.stringify(text)}: ${kind(whole)} or ${kind(pieces)}`);
		for (const { open, timers } of [whole, pieces]) {
			if (open !== 0 || timers !== 0) t.fail(`${JSON.stringify(text)}: ${open} open, ${timers} timers`);
		}
		const name = whole.error ?? "a response";
		seen.set(name, (seen.get(name) ?? 0) + 1);
	}
	t.true(seen.size > 10, [...seen].join(" "));
});
