/** Key slots. Private keys enter only by `import`, without passing through JavaScript, and never leave. */
import * as hex from "../../../modules/encoding/hex.js";
import { addressOfPublicKey, isSameAddress } from "../../../modules/signer/address.js";
import { SignerError } from "../../../modules/signer/errors.js";
import type { Curve, Signer } from "../../../modules/signer/signer.js";
import { page } from "../answer.js";
import type { Arguments } from "../arguments.js";
import type { Command, Session } from "../command.js";
import { ConsoleError } from "../errors.js";
import { type KeyRing, SLOTS } from "../key_ring.js";
import { numberOf } from "../number.js";

const CURVES: readonly Curve[] = Object.freeze(["secp256k1", "ed25519"] as const);

export const key: Command = Object.freeze({
	name: "key",
	isLight: false,
	help: Object.freeze([
		"key [new|import|erase] …  keys, by slot; slot 0 pays. Alone: lists the public keys",
		"  key new [slot] [curve]       generates one with the hardware's generator; by default in slot 0, for secp256k1",
		"  key import <slot> <curve>    imports one: send its 64 hexadecimal digits as the next line, which is not kept",
		"  key erase <slot> <its address or public key>  erases it for good: money at the address is lost unless there is a copy",
	]),
	run(args, session) {
		const what = args.next();
		if (what === undefined) return { keys: page(keysOf(session.keys), 0).items };
		session.confirmation.drop();
		if (what === "new") return make(args, session);
		if (what === "import") return take(args, session);
		if (what === "erase") return remove(args, session);
		throw new ConsoleError("WordExpected", 'expected new, import or erase, or nothing: see "help key"');
	},
} satisfies Command);

/** The public view of a slot. */
interface ShownKey {
	readonly slot: number;
	readonly curve: string;
	/** 0x and hexadecimal digits; missing if it cannot be read either. */
	readonly publicKey?: string;
	readonly address?: string;
	/** The slot held a key that can no longer be read. */
	readonly lost?: true;
}

/** Yields the public halves of all keys, including lost ones. */
export function* keysOf(keys: KeyRing): Generator<ShownKey> {
	const known = keys.knownSlots();
	for (let slot = 0; slot < SLOTS; slot++) {
		const shown = shownKey(keys, slot, known);
		if (shown !== undefined) yield shown;
	}
}

function shownKey(keys: KeyRing, slot: number, known: readonly number[]): ShownKey | undefined {
	try {
		const curve = keys.curve(slot);
		if (curve !== undefined) return publicHalf(keys, slot, curve);
	} catch {
		// A record that is not a key is shown as lost.
		return { slot, curve: "unknown", ...keys.lostIn(slot), lost: true };
	}
	const lost = known.includes(slot) ? keys.lostIn(slot) : undefined;
	return lost && { slot, ...lost, lost: true };
}

function publicHalf(keys: Signer, slot: number, curve: Curve): ShownKey {
	const publicKey = keys.publicKey(slot);
	const address = curve === "secp256k1" ? { address: addressOfPublicKey(keys, publicKey) } : {};
	return { slot, curve, publicKey: `0x${hex.encode(publicKey)}`, ...address };
}

function make(args: Arguments, { keys, scheduleRestart }: Session): object {
	const slot = slotOf(args.next() ?? "0");
	const curve = curveOf(args.next() ?? "secp256k1");
	args.end();
	keys.create(slot, curve);
	scheduleRestart("a key was made");
	return { key: publicHalf(keys, slot, curve) };
}

function take(args: Arguments, session: Session): object {
	const slot = slotOf(args.expect("a slot, 0 to 255"));
	const curve = curveOf(args.expect("a curve, secp256k1 or ed25519"));
	args.end();
	const { keys, line } = session;
	if (keys.curve(slot) !== undefined) {
		throw new SignerError("SlotTaken", `slot ${slot} holds a key: erase it first`);
	}
	keys.expect(slot, curve);
	line.takeKey(slot, curve, (refusal) => {
		keys.taken(slot);
		if (refusal !== undefined) return session.refuse(new SignerError(refusal, `slot ${slot} ${WHY}`));
		session.scheduleRestart("a key was imported");
		session.answer({ key: publicHalf(keys, slot, curve) });
	});
	return { next: "send the key as the next line: 64 hexadecimal digits" };
}

const WHY =
	"no key was imported: expected 64 hexadecimal digits of a number above 0 and below the group order, and an empty slot";

function remove(args: Arguments, { keys, scheduleRestart }: Session): object {
	const slot = slotOf(args.expect("a slot, 0 to 255"));
	const confirmation = args.expect("its address or public key as confirmation");
	args.end();
	const shown = shownKey(keys, slot, [slot]);
	if (shown === undefined) throw new SignerError("KeyMissing", `slot ${slot} is empty: "key" lists the keys`);
	const { publicKey = "lost", address = "", lost } = shown;
	if (confirmation.toLowerCase() !== publicKey && !isSameAddress(confirmation, address)) {
		const name = publicKey === "lost" ? 'the word "lost"' : "its address or public key";
		throw new SignerError("NotConfirmed", `to erase slot ${slot}, confirm with ${name}: "key" shows it`);
	}
	if (lost) keys.forget(slot);
	else keys.erase(slot, keys.publicKey(slot));
	scheduleRestart("a key was erased");
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
