import { addressIn } from "../address.js";
import type { Command } from "../command.js";
import { ConsoleError } from "../errors.js";

export const address: Command = Object.freeze({
	name: "address",
	isLight: true,
	help: Object.freeze([
		"address  shows the wallet's address, to send money to; a board with a screen shows it as a QR code",
	]),
	run(args, { device, keys, changed }) {
		args.end();
		const address = addressIn(device, keys);
		if (address === "") {
			throw new ConsoleError(
				"AddressUnknown",
				'there is no secp256k1 key to pay with: enter "key new" or "key import 0 secp256k1"',
			);
		}
		changed();
		return { address };
	},
} satisfies Command);
