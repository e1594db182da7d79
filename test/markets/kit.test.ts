/** What the markets' clients are built from: when a request is made again, and the bounds of walks and polls. */
import test from "ava";
import { HttpError } from "../../src/http/errors.js";
import { ask, type Repeat } from "../../src/markets/kit/ask.js";
import { MarketError } from "../../src/markets/kit/errors.js";
import { walk, walkBySkip } from "../../src/markets/kit/pages.js";
import { poll } from "../../src/markets/kit/poll.js";
import { interrupted } from "../../src/markets/kit/progress.js";
import { plainWords, rowFor } from "../../src/markets/kit/refusals.js";
import type { AccountCharge } from "../../src/wallet/account_charge.js";

/** Clocks that a test moves; waits take no time and move them. */
function device() {
	const waits: number[] = [];
	let now = 5_000;
	return {
		waits,
		pass: (milliseconds: number) => {
			now += milliseconds;
		},
		timer: {
			set: (callback: () => void, milliseconds: number) => {
				waits.push(milliseconds);
				now += milliseconds;
				return setImmediate(callback);
			},
			clear: () => {},
		},
		clock: { wall: () => undefined, monotonic: () => now },
	};
}

const unsent = () => new HttpError("ConnectFailed", "not there");
const lost = () => Object.assign(new HttpError("BodyCut", "cut"), { sent: true });
const refused = (name: string, afterMs?: number) => () => new MarketError(name, "no", afterMs);

const REPEATS: readonly [title: string, error: () => Error, attempts: Readonly<Record<Repeat, number>>][] = [
	["no byte has left", unsent, { always: 4, "when refused": 4, never: 4 }],
	["the answer was lost", lost, { always: 4, "when refused": 1, never: 1 }],
	["429", refused("RateLimited", 7), { always: 4, "when refused": 4, never: 1 }],
	["429 that is not waited for", refused("RateLimited"), { always: 1, "when refused": 1, never: 1 }],
	["503", refused("Unavailable", 7), { always: 4, "when refused": 1, never: 1 }],
	["a refusal", refused("NotFound"), { always: 1, "when refused": 1, never: 1 }],
	["an error of the device", () => new TypeError("x"), { always: 1, "when refused": 1, never: 1 }],
];

for (const [title, error, attempts] of REPEATS) {
	for (const repeat of ["always", "when refused", "never"] as const) {
		test(`${title}: a request that is repeated ${repeat} is made ${attempts[repeat]} times`, async (t) => {
			const { timer } = device();
			let made = 0;
			await t.throwsAsync(
				ask(timer, repeat, async () => {
					made++;
					throw error();
				}),
			);
			t.is(made, attempts[repeat]);
		});
	}
}

test("a request is made again until it succeeds, each wait twice the one before, or as the market says", async (t) => {
	const { timer, waits } = device();
	const errors = [unsent(), new MarketError("RateLimited", "later", 7_000), lost()];
	const result = await ask(timer, "always", async () => {
		const error = errors.shift();
		if (error !== undefined) throw error;
		return "done";
	});
	t.is(result, "done");
	t.deepEqual(waits, [500, 7_000, 2_000]);
});

async function count(list: AsyncGenerator<number, void>): Promise<number> {
	let seen = 0;
	for await (const _ of list) seen++;
	return seen;
}

test("a list whose pages never end is left", async (t) => {
	const { clock, pass } = device();
	let pages = 0;
	const endless = (milliseconds: number) =>
		walk(clock, 1, async function* (page: number): AsyncGenerator<number, number, void> {
			pages++;
			pass(milliseconds);
			yield page;
			return page + 1;
		});
	await t.throwsAsync(count(endless(0)), { name: "PagesEndless" });
	t.is(pages, 100);
	pages = 0;
	await t.throwsAsync(count(endless(50_000)), { name: "PagesEndless" });
	t.is(pages, 3, "begun within two minutes");
	const full = walkBySkip(clock, 2, async function* () {
		yield* [1, 2];
	});
	await t.throwsAsync(count(full), { name: "PagesEndless" });
});

test("pages by offset end with the first that is not full", async (t) => {
	const { clock } = device();
	const skips: number[] = [];
	const list = walkBySkip(
		clock,
		2,
		async function* (skip) {
			skips.push(skip);
			for (let i = skip; i < Math.min(7, skip + 2); i++) yield i;
		},
		3,
	);
	t.is(await count(list), 4);
	t.deepEqual(skips, [3, 5, 7]);
});

test("a poll ends by its number of requests or by its time, which includes theirs", async (t) => {
	const ends = async (times: object, lookMs: number) => {
		const { waits, pass, ...deps } = device();
		let looks = 0;
		const seen = await poll(deps, { firstMs: 1_000, longestMs: 30_000, ...times }, async () => {
			looks++;
			pass(lookMs);
			return undefined;
		});
		t.is(seen, undefined);
		return looks;
	};
	t.is(await ends({ looks: 6 }, 0), 6);
	t.is(await ends({ looks: 6, forMs: 100_000 }, 60_000), 2);
	t.is(await ends({ forMs: 3_000 }, 0), 3);
	t.true((await ends({}, 240_000)) <= 3, "ten minutes at most");
	const { waits, pass: _, ...deps } = device();
	t.is(await poll(deps, { firstMs: 1, longestMs: 4 }, async () => (waits.length === 4 ? "seen" : undefined)), "seen");
	t.deepEqual(waits, [1, 2, 4, 4]);
});

test("the first row of a table that meets all of its conditions names the refusal", (t) => {
	const rows = [
		{ status: 401, on: "token", name: "TokenRefused", advice: "" },
		{ status: 400, word: "quota", name: "QuotaExceeded", advice: "" },
		{ code: "rate_limit", name: "RateLimited", advice: "" },
		{ status: 400, name: "RequestRefused", advice: "" },
	];
	const name = (refused: Parameters<typeof rowFor>[1]) => rowFor(rows, refused)?.name;
	t.is(name({ status: 401, on: ["token"] }), "TokenRefused");
	t.is(name({ status: 401 }), undefined);
	t.is(name({ status: 400, words: "QUOTA_EXCEEDED" }), "QuotaExceeded");
	t.is(name({ status: 400, code: "RATE_LIMIT" }), "RateLimited");
	t.is(name({ status: 400 }), "RequestRefused");
});

test("a market's message is repeated in ASCII, shortened, and without secrets", (t) => {
	t.is(plainWords("a \u001b[2J secret-1 b", ["secret-1", ""], 40), "a  [2J … b");
	t.is(plainWords("x".repeat(100), [], 40).length, 40);
});

test("a purchase is resumed only if something of it may have left", (t) => {
	const abandoned: string[] = [];
	const account = (state: string | undefined, progress?: Uint8Array) =>
		({
			record: state && { state },
			progress,
			abandon: (reason: string) => abandoned.push(reason),
		}) as unknown as AccountCharge;
	t.is(interrupted(account(undefined)), undefined);
	t.is(interrupted(account("delivered")), undefined);
	t.deepEqual(abandoned, []);
	t.is(interrupted(account("intended")), undefined);
	t.deepEqual(abandoned, ["expired"]);
	t.deepEqual(interrupted(account("authorized", Uint8Array.of(0x82, 0x01, 0x02))), [1, 2]);
	for (const unreadable of [undefined, Uint8Array.of(0x01), Uint8Array.of(0x82), new Uint8Array(0)]) {
		t.deepEqual(interrupted(account("authorized", unreadable)), []);
	}
});
