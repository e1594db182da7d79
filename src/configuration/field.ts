/**
 * Readers for JSON written by a person. A field knows its path, for messages such as "rules[1].maxForLife: expected …, found
 * …".
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { PaymentScheme } from "../x402/schemes/scheme.js";
import { ConfigurationError } from "./errors.js";

export class Field {
	readonly path: string;
	readonly #value: unknown;
	readonly #isSecret: boolean;

	/** `isSecret`: no message shows the value or one of its members. */
	constructor(value: unknown, path: string, isSecret = false) {
		this.#value = value;
		this.path = path;
		this.#isSecret = isSecret;
	}

	get isMissing(): boolean {
		return this.#value === undefined;
	}

	/** Returns the same field with messages that do not show its value or members. */
	hidden(): Field {
		return new Field(this.#value, this.path, true);
	}

	/** Returns the members of an object; refuses any other than `names`. */
	members<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, Field>> {
		const object = this.#value;
		if (typeof object !== "object" || object === null || Array.isArray(object)) throw this.wrong("an object");
		for (const key of Object.keys(object)) {
			if (!names.includes(key as Name)) throw new Field(key, this.#at(key).path).wrong(`one of ${names.join(", ")}`);
		}
		const members: Partial<Record<Name, Field>> = {};
		for (const name of names) {
			members[name] = this.#at(name, (object as Record<string, unknown>)[name]);
		}
		return members as Record<Name, Field>;
	}

	/** Returns the members of an object, whatever their names. */
	entries(): [string, Field][] {
		const object = this.#value;
		if (typeof object !== "object" || object === null || Array.isArray(object)) throw this.wrong("an object");
		return Object.entries(object).map(([name, value]) => [name, this.#at(name, value)]);
	}

	/** Returns the entries of an object whose values are texts. */
	texts(): [string, string][] {
		return this.entries().map(([name, field]) => [name, field.text(4_096)]);
	}

	/** Returns the elements of an array. */
	list(atMost: number): Field[] {
		const array = this.#value;
		if (!Array.isArray(array)) throw this.wrong("an array");
		if (array.length > atMost) throw this.wrong(`at most ${atMost} elements`, String(array.length));
		return array.map((value, i) => new Field(value, `${this.path}[${i}]`, this.#isSecret));
	}

	/** Returns a text that no message shows. */
	secret(atMost: number): string {
		const value = this.#value;
		if (typeof value === "string" && value !== "" && value.length <= atMost && !/[^!-~]/.test(value)) return value;
		throw this.wrong(`a secret of 1 to ${atMost} printable characters`, this.isMissing ? undefined : "something else");
	}

	/** Returns any value as JSON text. */
	json(atMost: number): string {
		const text = JSON.stringify(this.#value);
		if (text === undefined || text.length > atMost) throw this.wrong(`JSON of at most ${atMost} characters`);
		return text;
	}

	text(atMost: number): string {
		const value = this.#value;
		if (typeof value !== "string" || value === "" || value.length > atMost) {
			throw this.wrong(`a text of 1 to ${atMost} characters`);
		}
		try {
			utf8.encode(value);
		} catch {
			throw this.wrong("a text without lone surrogates");
		}
		return value;
	}

	integer(from: number, to: number): number {
		const value = this.#value;
		if (!Number.isSafeInteger(value) || (value as number) < from || (value as number) > to) {
			throw this.wrong(`an integer from ${from} to ${to}`);
		}
		return value as number;
	}

	boolean(): boolean {
		if (typeof this.#value !== "boolean") throw this.wrong("true or false");
		return this.#value;
	}

	oneOf<Choice extends string>(choices: readonly Choice[]): Choice {
		const choice = choices.find((each) => each === this.#value);
		if (choice === undefined) {
			const names = choices.map((each) => `"${each}"`).join(", ");
			throw this.wrong(names === "" ? "the name of an existing element, and there is none yet" : `one of ${names}`);
		}
		return choice;
	}

	/** Returns an amount of money in base units, in decimal. */
	amount(): string {
		try {
			uint256.fromDecimal(this.#value);
			return this.#value as string;
		} catch {
			throw this.wrong('an amount in base units, a decimal string such as "10000"');
		}
	}

	/** Returns the canonical form of an address on a network of `scheme`. */
	address(scheme: PaymentScheme, hashes: Hashes): string {
		const text = this.text(64);
		try {
			return scheme.parseAddress(hashes, text);
		} catch (error) {
			throw this.wrong(`an address (${(error as Error).message})`);
		}
	}

	refused(why: string): ConfigurationError {
		return new ConfigurationError("ConfigurationInvalid", `${this.path}: ${why}`);
	}

	wrong(expected: string, found?: string): ConfigurationError {
		const isShown = !this.#isSecret || this.isMissing;
		const shown = isShown ? (found ?? JSON.stringify(this.#value)?.slice(0, 80) ?? "nothing") : "something else";
		return this.refused(`expected ${expected}, found ${shown}`);
	}

	#at(name: string, value?: unknown): Field {
		return new Field(value, this.path === "" ? name : `${this.path}.${name}`, this.#isSecret);
	}
}
