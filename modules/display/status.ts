/** Draws the network, the clock, and whether the agent is paused. Times are UTC: a device knows no time zone. */
import type { DisplayState } from "../../src/device/display.js";
import type { WifiState } from "../../src/device/network.js";
import { BEARING, type Ink, LINE, type Sheet } from "./items.js";

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
/** Width of three bars, 5 pixels apart, and a space. */
const BARS_WIDTH = 21;

/** The number of lines that `drawStatus` draws. */
export function statusLines(state: DisplayState): number {
	return state.isPaused ? 3 : 2;
}

/** Draws network, clock and pause, a line each. */
export function drawStatus(sheet: Sheet, state: DisplayState, x: number, baseline: number, width: number): void {
	drawNetwork(sheet, state, x, baseline, width);
	const clock = sheet.firstThatFits(clockWords(state.wall), width);
	sheet.text(clock, x, baseline + LINE, width, "text", clockInk(state));
	if (state.isPaused) sheet.text("Paused", x, baseline + 2 * LINE, width, "strong", "warning");
}

/** Draws the same in one line: "Paused" replaces the network's text, its bars stay. */
export function drawStatusLine(sheet: Sheet, state: DisplayState, x: number, baseline: number, width: number): void {
	const clock = clockWords(state.wall).at(-1)!;
	const taken = sheet.textAtRight(clock, x + width, baseline, width, "text", clockInk(state));
	const room = width - taken - 12;
	if (!state.isPaused) {
		drawNetwork(sheet, state, x, baseline, room);
		return;
	}
	const indent = drawBars(sheet, state.network, x, baseline);
	sheet.text("Paused", x + indent, baseline, room - indent, "strong", "warning");
}

/** `03:42` for today, `20 Nov` for other days. */
export function when(at: number, wall: number | undefined): string {
	return wall !== undefined && dayOf(at) === dayOf(wall) ? timeOf(at) : dayOf(at);
}

function drawNetwork(sheet: Sheet, state: DisplayState, x: number, baseline: number, width: number): void {
	const indent = drawBars(sheet, state.network, x, baseline);
	const words = sheet.firstThatFits(networkWords(state.network), width - indent);
	const [style, ink] = indent === 0 ? (["strong", "ink"] as const) : (["text", networkInk(state.network)] as const);
	sheet.text(words, x + indent, baseline, width - indent, style, ink);
}

/** Draws the bars. Returns their width: 0 on a port without Wi-Fi. */
function drawBars(sheet: Sheet, network: WifiState | undefined, x: number, baseline: number): number {
	if (network === undefined) return 0;
	const standing = network === "connected" ? 3 : network === "connecting" ? 1 : 0;
	for (let bar = 0; bar < 3; bar++) {
		const height = 4 * (bar + 1);
		sheet.fill(x + BEARING + 5 * bar, baseline - height, 3, height, bar < standing ? "ink" : "line");
	}
	return BARS_WIDTH;
}

/** Long and short form; on a port without Wi-Fi, the product's name. */
function networkWords(network: WifiState | undefined): readonly string[] {
	if (network === undefined) return ["Micropayer"];
	if (network === "unset") return ["Wi-Fi not set", "No Wi-Fi"];
	return network === "connecting" ? ["Wi-Fi connecting", "Connecting"] : ["Wi-Fi connected", "Connected"];
}

function networkInk(network: WifiState | undefined): Ink {
	return network === "unset" ? "warning" : "ink";
}

/** Long and short form. */
function clockWords(wall: number | undefined): readonly string[] {
	if (wall === undefined) return ["Clock not set", "No clock"];
	const time = `${timeOf(wall)} UTC`;
	return [`${dayOf(wall)}, ${time}`, time];
}

function clockInk(state: DisplayState): Ink {
	return state.wall === undefined ? "warning" : "quiet";
}

function dayOf(at: number): string {
	const iso = new Date(at).toISOString();
	const month = 3 * (Number(iso.slice(5, 7)) - 1);
	return `${Number(iso.slice(8, 10))} ${MONTHS.slice(month, month + 3)}`;
}

function timeOf(at: number): string {
	return new Date(at).toISOString().slice(11, 16);
}
