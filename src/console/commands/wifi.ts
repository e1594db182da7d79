import type { Command } from "../command.js";
import { ConsoleError } from "../errors.js";

export const wifi: Command = Object.freeze({
	name: "wifi",
	isLight: true,
	help: Object.freeze([
		'wifi [name password]  joins a network, for example: wifi "my home" "its password". Alone: shows its state',
		'  wifi "" forgets the network. No answer contains the password.',
	]),
	run(args, { wifi, changed }) {
		if (wifi === undefined) throw new ConsoleError("NoWifi", "this board has no Wi-Fi");
		const ssid = args.next();
		if (ssid !== undefined) {
			const password = args.next() ?? "";
			args.end();
			checkLength(ssid, 0, 32, "the name of the network");
			if (password !== "") checkLength(password, 8, 63, "its password");
			wifi.set(ssid, password);
			changed();
		}
		return { wifi: { ssid: wifi.ssid, state: wifi.state } };
	},
} satisfies Command);

/** Checks the limits of IEEE 802.11: a name has at most 32 bytes, a passphrase 8 to 63. */
function checkLength(text: string, from: number, to: number, what: string): void {
	const { length } = new TextEncoder().encode(text);
	if (length < from || length > to)
		throw new ConsoleError("WordExpected", `expected ${what} of ${from} to ${to} bytes`);
}
