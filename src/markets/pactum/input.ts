/** Reads the input of a plan that buys at Pactum: "" or a JSON object. */
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import { TOP_UP_PROVIDERS, type TopUpProvider } from "./account.js";
import { PactumError } from "./errors.js";
import type { PaymentMethod } from "./options.js";

export interface OrderInput {
	readonly query: string | undefined;
	/** `undefined` if it does not say. */
	readonly method: PaymentMethod | undefined;
	readonly isFile: boolean;
}

/** Reads the input of an item: `query`, `payment_method`, `file`. Throws `PactumError` `InputMalformed`. */
export function readOrderInput(input: string): OrderInput {
	const [query, method, file] = leaves(input, "query", "payment_method", "file");
	const isQuery = query === undefined || typeof query === "string";
	const isMethod = method === undefined || method === "credit" || method === "escrow";
	const isFile = file === undefined || typeof file === "boolean";
	if (isQuery && isMethod && isFile) return { query, method, isFile: file ?? false };
	throw malformed('query, payment_method ("credit" or "escrow") and file (true or false)');
}

/** Reads the input of `topup:`: `provider`. Throws `PactumError` `InputMalformed`. */
export function readProvider(input: string): TopUpProvider {
	const [name = "stripe"] = leaves(input, "provider");
	const provider = TOP_UP_PROVIDERS.find((each) => each === name);
	if (provider !== undefined) return provider;
	throw malformed(`provider (${TOP_UP_PROVIDERS.join(", ")})`);
}

/** Returns the values of these members; an array or object is `null`. */
function leaves(input: string, ...names: readonly string[]) {
	let json: JsonText;
	try {
		json = readJson(input === "" ? "{}" : input);
	} catch {
		throw malformed(names.join(", "));
	}
	if (!json.isObject) throw malformed(names.join(", "));
	return json.members(...names).map((member) => member && (member.leaf ?? null));
}

function malformed(members: string): PactumError {
	return new PactumError("InputMalformed", `expected "" or a JSON object with at most ${members} as input`);
}
