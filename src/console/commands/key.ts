/** Key slots. Private keys come in by `import` alone, past JavaScript, and never go out. */
import * as hex from "../../../modules/encoding/hex.js";
import { addressOfPublicKey, isSameAddress } from "../../../modules/signer/address.js";
import { SignerError } from "../../../modules/signer/errors.js";
import type { Curve, Signer } from "../../../modules/signer/signer.js";
import { page } from "../answer.js";
import type { Arguments } from "../arguments.js";
import type { Command, Session } from "../command.js";
import { ConsoleError } from "../errors.js";
import { numberOf } from "../number.js";

const SLOTS = 256;
const CURVES: readonly Curve[] = Object.freeze(["secp256k1", "ed25519"] as const);

export const key: Command = Object.freeze({
	name: "key",
	isLight: false,
	help: Object.freeze([
		"key [new|import|erase] …  the keys, by slot; slot 0 pays. Alone: their public halves",
		"  key new [slot] [curve]       makes one from the hardware's generator: slot 0 and secp256k1 where none is named",
		"  key import <slot> <curve>    takes one: send its 64 hexadecimal digits as the next line, which is not kept",
		"  key erase <slot> <its address or public key>  for good: what is at the address then is lost without a copy",
	]),
	run(args, session) {
		const what = args.next();
		if (what === undefined) return { keys: page(keysOf(session.keys), 0).items };
		session.confirmation.drop();
		if (what === "new") return make(args, session);
		if (what === "import") return take(args, session);
		if (what === "erase") return remove(args, session);
		throw new ConsoleError("WordExpected", "expected new, import or erase, or nothing: see help key");
	},
} satisfies Command);

/** The public halves of all keys. */
export function* keysOf(keys: Signer): Generator<{ slot: number; curve: Curve; publicKey: string; address?: string }> {
	for (let slot = 0; slot < SLOTS; slot++) {
		if (keys.curve(slot) !== undefined) yield publicHalf(keys, slot);
	}
}

function publicHalf(keys: Signer, slot: number) {
	const curve = keys.curve(slot)!;
	const publicKey = keys.publicKey(slot);
	const address = curve === "secp256k1" ? { address: addressOfPublicKey(keys, publicKey) } : {};
	return { slot, curve, publicKey: `0x${hex.encode(publicKey)}`, ...address };
}

function make(args: Arguments, { keys, startAnew }: Session): object {
	const slot = slotOf(args.next() ?? "0");
	const curve = curveOf(args.next() ?? "secp256k1");
	args.end();
	keys.create(slot, curve);
	startAnew("a key was made");
	return { key: publicHalf(keys, slot) };
}

function take(args: Arguments, session: Session): object {
	const slot = slotOf(args.expect("a slot, 0 to 255"));
	const curve = curveOf(args.expect("a curve, secp256k1 or ed25519"));
	args.end();
	const { keys, line } = session;
	if (keys.curve(slot) !== undefined) {
		throw new SignerError("SlotTaken", `slot ${slot} holds a key: erase it first`);
	}
	line.takeKey(slot, curve, (refusal) => {
		if (refusal !== undefined) return session.refuse(new SignerError(refusal, `slot ${slot} ${WHY}`));
		session.startAnew("a key was imported");
		session.answer({ key: publicHalf(keys, slot) });
	});
	return { next: "send the key as the next line: 64 hexadecimal digits" };
}

const WHY =
	"took no key: expected 64 hexadecimal digits of a number above 0 and below the group order, and an empty slot";

function remove(args: Arguments, { keys, startAnew }: Session): object {
	const slot = slotOf(args.expect("a slot, 0 to 255"));
	const confirmation = args.expect("its address or public key as confirmation");
	args.end();
	const publicKey = keys.publicKey(slot);
	const { address = "", publicKey: digits } = publicHalf(keys, slot);
	const isSame = confirmation.toLowerCase() === digits || isSameAddress(confirmation, address);
	if (!isSame) {
		throw new SignerError("NotConfirmed", `not the address or public key of slot ${slot}: "key" shows them`);
	}
	keys.erase(slot, publicKey);
	startAnew("a key was erased");
	return { erased: slot };
}

function slotOf(word: string): number {
	return numberOf(word, "a slot", 0, SLOTS - 1);
}

function curveOf(word: string): Curve {
	const curve = CURVES.find((each) => each === word);
	if (curve !== undefined) return curve;
	throw new ConsoleError("WordExpected", "expected a curve, secp256k1 or ed25519");
}
