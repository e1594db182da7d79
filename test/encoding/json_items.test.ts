import test from "ava";
import { fields, items } from "../../modules/encoding/json/items.js";
import { pick } from "../../modules/encoding/json/pick.js";
import type { JsonText } from "../../modules/encoding/json/text.js";
import { same } from "../support/quick.js";

/** A body that comes in these pieces, and whether it was closed. */
class Body {
	isClosed = false;
	readonly #pieces: Uint8Array[];

	constructor(...pieces: (string | Uint8Array)[]) {
		this.#pieces = pieces.map((piece) => (typeof piece === "string" ? new TextEncoder().encode(piece) : piece));
	}

	async read(): Promise<Uint8Array | undefined> {
		return this.#pieces.shift();
	}

	close(): void {
		this.isClosed = true;
	}
}

async function all(body: Body, member: string, limit = 4_096, envelope?: string, names?: string[]) {
	const yielded: unknown[] = [];
	const valueIn = (json: JsonText) => (names === undefined ? JSON.parse(json.text) : pick(json, names));
	const list = items(body, member, limit, envelope, names);
	for (let next = await list.next(); ; next = await list.next()) {
		if (next.done) return { yielded, others: valueIn(next.value) };
		yielded.push(valueIn(next.value));
	}
}

const page = `{"total": 3, "items": [
	{"item_id": "a", "name": "Größe \\"π\\" \\\\", "price": 0.5, "tags": ["x]", "{y,"]},
	"ein 🐋, [\\u00e9]", -1.5e3, null, true, [], {}, [[1, [2]], {"a": {"b": []}}]
], "has_more": true, "next": {"page": 2, "items": ["not these"]}, "__proto__": {"polluted": 1}, "2": "two"}\r\n`;

test("a list's elements and the members beside it are the same for every split of the bytes", async (t) => {
	const { items: expected, ...others } = JSON.parse(page);
	const bytes = new TextEncoder().encode(page);
	for (let at = 0; at <= bytes.length; at++) {
		const body = new Body(bytes.slice(0, at), bytes.slice(at));
		same(t, await all(body, "items"), { yielded: expected, others }, `cut at ${at}`);
		same(t, body.isClosed, true);
	}
	t.deepEqual(await all(new Body(...[...bytes].map((byte) => Uint8Array.of(byte))), "items"), {
		yielded: expected,
		others,
	});
	t.is(({} as { polluted?: number }).polluted, undefined);
});

test("a list is found by its path, or refused by name", async (t) => {
	for (const [text, member, yielded, others] of [
		["[]", "", [], {}],
		[" [ ] ", "", [], {}],
		['[1,"2",[3]]', "", [1, "2", [3]], {}],
		['{"items":[]}', "items", [], {}],
		['{"items" : [ 1 ] , "a":1}', "items", [1], { a: 1 }],
		['{"a":1,"items":[1]}', "items", [1], { a: 1 }],
		['{"a":1,"items":[1],"b":{"c":[]},"d":"}"}', "items", [1], { a: 1, b: { c: [] }, d: "}" }],
		['{"it\\u0065ms":[1],"Items":[2]}', "items", [1], { Items: [2] }],
		['{"a":1,"a":2,"items":[]}', "items", [], { a: 2 }],
		['{"":[1]}', "", "ListMissing", {}],
		["{}", "items", "ListMissing", {}],
		['{"error":"x"}', "items", "ListMissing", {}],
		['{"items":{}}', "items", "ListMissing", {}],
		['{"items":null}', "items", "ListMissing", {}],
		['{"a":{"items":[]}}', "items", "ListMissing", {}],
		['{"items":[],"items":[]}', "items", "ListMissing", {}],
		["[]", "items", "ListMissing", {}],
		["<html>", "items", "ListMissing", {}],
		["1", "", "ListMissing", {}],
		["", "items", "JsonCut", {}],
		['{"items":[1', "items", "JsonCut", {}],
		['{"items":[1]', "items", "JsonCut", {}],
		['{"items":[1],"a":"', "items", "JsonCut", {}],
		...[
			'{"items":[1,]}',
			'{"items":[,1]}',
			'{"items":[,]}',
			'{"items":[1 2]}',
			'{"items":[1:2]}',
			'{"items":[1}',
			'{"items":[[1}]}',
			'{"items":["a\nb"]}',
			'{"items":[1],}',
			'{,"items":[1]}',
			'{"a":1,,"items":[1]}',
			'{"items":[1]"a":1}',
			'{"items":[1]]',
			'{"items":[1]}}',
			'{"items":[1]}x',
			'{"items":[1],"a"}',
			'{"items":[1],"a":}',
			'{"items":[1],"a":1:2}',
			'{"items":[1],"a":{"b":1]}',
			'{"items":[1],a:1}',
			'{"items":[1],1:1}',
			"{items:[1]}",
			'{"a":1]',
		].map((text) => [text, "items", "JsonMalformed", {}] as const),
	] as const) {
		if (typeof yielded !== "string") t.deepEqual(await all(new Body(text), member), { yielded, others }, text);
		else await t.throwsAsync(all(new Body(text), member), { name: yielded }, text);
	}
	const notUtf8 = new Body('{"items":["', Uint8Array.of(0xc3), '"]}');
	await t.throwsAsync(all(notUtf8, "items"), { name: "JsonMalformed" });
	t.true(notUtf8.isClosed);
});

test("each limit accepts its value and refuses one more", async (t) => {
	const list = (length: number) => `{"items":[1,"${"x".repeat(length - 2)}"]}`;
	t.is((await all(new Body(list(100)), "items", 100)).yielded.length, 2);
	await t.throwsAsync(all(new Body(list(101)), "items", 100), { name: "ItemTooLarge" });
	// Each element has the limit for itself, the other members have it together, with their commas.
	const many = `{"items":[${Array(50).fill('"0123456789"').join()}],"a":"${"x".repeat(93)}"}`;
	t.is((await all(new Body(many), "items", 100)).yielded.length, 50);
	await t.throwsAsync(all(new Body(many), "items", 99), { name: "MembersTooLarge" });
	await t.throwsAsync(all(new Body('{"a":"1234567","b":"1234567","items":[]}'), "items", 25), {
		name: "MembersTooLarge",
	});
	const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
	for (const text of [(inner: string) => `{"items":[${inner}]}`, (inner: string) => `{"items":[],"a":${inner}}`]) {
		await t.notThrowsAsync(all(new Body(text(deep(16))), "items"));
		await t.throwsAsync(all(new Body(text(deep(17))), "items"), { name: "JsonTooDeep" });
		await t.notThrowsAsync(all(new Body(text(`[${Array(512).fill(0).join()}]`)), "items"));
		await t.throwsAsync(all(new Body(text(`[${Array(513).fill(0).join()}]`)), "items"), { name: "JsonTooManyValues" });
	}
	const pairs = `[${Array(300).fill(0).join()}]`;
	await t.notThrowsAsync(
		all(new Body(`{"a":${pairs},"items":[${pairs},${pairs}]}`), "items"),
		"each has its own count",
	);
	await t.throwsAsync(all(new Body(`{"items":[],"a":${pairs},"b":${pairs}}`), "items"), { name: "JsonTooManyValues" });
});

test("elements are delivered before the rest of the document has arrived", async (t) => {
	const body = new Body('{"items":[1,', '2,"');
	const list = items(body, "items", 10);
	const { value: first } = await list.next();
	const { value: second } = await list.next();
	t.deepEqual([first?.leaf, second?.leaf], [1, 2]);
	t.false(body.isClosed);
	await list.return(second!);
	t.true(body.isClosed);
});

test("members of an element that are not asked for may have any size", async (t) => {
	const long = `"${'\\"}, {['.repeat(100)}"`;
	const list = `[{"long":${long},"id":1,"deep":${"[".repeat(40)}${"]".repeat(40)}}, 2, {}, [{"long":3}],
		{"i\\u0064" : {"long":4,"name":4} , "many":[${Array(1_000).fill("{}").join()}]} , "5",{"name":"n","id":null}]`;
	const yielded = [{ id: 1 }, 2, {}, [{}], { id: { name: 4 } }, "5", { name: "n", id: null }];
	const text = `{"id":1,"list":${list},"b":${long}}`;
	for (let at = 0; at <= text.length; at++) {
		const body = new Body(text.slice(0, at), text.slice(at));
		same(t, await all(body, "list", 40, undefined, ["id", "name"]), { yielded, others: { id: 1 } });
	}
	t.deepEqual((await all(new Body(list), "", 40, undefined, ["id", "name"])).yielded, yielded);
	t.deepEqual((await all(new Body('[{"id":"é"},{"id":2}]'), "", 25, undefined, [])).yielded, [{}, {}]);
	const deep = new Body('[{"id":[[[[5]]]]},{"id":[[[[[5]]]]]}]');
	t.deepEqual((await all(deep, "", 25, undefined, ["id"])).yielded, [{ id: [[[[5]]]] }, { id: [[[[undefined]]]] }]);
	for (const [text, name] of [
		['[{"id":1}{"id":2}]', "JsonMalformed"],
		['[{"id":1},]', "JsonMalformed"],
		['[{"id":1,}]', "JsonMalformed"],
		['[{"id"}]', "JsonMalformed"],
		['[{"id":1]', "JsonMalformed"],
		['[{"x":1]', "JsonMalformed"],
		['[{"x":1:2}]', "JsonMalformed"],
		['[{"id":1}', "JsonCut"],
		['[{"id":"0123456789012345678"}]', "ItemTooLarge"],
	] as const)
		await t.throwsAsync(all(new Body(text), "", 25, undefined, ["id"]), { name }, text);
});

test("members of an object that are not asked for may have any size", async (t) => {
	const text = `{"result":"${"long ".repeat(1_000)}","order_id":"a","status" : "paid", "more":{"status":["x"]}, "n":[1,2]}\n`;
	for (let at = 0; at <= text.length; at += at < 5_000 && at > 20 ? 500 : 1) {
		const body = new Body(text.slice(0, at), text.slice(at));
		t.deepEqual(await fields(body, ["status", "n", "missing"], 64), { status: "paid", n: [1, 2] });
		t.true(body.isClosed);
	}
	t.deepEqual(await fields(new Body("{}"), ["a"], 8), {});
	t.deepEqual(await fields(new Body(' { "a" : 1 } '), ["a"], 16), { a: 1 });
	t.deepEqual(await fields(new Body('{"status":"x","list":[]}'), ["list"], 10), { list: [] });
	for (const [text, name] of [
		["[]", "ListMissing"],
		['"a"', "ListMissing"],
		["", "JsonCut"],
		['{"a":1', "JsonCut"],
		['{"a":1}}', "JsonMalformed"],
		['{"a":x}', "JsonMalformed"],
		['{"b":1,}', "JsonMalformed"],
		['{"a":"0123456"}', "MembersTooLarge"],
	] as const)
		await t.throwsAsync(fields(new Body(text), ["a"], 12), { name }, text);
});

test("random documents, whole and damaged, read as by JSON.parse", async (t) => {
	const random = mulberry(20_261_121);
	let read = 0;
	for (let round = 0; round < 3_000; round++) {
		const document: Record<string, unknown> = {};
		const place = random(4);
		for (let i = 0; i < 4; i++) {
			if (i === place) document.items = Array.from({ length: random(5) }, () => value(random, 3));
			else document[`${text(random)}${i}`] = value(random, 2);
		}
		let written = JSON.stringify(document, undefined, random(3));
		if (random(2) === 0) written = damaged(written, random);
		let expected: Record<string, unknown> | undefined;
		try {
			expected = JSON.parse(written);
		} catch {}
		const bytes = new TextEncoder().encode(written);
		const cut = random(bytes.length);
		const body = () => new Body(bytes.slice(0, cut), bytes.slice(cut));
		if (expected !== undefined && Array.isArray(expected.items) && !Array.isArray(expected)) {
			const { items: yielded, ...others } = expected;
			same(t, await all(body(), "items"), { yielded, others }, written);
			read++;
		} else
			await all(body(), "items").then(
				() => t.fail(written),
				(error: unknown) => same(t, error instanceof Error, true, written),
			);
	}
	t.true(read > 1_500 && read < 3_000, `${read}`);
});

type Random = (below: number) => number;

function mulberry(seed: number): Random {
	return (below) => {
		seed = (seed + 0x6d2b79f5) | 0;
		let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
	};
}

function value(random: Random, depth: number): unknown {
	const kind = random(depth === 0 ? 5 : 7);
	if (kind === 0) return random(2) === 0;
	if (kind === 1) return null;
	if (kind === 2) return (random(2_000_000) - 1_000_000) / 1_000;
	if (kind <= 4) return text(random);
	const inner = Array.from({ length: random(4) }, () => value(random, depth - 1));
	return kind === 5 ? inner : Object.fromEntries(inner.map((one, i) => [text(random) + i, one]));
}

const characters = ['"', "\\", "[", "]", "{", "}", ",", ":", " ", "\n", "a", "0", "é", "€", "🐋", "\u0000", "\u2028"];

function text(random: Random): string {
	return Array.from({ length: random(6) }, () => characters[random(characters.length)]).join("");
}

/** One character of its structure is lost, doubled or another. */
function damaged(document: string, random: Random): string {
	const structure = [...document.matchAll(/[[\]{}",:]/g)].map(({ index }) => index);
	const at = structure[random(structure.length)]!;
	const instead = ["", document[at]!.repeat(2), '[]{}",:'[random(7)]!][random(3)]!;
	return document.slice(0, at) + instead + document.slice(at + 1);
}

test("a list is found with and without its envelope", async (t) => {
	for (const [text, yielded, others] of [
		['{"items":[1],"a":2}', [1], { a: 2 }],
		['{"a":1,"data":{"b":2,"items":[1,2],"c":{"d":3}},"e":4}', [1, 2], { a: 1, b: 2, c: { d: 3 }, e: 4 }],
		['{ "data" : { "items" : [ ] } , "e" : 4 }', [], { e: 4 }],
		['{"data":{"items":[1]}}', [1], {}],
		['{"data":{},"items":[1],"e":4}', [1], { e: 4 }],
		['{"data":{"items":[1],"data":5}}', [1], { data: 5 }],
		['{"data":{"items":[1]},"items":[2]}', "ListMissing", {}],
		['{"data":{"a":1}}', "ListMissing", {}],
		['{"data":null}', "ListMissing", {}],
		['{"data":{"items":[1]}', "JsonCut", {}],
		['{"data":{"items":[1],}}', "JsonMalformed", {}],
		['{"data":{"items":[1]}}}', "JsonMalformed", {}],
	] as const) {
		for (let at = 0; at <= text.length; at++) {
			const body = new Body(text.slice(0, at), text.slice(at));
			if (typeof yielded === "string") await t.throwsAsync(all(body, "items", 64, "data"), { name: yielded }, text);
			else same(t, await all(body, "items", 64, "data"), { yielded: [...yielded], others: { ...others } }, text);
		}
	}
});
