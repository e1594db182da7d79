/** The settings of the simulator, from environment variables that `npm run sim` sets from its options. */
import { decode as decodeBase64 } from "../../modules/encoding/base64.js";
import { readFile, setting } from "./natives.js";

export interface Settings {
	/** The device's flash: a folder. */
	readonly flash: string;
	/** JSON text; `undefined`: the console sets it. */
	readonly configuration: string | undefined;
	/** Certificates (DER) that TLS trusts in addition to those in the image. */
	readonly roots: readonly Uint8Array[];
	/** The TCP port of the owner's console on this machine, 0 for any; `undefined`: none. */
	readonly consolePort: number | undefined;
	/** IPv4 addresses; empty: those of this machine. */
	readonly nameServers: readonly string[];
	/** True if there is a window with a screen in it. */
	readonly hasScreen: boolean;
}

export function readSettings(): Settings {
	const of = (name: string) => setting.call(undefined, `MICROPAYER_${name}`);
	const configuration = of("CONFIG");
	const ca = of("CA");
	const console = of("CONSOLE");
	return {
		flash: of("FLASH") ?? `${setting.call(undefined, "HOME") ?? "."}/.micropayer`,
		configuration: configuration === undefined ? undefined : textOf(readFile.call(undefined, configuration)),
		roots: ca === undefined ? [] : certificatesOf(new Uint8Array(readFile.call(undefined, ca))),
		consolePort: console === undefined ? undefined : Number(console),
		nameServers: (of("DNS") ?? "").split(",").filter((address) => address !== ""),
		hasScreen: of("SCREEN") !== undefined,
	};
}

function textOf(bytes: ArrayBuffer): string {
	return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

const SEQUENCE = 0x30;
const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/** One certificate in DER, or any number in PEM (RFC 7468). */
function certificatesOf(bytes: Uint8Array): Uint8Array[] {
	if (bytes[0] === SEQUENCE) return [bytes];
	return new TextDecoder()
		.decode(bytes)
		.split(BEGIN)
		.slice(1)
		.map((text) => decodeBase64(text.slice(0, text.indexOf(END)).split(/\s+/).join("")));
}
