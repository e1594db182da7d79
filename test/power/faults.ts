/**
 * Faults against a power cut, put back one at a time: the campaign has to find each. An edit whose text is no longer in the
 * source fails: write the fault anew for the code as it is.
 */
import type { Edit } from "../support/compile.js";

export interface Fault {
	/** The beginning of the names of scenarios, one of which finds it. */
	readonly scenario: string;
	readonly edits: readonly Edit[];
}

export const FAULTS: Readonly<Record<string, Fault>> = {
	"sends a payment before its intent is durable": {
		scenario: "v2",
		edits: [
			{
				file: "src/wallet/ledger.ts",
				from: "this.#write(slot, whole);",
				to: "this.#sums.slots[slot] = summaryOf(whole, this.#sums.slots);",
			},
			{
				file: "src/wallet/ledger.ts",
				from: "this.#write(slot, next);\n\t\tconst isMore",
				to: "this.#sums.slots[slot] = summaryOf(next, this.#sums.slots);\n\t\tconst isMore",
			},
			{
				file: "src/wallet/ledger.ts",
				from: 'if (next.state === "authorized") this.#confirm(',
				to: 'if (next.state === "delivered") this.#confirm(',
			},
		],
	},
	"forgets the nonce when it resumes": {
		scenario: "v2",
		edits: [
			{
				file: "src/wallet/purchase.ts",
				from: "return this.#payment(record, known, this.#sign(record, known), true);",
				to: `const fresh = { ...record, nonce: new Uint8Array(record.nonce.length) };
			this.#deps.random(fresh.nonce);
			return this.#payment(fresh, known, this.#sign(fresh, known), true);`,
			},
		],
	},
	"counts what was spent once it has ended": {
		scenario: "v2",
		edits: [
			{
				file: "src/wallet/ledger_sums.ts",
				from: 'if (entry.sequence === except || entry.state === "expired") continue;',
				to: 'if (entry.sequence === except || entry.state === "expired" || entry.state === "authorized") continue;',
			},
		],
	},
	"deletes a record before it writes its end": {
		scenario: "v2",
		edits: [
			{
				file: "src/wallet/ledger_flash.ts",
				from: "this.#store(keyOf(slot), bytes);",
				to: "this.#storage.delete(keyOf(slot));\n\t\tthis.#store(keyOf(slot), bytes);",
			},
		],
	},
	"makes a new key when the old one cannot be read": {
		scenario: "decay",
		edits: [
			{
				file: "src/console/key_ring.ts",
				from: "if (lost !== undefined) throw unreadable(slot, lost);\n\t\t}",
				to: "}",
			},
			{
				file: "src/console/key_ring.ts",
				from: "if (lost !== undefined) throw unreadable(slot, lost);\n\t\tthis.#change",
				to: "this.#change",
			},
		],
	},
	"does not resume what has left": {
		scenario: "v2",
		edits: [
			{
				file: "src/agent/agent.ts",
				from: "if (plan !== undefined && reason === undefined) return await this.#run(plan, record.period, record);",
				to: "",
			},
		],
	},
	"buys again in the period of a purchase whose end nobody knows": {
		scenario: "v2",
		edits: [
			{
				file: "src/wallet/ledger_sums.ts",
				from: 'if (entry.plan === plan && entry.state !== "expired") last',
				to: 'if (entry.plan === plan && entry.state === "delivered") last',
			},
		],
	},
	"closes what has left as if it had not": {
		scenario: "policy: lower cap",
		edits: [
			{
				file: "src/wallet/life_cycle.ts",
				from: 'const state = isUnspent ? "expired" : "unknown";',
				to: 'void isUnspent;\n\t\tconst state = "expired";',
			},
		],
	},
	"keeps one copy of the sums": {
		scenario: "decay, full ring",
		edits: [
			{
				file: "src/wallet/ledger_flash.ts",
				from: "for (const key of TOTALS) this.#store(key, bytes);",
				to: "this.#store(TOTALS[0]!, bytes);",
			},
		],
	},
	"believes that a head is there because one of two was written": {
		scenario: "decay",
		edits: [
			{
				file: "src/wallet/ledger_flash.ts",
				from: "for (const key of HEADS) {\n\t\t\tconst fields",
				to: "for (const key of HEADS.slice(0, 1)) {\n\t\t\tconst fields",
			},
		],
	},
	"asks Pactum for a deposit again after a restart": {
		scenario: "pactum, escrow",
		edits: [
			{
				file: "src/markets/pactum/purchase.ts",
				from: "return this.#followUnproven(progress);\n\t\t\tcase",
				to: 'return this.#byEscrow("escrow");\n\t\t\tcase',
			},
		],
	},
	"sends a payment that an earlier firmware had sent in another way": {
		scenario: "format 1, node, authorized",
		edits: [
			{
				file: "src/x402/payment_payload.ts",
				from: 'resource === "" ? undefined : utf8Of(resource)',
				to: "undefined",
			},
		],
	},
	"does not count a payment that brought nothing when the power failed as it ended": {
		scenario: "brake",
		edits: [
			{
				file: "src/agent/brake.ts",
				from: "for (const record of ended) if (this.#count(record)) isChanged = true;",
				to: "void ended;",
			},
		],
	},
};
