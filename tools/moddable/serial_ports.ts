/** Lists the serial ports of this machine where a board may be. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";

export interface SerialPort {
	readonly path: string;
	/** A description of the device at the other end of the cable; `undefined` if the system does not report it. */
	readonly bridge: string | undefined;
	/** True if this user may open it. */
	readonly isOpen: boolean;
}

/** Folders in which the system keeps its devices. */
export interface DeviceFolders {
	readonly devices: string;
	/** Linux: information about each device. */
	readonly classes: string;
}

const FOLDERS: DeviceFolders = { devices: "/dev", classes: "/sys/class/tty" };
/** Linux: USB to serial, and serial over USB. macOS: the same, by their drivers' names. */
const NAMES = /^(ttyUSB\d+|ttyACM\d+|cu\.(usb|SLAB|wchusb).*)$/;

/** USB vendor and product of the chips on boards of the ESP32 family. */
const BRIDGES: Readonly<Record<string, string>> = {
	"303a:1001": "the USB port of an ESP32-C3, C6 or S3",
	"10c4:ea60": "a CP210x",
	"1a86:7523": "a CH340",
	"1a86:55d4": "a CH9102",
	"0403:6001": "an FT232",
	"0403:6010": "an FT2232",
};

/** Returns none on Windows, which has no such folders. */
export function serialPorts({ devices, classes }: DeviceFolders = FOLDERS): SerialPort[] {
	if (!existsSync(devices)) return [];
	const names = readdirSync(devices).filter((name) => NAMES.test(name));
	return names.sort().map((name) => {
		const file = path.join(devices, name);
		return { path: file, bridge: bridgeOf(path.join(classes, name, "device")), isOpen: mayOpen(file) };
	});
}

/** Searches for the USB device's folder, one or two levels above the serial port's own. */
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
