/** Runs an rv32imc image in QEMU: a program of the bench, or the firmware with its link to the world. */
import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { ROOT } from "../project.js";
import { serveLink } from "../xs/link.js";
import { EMULATOR, type Rv32Image } from "./build.js";

/** The descriptor of the UART's other end in the emulator's process. */
const LINK = 3;

export interface Rv32RunOptions {
	/** Bytes of the machine's memory. Default: the ESP32-C3's 94,208. */
	readonly arena?: number | undefined;
	/** Slots of the machine's stack, which is part of the arena. Default: 768. */
	readonly stack?: number | undefined;
	/** Milliseconds after which the emulator is killed. Default: two minutes. */
	readonly timeout?: number | undefined;
	/** The device for the firmware. A program has no link, and its run repeats to the instruction. */
	readonly firmware?: Rv32Device | undefined;
}

/** A device. Its paths contain neither a space nor a comma. */
export interface Rv32Device {
	/** The device's flash: an existing folder, laid out as the XS host's (hal/xs/folder/device_folder.h). */
	readonly flash: string;
	/** The configuration's file. */
	readonly configurationFile: string;
	/** Called for each event of the firmware's log. */
	onEvent(event: Record<string, unknown>): void;
}

export interface Rv32Result extends Rv32Report {
	/** The program's output. */
	readonly lines: readonly string[];
}

interface Rv32Report {
	/** As in hal/xs/host.h; 77 for an exception of the core. `null` if there was no report. */
	readonly exitCode: number | null;
	/** Bytes of the arena. */
	readonly heap: {
		readonly limit: number;
		/** The stack as reserved: see hal/xs/machine.h. */
		readonly taken: number;
		readonly peak: number;
		readonly slotsPeak: number;
		readonly chunksPeak: number;
		readonly stackPeak: number;
	};
	/** Instructions of the program since its ROM was made, without those spent waiting for the link. */
	readonly instructions: number;
	/** The reason why it ended, unless it ran to its end. */
	readonly reason?: string;
}

const NO_REPORT: Rv32Report = {
	exitCode: null,
	heap: { limit: 0, taken: 0, peak: 0, slotsPeak: 0, chunksPeak: 0, stackPeak: 0 },
	instructions: 0,
};

/** Runs the program, or the firmware, to its end. */
export async function runRv32(image: Rv32Image, options: Rv32RunOptions = {}): Promise<Rv32Result> {
	const { timeout = 120_000, firmware } = options;
	const child = spawn(EMULATOR, emulatorParameters(image, options), {
		cwd: ROOT,
		stdio: ["ignore", "pipe", "pipe", "pipe"],
		timeout,
		killSignal: "SIGKILL",
	});
	const kill = () => child.kill("SIGKILL");
	process.once("exit", kill);
	let output = "";
	let errors = "";
	child.stdout!.setEncoding("utf8").on("data", (text: string) => {
		output += text;
	});
	child.stderr!.setEncoding("utf8").on("data", (text: string) => {
		errors += text;
	});
	let report: Rv32Report | undefined;
	const link = child.stdio[LINK] as Socket;
	const served = serveLink({
		toDevice: link,
		fromDevice: link,
		onEvent: (text) => firmware?.onEvent(JSON.parse(text) as Record<string, unknown>),
		onReport(text) {
			report = JSON.parse(text) as Rv32Report;
			kill();
		},
	});
	const ended = new Promise<void>((resolve, reject) => {
		child.once("error", reject).once("close", () => resolve());
	});
	// A board that is switched off may leave bytes unread, which is an error of the link; only its report counts.
	await Promise.all([ended, served.catch(() => {})]).finally(() => process.removeListener("exit", kill));
	const lines = output.split("\n").slice(0, -1);
	if (report !== undefined) return { ...report, lines };
	return { ...NO_REPORT, lines, reason: errors.trim() || `no report within ${timeout} ms` };
}

function emulatorParameters(image: Rv32Image, options: Rv32RunOptions): string[] {
	const { arena = 94_208, stack = 768, firmware } = options;
	const words = ["xs", "--modules", image.modules, "--entry", image.entry, "--arena", arena, "--stack", stack];
	if (firmware !== undefined) words.push("--flash", firmware.flash, "--config", firmware.configurationFile);
	const semihosting = ["enable=on", "target=native", "chardev=console", ...words.map((word) => `arg=${word}`)];
	// With sleep=off a sleeping core wakes at once: time leaps to its next timer, and no network is that fast.
	const counting = `shift=0,sleep=${firmware === undefined ? "off" : "on"}`;
	return [
		...["-M", "virt", "-cpu", "rv32", "-m", "128M", "-bios", "none", "-icount", counting],
		...["-display", "none", "-monitor", "none", "-chardev", "stdio,id=console"],
		...["-chardev", `socket,id=link,fd=${LINK}`, "-serial", "chardev:link"],
		...["-semihosting-config", semihosting.join(","), "-kernel", image.elf],
	];
}
