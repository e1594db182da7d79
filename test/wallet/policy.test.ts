/** The policy: what each rule refuses and by which name; caps at their exact bounds. */
import test from "ava";
import * as uint256 from "../../modules/encoding/uint256.js";
import { PolicyError } from "../../src/wallet/errors.js";
import { checkCaps, ruleFor, type Seller, type Spending } from "../../src/wallet/policy.js";
import type { Rule } from "../../src/wallet/rule.js";
import { readRequirementsText } from "../../src/x402/payment_required.js";
import type { PaymentRequirements } from "../../src/x402/payment_requirements.js";
import { entry as entryFields, PAY_TO, USDC } from "../agent/fake_seller.js";

const amount = (value: bigint | number): Uint8Array => uint256.fromDecimal(String(value));
const MAX = 2n ** 256n - 1n;

const asset = { network: "eip155:84532", address: USDC, name: "USDC", version: "2", symbol: "USDC", decimals: 6 };
const base: Rule = {
	name: "rule",
	origin: "https://seller.test",
	asset,
	methods: ["eip3009"],
	payTo: [PAY_TO],
	resource: "/",
	maxPerPayment: "100",
	maxPerWindow: "300",
	maxForLife: "1000",
	maxCountPerWindow: 5,
	windowSeconds: 60,
	maxValiditySeconds: 60,
	prepay: false,
};
const here: Seller = { origin: "https://seller.test", path: "/a/b" };
const entry = (fields: object = {}): PaymentRequirements =>
	readRequirementsText(JSON.stringify(entryFields(fields)), 2);

interface Case {
	readonly rules?: readonly Partial<Rule>[];
	readonly seller?: Partial<Seller>;
	readonly entry?: object;
	/** The name of the refusal, or of the rule. */
	readonly gives: string;
}

const extra = { name: "USDC", version: "2" };
const cases: Readonly<Record<string, Case>> = {
	"the rule fits": { gives: "rule" },
	"no rules": { rules: [], gives: "NoRule" },
	"another origin": { seller: { origin: "https://other.test" }, gives: "NoRule" },
	"without TLS": { seller: { origin: "http://seller.test" }, gives: "NoRule" },
	"another port": { seller: { origin: "https://seller.test:444" }, gives: "NoRule" },
	"another chain": { entry: { network: "eip155:8453" }, gives: "NoRule" },
	"another token": { entry: { asset: `0x${"22".repeat(20)}` }, gives: "NoRule" },
	"the token in capitals": { entry: { asset: `0x${USDC.slice(2).toUpperCase()}` }, gives: "rule" },
	"another receiver": { entry: { payTo: `0x${"11".repeat(20)}` }, gives: "PayToNotPinned" },
	"the receiver in capitals": { entry: { payTo: `0x${PAY_TO.slice(2).toUpperCase()}` }, gives: "rule" },
	"one of several receivers": { rules: [{ payTo: [`0x${"11".repeat(20)}`, PAY_TO] }], gives: "rule" },
	"any receiver": { rules: [{ payTo: [] }], entry: { payTo: `0x${"11".repeat(20)}` }, gives: "rule" },
	"another method": { entry: { extra: { ...extra, assetTransferMethod: "permit2" } }, gives: "MethodNotAllowed" },
	"both methods": {
		rules: [{ methods: ["eip3009", "permit2"] }],
		entry: { extra: { assetTransferMethod: "permit2" } },
		gives: "rule",
	},
	"no method": { rules: [{ methods: [] }], gives: "MethodNotAllowed" },
	"another name": { entry: { extra: { ...extra, name: "USD Coin" } }, gives: "DomainMismatch" },
	"another version": { entry: { extra: { ...extra, version: "1" } }, gives: "DomainMismatch" },
	"the exact path": { rules: [{ resource: "/a/b" }], gives: "rule" },
	"a path below it": { rules: [{ resource: "/a" }], gives: "ResourceNotAllowed" },
	"a path that only begins like it": {
		rules: [{ resource: "/a/" }],
		seller: { path: "/ab" },
		gives: "ResourceNotAllowed",
	},
	"a path below a folder": { rules: [{ resource: "/a/" }], gives: "rule" },
	"the folder itself": { rules: [{ resource: "/a/" }], seller: { path: "/a/" }, gives: "rule" },
	"the folder without its slash": { rules: [{ resource: "/a/" }], seller: { path: "/a" }, gives: "ResourceNotAllowed" },
	...Object.fromEntries(
		["/a/..%2fb", "/a/%2E%2e/b", "/a/..;/b", "/a/b;x=1", "/a/..%5cb", "/a/%252e%252e/b", "/a//b", "/a/b%00"].map(
			(path): [string, Case] => [
				`${path}, which servers read in different ways`,
				{ rules: [{ resource: "/a/" }], seller: { path }, gives: "PathAmbiguous" },
			],
		),
	),
	"an ambiguous path, where the rule allows every path": { seller: { path: "/a/EUR%2fUSD" }, gives: "rule" },
	"an ambiguous path that the rule names whole": {
		rules: [{ resource: "/a/EUR%2fUSD" }],
		seller: { path: "/a/EUR%2fUSD" },
		gives: "rule",
	},
	"a path with encoded characters": {
		rules: [{ resource: "/a/" }],
		seller: { path: "/a/%C3%A9%20" },
		gives: "rule",
	},
	"the first of two that fit": { rules: [{ name: "one" }, { name: "two" }], gives: "one" },
	"the second, when only it fits": { rules: [{ name: "one", resource: "/x" }, { name: "two" }], gives: "two" },
	"the refusal of the first that names seller and token": {
		rules: [{ origin: "https://other.test" }, { resource: "/x" }, { payTo: [`0x${"11".repeat(20)}`] }],
		gives: "ResourceNotAllowed",
	},
};

for (const [name, { rules = [{}], seller, entry: fields, gives }] of Object.entries(cases)) {
	test(`the rule that applies: ${name}`, (t) => {
		const whole = rules.map((each) => ({ ...base, ...each }));
		try {
			t.is(ruleFor(whole, { ...here, ...seller }, entry(fields)).name, gives);
		} catch (error) {
			t.true(error instanceof PolicyError);
			t.is((error as Error).name, gives);
		}
	});
}

interface CapCase {
	readonly rule?: Partial<Rule>;
	readonly amount: bigint | number;
	readonly window?: bigint | number;
	readonly count?: number;
	readonly life?: bigint | number;
	readonly plan?: bigint | number;
	readonly gives: string;
}

const huge = { maxPerPayment: String(MAX), maxPerWindow: String(MAX), maxForLife: String(MAX) };
const caps: readonly CapCase[] = [
	{ amount: 0, gives: "allowed" },
	{ amount: 99, plan: 100, gives: "allowed" },
	{ amount: 100, plan: 100, gives: "allowed" },
	{ amount: 100, plan: 99, gives: "OverPlanCap" },
	{ amount: 101, gives: "OverPaymentCap" },
	{ amount: 100, window: 199, gives: "allowed" },
	{ amount: 100, window: 200, gives: "allowed" },
	{ amount: 100, window: 201, gives: "OverWindowCap" },
	{ amount: 0, window: 300, gives: "allowed" },
	{ amount: 0, window: 301, gives: "OverWindowCap" },
	{ amount: 1, count: 4, gives: "allowed" },
	{ amount: 1, count: 5, gives: "OverWindowCount" },
	{ amount: 1, count: 6, gives: "OverWindowCount" },
	{ amount: 100, life: 899, gives: "allowed" },
	{ amount: 100, life: 900, gives: "allowed" },
	{ amount: 100, life: 901, gives: "OverLifeCap" },
	{ amount: 1, life: 2_000, gives: "OverLifeCap" },
	{ rule: huge, amount: MAX, plan: MAX, gives: "allowed" },
	{ rule: huge, amount: MAX, plan: MAX - 1n, gives: "OverPlanCap" },
	{ rule: { ...huge, maxPerPayment: String(MAX - 1n) }, amount: MAX, plan: MAX, gives: "OverPaymentCap" },
	{ rule: huge, amount: 1, plan: MAX, window: MAX - 1n, life: MAX - 1n, gives: "allowed" },
	{ rule: huge, amount: 1, plan: MAX, window: MAX, life: MAX, gives: "OverWindowCap" },
	{ rule: huge, amount: MAX, plan: MAX, window: 1, gives: "OverWindowCap" },
	{ rule: huge, amount: MAX, plan: MAX, life: 1, gives: "OverLifeCap" },
	{ rule: huge, amount: 2n ** 255n, plan: MAX, life: 2n ** 255n, gives: "OverLifeCap" },
	{ rule: { maxPerPayment: "0" }, amount: 1, gives: "OverPaymentCap" },
];

for (const { rule, amount: asked, window = 0, count = 0, life = 0, plan = 1_000_000, gives } of caps) {
	test(`${asked} after ${window} in the window, ${count} payments and ${life} for life, with a plan of ${plan}, is ${gives}`, (t) => {
		const spending: Spending = { window: amount(window), windowCount: count, life: amount(life) };
		const check = () => checkCaps({ ...base, ...rule }, spending, amount(asked), amount(plan));
		if (gives === "allowed") t.notThrows(check);
		else t.throws(check, { instanceOf: PolicyError, name: gives });
	});
}
