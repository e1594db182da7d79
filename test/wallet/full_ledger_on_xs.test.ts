/**
 * A device that has bought for years, in a device's memory: eight rules with every bucket of their windows in use, sixteen
 * plans, a ring that fills up. The demonstration's day goes as on a new device, and so does the next, which folds the ring.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import * as uint256 from "../../modules/encoding/uint256.js";
import { hashes } from "../../modules/signer/portable.js";
import { appendChecksum } from "../../src/wallet/checksum.js";
import { idOf, ruleIdentity } from "../../src/wallet/rule_identity.js";
import { Totals } from "../../src/wallet/totals.js";
import { startDemonstration } from "../../tools/demonstration/demonstration.js";
import { type FirmwareEvent, runFirmware } from "../../tools/firmware.js";
import { Heard } from "../../tools/world/secret_log.js";
import { record } from "./ledger_rig.js";

interface Configured {
	readonly assets: readonly { readonly id: string; readonly network: string; readonly address: string }[];
	readonly rules: readonly { readonly name: string; readonly origin: string; readonly asset: string }[];
	readonly plans: readonly { readonly name: string }[];
}

/** The sums of years: of each rule ten buckets, all before its present window. */
function yearsOf({ assets, rules, plans }: Configured, now: number): Uint8Array {
	const totals = new Totals();
	const amount = uint256.fromDecimal("1000000");
	for (const { name, origin, asset } of rules) {
		const { network, address } = assets.find(({ id }) => id === asset)!;
		const token = { network, address: address.toLowerCase() };
		for (let i = 0; i < 10; i++) {
			const time = now - 400_000 + 11_000 * i;
			const fields = { network, asset: token.address, amount, time, state: "delivered", sequence: 100 } as const;
			const identity = ruleIdentity(hashes, { origin, asset: token as never });
			const ids = { rule: idOf(hashes, name), plan: idOf(hashes, `${plans[i]!.name}, before`) };
			totals.fold(record({ ...fields, ruleIdentity: identity }), ids, amount, 86_400);
		}
	}
	return appendChecksum(hashes, totals.encode(4_000)!);
}

test("with a full ledger a device's day ends as on a new device, within its memory", async (t) => {
	const demonstration = await startDemonstration();
	t.teardown(() => demonstration.stop());
	const { flash, empty, fund } = demonstration;
	const run = async (configuration: string) => {
		const events: FirmwareEvent[] = new Heard();
		const onEvent = (event: FirmwareEvent) => events.push(event);
		const { exitCode, reason, heap } = await runFirmware({
			engine: "xs",
			flash,
			configuration,
			onEvent,
			timeout: 120_000,
		});
		t.is(exitCode, 0, reason);
		t.log(`peak ${heap?.peak} of ${heap?.limit} bytes`);
		return events;
	};
	const boot = await run(empty);
	const address = boot.find(({ event }) => event === "start")?.address;
	await fund(String(address), String(boot.find(({ event }) => event === "account")?.agent));
	const configured = JSON.parse(demonstration.configuration);
	// For life it has spent ten million by each rule before this day.
	const rules = configured.rules.map((rule: object) => ({ ...rule, maxForLife: "1000000000" }));
	const text = (plans: readonly object[]) => JSON.stringify({ ...configured, rules, plans });
	const bytes = yearsOf(configured, Math.floor(Date.now() / 1_000));
	t.true(bytes.length > 2_000, `${bytes.length} bytes`);
	for (const key of ["totals", "totals.b"]) writeFileSync(path.join(flash, `kv.${key}`), bytes);
	const states = (events: readonly FirmwareEvent[]) =>
		events.filter(({ event }) => event === "purchase").map(({ state }) => state);
	const day = states(await run(text(configured.plans)));
	t.is(day.length, 16);
	t.is(day.filter((state) => state === "delivered").length, 13);
	const next = configured.plans
		.slice(0, 6)
		.map((plan: { name: string }) => ({ ...plan, name: `again ${plan.name.slice(0, 20)}` }));
	t.deepEqual(states(await run(text(next))), day.slice(0, 6));
});
