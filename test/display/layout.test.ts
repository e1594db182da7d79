/** Layouts on each screen, for states and fonts of all kinds: every box is on the screen and overlaps no other, every text fits its box. */
import test from "ava";
import { ABOVE, AFTER, BEFORE, BELOW, type Box, type Item, type Measure } from "../../modules/display/items.js";
import { layout, type Screen } from "../../modules/display/layout.js";
import { SAMPLE } from "../../modules/display/sample/state.js";
import type { DisplayState } from "../../src/device/display.js";
import { allStates, everyLetter, SCREENS } from "./states.js";

const textsOf = (items: readonly Item[]) => items.flatMap((item) => (item.kind === "text" ? [item.text] : []));

function overlap(a: Box, b: Box): boolean {
	return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function* faults(items: readonly Item[], { width, height }: Screen, measure: Measure): Iterable<string> {
	for (const [index, item] of items.entries()) {
		const what = `${item.kind} ${item.kind === "fill" ? item.ink : item.text} at ${item.x}, ${item.y}`;
		const isOn = item.x >= 0 && item.y >= 0 && item.x + item.width <= width && item.y + item.height <= height;
		if (!isOn || item.width < 1 || item.height < 1) yield `off the screen: ${what}`;
		if (![item.x, item.y, item.width, item.height].every(Number.isInteger)) yield `no pixels: ${what}`;
		if (item.kind === "code" && item.width !== (item.modules + 8) * item.scale) yield `no quiet zone: ${what}`;
		if (item.kind === "text" && !/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(item.text)) yield `no glyphs: ${what}`;
		if (item.kind === "text") {
			const isRoomy = item.width === BEFORE + measure(item.text, item.style) + AFTER;
			if (!isRoomy || item.height !== ABOVE[item.style] + BELOW[item.style]) yield `no room for its text: ${what}`;
		}
		const over = items.slice(index + 1).find((other) => overlap(item, other));
		if (over) yield `${what} lies over one at ${over.x}, ${over.y}`;
	}
}

for (const screen of SCREENS) {
	for (const letter of [4, 9, 15]) {
		test(`${screen.width} x ${screen.height}, letters ${letter} pixels wide: no box overlaps another or leaves the screen`, (t) => {
			const measure = everyLetter(letter);
			for (const state of allStates()) {
				const items = layout(state, screen, measure);
				for (const fault of faults(items, screen, measure)) t.fail(`${fault} in ${JSON.stringify(state)}`);
			}
			t.pass();
		});
	}

	test(`${screen.width} x ${screen.height}: payee, pause, time and error are shown in every state`, (t) => {
		for (const state of allStates()) {
			const items = layout(state, screen, everyLetter(9));
			const texts = textsOf(items).join("\n");
			const code = items.find((item) => item.kind === "code");
			const payee = state.checkout ?? state.address;
			if (code) t.is(code.text, payee);
			else if (payee === "") t.true(texts.includes("No key yet"));
			else t.true(payee.length > 250 && texts.includes("Too long"), `no code: ${payee}`);
			t.is(texts.includes("Pay here"), state.checkout !== undefined);
			t.is(texts.includes("Top up"), state.checkout === undefined && state.address !== "");
			t.is(texts.includes("Paused"), state.isPaused);
			t.is(/14:32 UTC/.test(texts), state.wall !== undefined);
			t.is(/Clock not set|No clock/.test(texts), state.wall === undefined);
			if (state.error) t.true(texts.includes(state.error.name.slice(0, 10)));
			t.is(
				items.some((item) => item.kind === "fill" && item.ink === "alarm"),
				state.error !== undefined,
			);
		}
	});
}

test("the sample state is laid out as these texts on 320 x 240", (t) => {
	t.deepEqual(textsOf(layout(SAMPLE, SCREENS[0], everyLetter(8))), [
		"Wi-Fi connected",
		"21 Nov, 14:32 UTC",
		"Top up",
		"0xfEf8b108e858",
		"5055dB6313CDa5",
		"83b3DdbB33cBE3",
		"0.01 USDC",
		"delivered",
		"14:30",
		"Last purchase",
		"temperature",
		"Spent",
		"1.43",
		"USDC",
		"of 5 allowed",
	]);
});

test("each part of the state has its text", (t) => {
	const table: readonly (readonly [Partial<DisplayState>, string])[] = [
		[{ address: "" }, "No key yet:"],
		[{ network: undefined }, "Micropayer"],
		[{ network: "unset" }, "Wi-Fi not set"],
		[{ network: "connecting" }, "Wi-Fi connecting"],
		[{ wall: undefined }, "Clock not set"],
		[{ isPaused: true }, "Paused"],
		[{ spent: [] }, "Nothing spent yet"],
		[{ spent: [SAMPLE.spent[0]!, { symbol: "credit", decimals: 0, amount: "3", allowed: "50" }] }, "3 of 50 credit"],
		[{ last: undefined }, "Nothing bought yet"],
		[{ last: { ...SAMPLE.last!, at: SAMPLE.wall! - 86_400_000 } }, "20 Nov"],
		[{ last: { ...SAMPLE.last!, plan: "météo" } }, "m?t?o"],
		[{ checkout: "https://pay.example/c/1" }, "pay.example"],
		[{ checkout: "https://bank.example@pay.example/" }, "pay.example"],
		[{ checkout: "https://a.long.name.that.is.not.whole.pay.example/" }, "...pay.example"],
		[{ error: { name: "OverWindowCap", message: "short" } }, "OverWindowCap"],
		[{ error: { name: "OverWindowCap", message: "two\nlines" } }, "two lines"],
	];
	for (const [fact, text] of table) {
		const texts = textsOf(layout({ ...SAMPLE, ...fact }, SCREENS[0], everyLetter(8)));
		t.true(texts.includes(text), `${text}: ${texts.join(" | ")}`);
	}
});

test("the bar's length is the share of the allowance that was spent", (t) => {
	const bars = (amount: string, allowed: string) =>
		layout({ ...SAMPLE, spent: [{ ...SAMPLE.spent[0]!, amount, allowed }] }, SCREENS[0], everyLetter(8))
			.filter((item) => item.kind === "fill" && item.height === 5)
			.map((item) => (item.kind === "fill" ? [item.ink, item.width] : []));
	t.deepEqual(bars("0", "100"), [["line", 159]]);
	t.deepEqual(bars("50", "100"), [
		["accent", 79],
		["line", 80],
	]);
	t.deepEqual(bars("100", "100"), [["warning", 159]]);
});
