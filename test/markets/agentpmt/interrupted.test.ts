/** AgentPMT's client: the power cut at everything it does; what is paid the market's books and the chain say. */
import test from "ava";
import { chain } from "./kit.js";
import { open, AgentPmtRig as Rig } from "./rig.js";

interface CutCase {
	readonly offer: string;
	readonly input: string;
	/** Prepares a fresh device. */
	fund(rig: Rig, wallet: `0x${string}`): Promise<void>;
	/** What the market or the chain has taken of it. */
	paid(rig: Rig, wallet: `0x${string}`): Promise<bigint>;
	readonly price: bigint;
	/** At how many of the cuts nobody can know whether the result was, or will be, had. */
	readonly unknown: number;
}

const dollarsOf = async (wallet: `0x${string}`): Promise<bigint> =>
	(await chain.transfers(wallet)).reduce((sum, { value }) => sum + value, 0n);
const fundDollars = (_: Rig, wallet: `0x${string}`) => chain.mint(wallet, 100_000_000n);

const cuts: Readonly<Record<string, CutCase>> = {
	"a call out of the balance": {
		offer: "demo-tool/do-it",
		input: '{"a":1}',
		fund: async (rig, wallet) => void rig.local.credits.add(wallet, 100),
		paid: async (rig, wallet) => BigInt(rig.charged(wallet)),
		price: 10n,
		// From the moment that the call may leave until flash knows of its result: it is not made again.
		unknown: 14,
	},
	"credits in the suggested pack": {
		offer: "credits:700",
		input: "",
		fund: fundDollars,
		paid: (_, wallet) => dollarsOf(wallet),
		price: 10_000_000n,
		unknown: 0,
	},
	"a call paid on the spot": {
		offer: "x402:demo-tool/do-it",
		input: '{"a":1}',
		fund: fundDollars,
		paid: (_, wallet) => dollarsOf(wallet),
		price: 100_000n,
		// From the moment that the payment is settled until flash knows: the market says of its repeat that the nonce is used.
		unknown: 6,
	},
};

for (const [title, { offer, input, fund, paid, price, unknown }] of Object.entries(cuts)) {
	test(`${title}, interrupted at every operation, is paid for once at most`, async (t) => {
		const { local } = await open(t, chain);
		const whole = new Rig(chain, local);
		const first = whole.boot();
		await fund(whole, first.market.wallet as `0x${string}`);
		t.like(await first.buy(offer, input), { state: "delivered" });
		const ends: Record<string, number> = {};
		for (let at = 1; at <= first.power.operations; at++) {
			for (const side of ["before", "after"] as const) {
				const rig = new Rig(chain, local);
				const wallet = rig.boot().market.wallet as `0x${string}`;
				await fund(rig, wallet);
				const cut = rig.boot({ cut: { at, side } });
				await cut.run((boot) => boot.buy(offer, input));
				await rig.settled();
				const where = `${title}, cut ${side} ${at}`;
				// Switched on again: what is open is gone on with, what was never begun is bought now.
				const isEnded = rig.record() !== undefined && !rig.isOpen();
				const again = rig.boot();
				const ended = isEnded ? undefined : await again.buy(offer, input);
				const word = ended === undefined ? "ended before" : `${ended.state} ${ended.outcome}`;
				ends[word] = (ends[word] ?? 0) + 1;
				const taken = await paid(rig, wallet);
				t.true(taken === price || (taken === 0n && ended?.state === "unknown"), `${where}: ${word}, ${taken} taken`);
				const counted = Object.values(rig.spentBy())[0]!;
				t.true(counted >= taken, `${where}: ${word}, ${counted} counted, ${taken} taken`);
				t.false(rig.isOpen(), where);
				t.is(rig.record()!.progress.length, 0);
				rig.isSilent(t);
				again.off();
			}
		}
		t.log(ends);
		t.is((ends["delivered paid"] ?? 0) + (ends["ended before"] ?? 0), 2 * first.power.operations - unknown);
	});
}
