/** Settings that older firmware wrote to flash keep the meaning that they had there, and are refused when they are set anew. */
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { readConfiguration } from "../../src/configuration/configuration.js";
import { Settings } from "../../src/console/settings.js";
import { type Owner, plan, provisioned, rule } from "./owner.js";

const unit = { id: "premium", network: "account:pact", address: "usdc", symbol: "USDC", decimals: 6 };
const premium = { ...rule, name: "premium", asset: "premium" };
const mixed = { ...plan, name: "mixed", offer: "ignored", input: {} };
const atMarket = {
	name: "at market",
	market: "pact",
	offer: "quote",
	maxAmount: "5",
	url: "https://ignored.example",
	headers: {},
};

test("a rule for an account without methods, and plans for a seller and a market at once, stay what they were", async (t) => {
	const owner = await provisioned();
	const settings = new Settings(owner.flash, hashes, ["pact"]);
	settings.commit({ key: "c.m.pact", value: { betaKey: "pact_beta_x" } });
	for (const [kind, value] of [
		["assets", unit],
		["rules", premium],
		["plans", mixed],
		["plans", atMarket],
	] as const) {
		settings.commit(settings.changeTo(kind, value));
	}
	const { rules, plans } = readConfiguration(settings.source(), hashes);
	t.deepEqual(rules.find(({ name }) => name === "premium")?.methods, ["eip3009"]);
	t.like(plans.find(({ name }) => name === "mixed")?.buys, { url: plan.url, method: "POST" });
	t.deepEqual(plans.find(({ name }) => name === "at market")?.buys, { market: "pact", offer: "quote", input: "" });
	// What is shown is what was set.
	t.deepEqual(settings.find("rules", "premium").value, premium);
	t.deepEqual(settings.find("plans", "mixed").value, mixed);
});

test("the same are refused when they are set", async (t) => {
	const owner: Owner = await provisioned();
	for (const value of [mixed, atMarket]) {
		t.like(await owner.say(`plan set ${JSON.stringify(value)}`), { ok: false, error: "ConfigurationInvalid" });
	}
});
