import * as hex from "../../../modules/encoding/hex.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import { page } from "../answer.js";
import type { Arguments } from "../arguments.js";
import type { Command, Session } from "../command.js";
import { ConsoleError } from "../errors.js";
import { numberIn } from "../number.js";

/** Bytes of data in one answer: if JSON writes each as `\u0000`, they still fit into a line. */
const PIECE = 600;
const LONGEST = 4_000;

export const data: Command = Object.freeze({
	name: "data",
	isLight: false,
	help: Object.freeze([
		"data [key] [from]  lists the keys of the plans' sinks in flash, or shows the data last bought under one",
		"  As text, or in hexadecimal if it is no text; from counts bytes, and next says how to continue.",
	]),
	run(args, session) {
		const key = args.next();
		return key === undefined ? list(session) : show(args, session, key);
	},
} satisfies Command);

function list({ device, storage }: Session): object {
	const rows: object[] = [];
	for (const { name, sink } of device.configuration?.plans ?? []) {
		if (sink.kind !== "storage") continue;
		rows.push({ key: sink.key.slice(2), plan: name, bytes: storage.read(sink.key)?.length ?? 0 });
	}
	return { data: page(rows, 0).items };
}

/** Throws `ConsoleError` `NotFound` for a key under which nothing was bought yet. */
function show(args: Arguments, { storage }: Session, key: string): object {
	const from = numberIn(args, "from", 0, LONGEST, 0);
	const isKey = /^[a-z0-9_-]{1,13}$/.test(key);
	const bytes = isKey ? storage.read(`d.${key}`) : undefined;
	if (bytes === undefined) {
		throw new ConsoleError("NotFound", 'nothing has been bought under that key yet: "data" lists the keys');
	}
	// A `from` in the middle of a character begins no text.
	const isText = utf8.isUtf8(bytes) && !isContinuation(bytes[from]);
	let end = Math.min(from + PIECE, bytes.length);
	while (isText && isContinuation(bytes[end])) end--;
	const piece = bytes.subarray(from, end);
	return {
		key,
		bytes: bytes.length,
		...(isText ? { text: utf8.decode(piece) } : { hex: hex.encode(piece) }),
		...(end < bytes.length && { next: `data ${key} ${end}` }),
	};
}

/** True for a byte that continues a character (RFC 3629 §3). */
function isContinuation(byte: number | undefined): boolean {
	return byte !== undefined && (byte & 0xc0) === 0x80;
}
