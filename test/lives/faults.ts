/**
 * Faults that a hostile reading once found, put back one at a time: the random lives have to find each. An edit whose text is
 * no longer in the source fails: write the fault anew for the code as it is.
 */
import type { Edit } from "../support/compile.js";

export const FAULTS: Readonly<Record<string, readonly Edit[]>> = {
	"what flash has lost is not missed": [
		{
			file: "src/wallet/ledger_flash.ts",
			from: "const damage = missing.length > 0 || isNewestUnknown ? { missing, unreadable } : undefined;",
			to: "const damage = undefined;",
		},
	],
	"AgentPMT's call is asked again when the market says that its id was used": [
		{
			file: "src/markets/agentpmt/invocation.ts",
			from: "if (isSuccess(response)) return this.#serve(progress, response);",
			to: `if (response.status === 409) response = await this.#send({ ...progress, requestId: this.#api.newRequestId() });
				if (isSuccess(response)) return this.#serve(progress, response);`,
		},
	],
	"Pact's call is asked again when the market says that it failed": [
		{
			file: "src/markets/pact/call.ts",
			from: "return this.#close(await this.#answered(response, isInsured));",
			to: `if (response.status >= 500) response = await this.#send(request, isInsured);
				return this.#close(await this.#answered(response, isInsured));`,
		},
	],
	"Pactum's order by credit is repeated": [
		{
			file: "src/markets/pactum/purchase.ts",
			from: 'const repeat = method === "credit" ? "never" : "always";',
			to: 'const repeat = "always";',
		},
	],
	"a prepayment is replaced under another rule, and counts there alone": [
		{
			file: "src/wallet/purchase.ts",
			from: "const own = this.#deps.rules.filter(({ name }) => name === record.rule);",
			to: "const own = this.#deps.rules;",
		},
		{
			file: "src/wallet/purchase.ts",
			from: "const changes = { amount, cost: amount, count, validBefore, payTo, intent };",
			to: "const changes = { rule: rule.name, amount, cost: amount, count, validBefore, payTo, intent };",
		},
	],
	"a market's word lowers what an account has spent in its life": [
		{ file: "src/wallet/life_cycle.ts", from: "amount: isMore ? cost : amount,", to: "amount: cost ?? amount," },
	],
	"what a seller says that it refused is given back": [
		{
			file: "src/wallet/ledger_sums.ts",
			from: 'if (entry.sequence === except || entry.state === "expired") continue;',
			to: 'if (entry.sequence === except || entry.state === "expired" || entry.state === "refused") continue;',
		},
	],
	"a payment is resumed however long its signature is spendable": [
		{
			file: "src/wallet/purchase.ts",
			from: "if (seconds > validity(requirements, rule) + margin) {",
			to: "if (false) {",
		},
	],
	"a payment is resumed whatever the caps are now": [
		{
			file: "src/wallet/life_cycle.ts",
			from: "checkCaps(rule, this.spending(rule), record.amount, cap, record.count);",
			to: "void cap;",
		},
	],
	"a rule in front of the one that allowed a payment loses it": [
		{
			file: "src/wallet/policy.ts",
			from: "const rule = rules.find((each) => each.name === name);",
			to: "const rule = [ruleFor(rules, seller, asked)].find((each) => each.name === name);",
		},
	],
	"a rule that is renamed begins anew": [
		{
			file: "src/wallet/ledger_sums.ts",
			from: "if (entry.rule !== rule.name && !isHeir) continue;",
			to: "void isHeir;\n\t\t\tif (entry.rule !== rule.name) continue;",
		},
	],
	"Pactum's deposit is asked again": [
		{
			file: "src/markets/pactum/purchase.ts",
			from: 'host: "wallet",\n\t\t\tauth: "key",\n\t\t\trepeat: "never"',
			to: 'host: "wallet", auth: "key", repeat: "always"',
		},
	],
	"settings that flash has lost are not missed": [
		{
			file: "src/console/settings.ts",
			from: "return index.digestIn(key) === index.digestOf(read(this.#storage, key));",
			to: "void index; void key; return true;",
		},
		{
			file: "src/console/settings.ts",
			from: "if (value === undefined && change === undefined && this.#isSet(index, key)) throw this.#damaged(index, key);",
			to: "",
		},
	],
	"a pause is in one copy of the index alone": [
		{
			file: "src/console/settings.ts",
			from: "index.isPaused = isPaused;\n\t\tindex.writeTwice();",
			to: "index.isPaused = isPaused;\n\t\tindex.write();",
		},
		{ file: "src/console/settings_index.ts", from: "if (!this.#isTwice) this.writeTwice();", to: "" },
	],
	"a pause is not heard while a seller is asked": [
		{ file: "src/wallet/life_cycle.ts", from: "if (this.#deps.mayBegin.isPaused()) {", to: "if (false) {" },
	],
	"a key that is gone is replaced by another": [
		{
			file: "src/console/key_ring.ts",
			from: "const lost = this.#lostIn(index, slot);\n\t\t\tif (lost !== undefined) throw unreadable(slot, lost);",
			to: 'if (this.#lostIn(index, slot) !== undefined) this.#keys.create(slot, "secp256k1");',
		},
	],
	"a rule whose asset changes begins anew": [
		{
			file: "src/wallet/ledger_sums.ts",
			from: "if (entry.rule !== rule.name && !isHeir) continue;",
			to: "if (entry.rule === rule.name ? entry.ruleIdentity !== identity : !isHeir) continue;",
		},
	],
};
