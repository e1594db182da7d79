/** The serial ports of this machine that a board may be at. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";

export interface SerialPort {
	readonly path: string;
	/** A description of the device at the other end of the cable; `undefined` if the system does not tell. */
	readonly bridge: string | undefined;
	/** True if this user may open it. */
	readonly isOpen: boolean;
}

/** Folders that the system keeps its devices in. */
export interface DeviceFolders {
	readonly devices: string;
	/** Linux: what is known of each. */
	readonly classes: string;
}

const FOLDERS: DeviceFolders = { devices: "/dev", classes: "/sys/class/tty" };
/** Linux: USB to serial, and serial over USB. macOS: the same, by their drivers' names. */
const NAMES = /^(ttyUSB\d+|ttyACM\d+|cu\.(usb|SLAB|wchusb).*)$/;

/** USB's vendor and product, for the chips that boards of the ESP32 family have. */
const BRIDGES: Readonly<Record<string, string>> = {
	"303a:1001": "the USB port of an ESP32-C3, C6 or S3",
	"10c4:ea60": "a CP210x",
	"1a86:7523": "a CH340",
	"1a86:55d4": "a CH9102",
	"0403:6001": "an FT232",
	"0403:6010": "an FT2232",
};

/** None on Windows, which has them elsewhere. */
export function serialPorts({ devices, classes }: DeviceFolders = FOLDERS): SerialPort[] {
	if (!existsSync(devices)) return [];
	const names = readdirSync(devices).filter((name) => NAMES.test(name));
	return names.sort().map((name) => {
		const file = path.join(devices, name);
		return { path: file, bridge: bridgeOf(path.join(classes, name, "device")), isOpen: mayOpen(file) };
	});
}

/** The USB device's folder is one or two above the serial port's own. */
function bridgeOf(device: string): string | undefined {
	if (!existsSync(device)) return undefined;
	let folder = realpathSync(device);
	for (let level = 0; level < 3; level++, folder = path.dirname(folder)) {
		const [vendor, product] = ["idVendor", "idProduct"].map((name) => path.join(folder, name));
		if (!existsSync(vendor!) || !existsSync(product!)) continue;
		const id = `${readFileSync(vendor!, "utf8").trim()}:${readFileSync(product!, "utf8").trim()}`;
		return BRIDGES[id] ?? `USB ${id}`;
	}
	return undefined;
}

function mayOpen(file: string): boolean {
	try {
		accessSync(file, constants.R_OK | constants.W_OK);
		return true;
	} catch {
		return false;
	}
}
