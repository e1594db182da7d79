/**
 * Draws the QR code to pay to, and its caption.
 *
 * For the wallet it holds the plain address, as wallets and exchanges show it under "receive": every scanner reads that. An
 * EIP-681 URI for a token has the token's contract where simpler scanners expect the payee, and money sent there is lost; one
 * without a token asks for ether. For a market's account the code holds the URL to pay at.
 */
import type { DisplayState } from "../../src/device/display.js";
import { modulesFor, QUIET_ZONE, scaleFor } from "./code.js";
import { AFTER, type Box, DIGITS_LINE, LINE, MARGIN, type Sheet } from "./items.js";
import { shortenMiddle, shortenStart } from "./text.js";

/** Returns the code's text, in ASCII: one byte a character; "" while there is no key. */
function codeText(state: DisplayState): string {
	return state.checkout ?? state.address;
}

/** True if the code can be scanned in a square of `side` pixels: that takes 3 pixels a module. */
export function isLegible(state: DisplayState, side: number): boolean {
	const text = codeText(state);
	const modules = modulesFor(text.length);
	return text === "" || (modules !== undefined && scaleFor(modules, side) >= 3);
}

/** Draws the code with its first module at the margin, whatever its size. If there is no code, says why. */
export function drawCode(sheet: Sheet, state: DisplayState, box: Box): void {
	const text = codeText(state);
	const modules = modulesFor(text.length);
	const scale = modules === undefined ? 0 : scaleFor(modules, Math.min(box.width, box.height));
	if (text === "" || modules === undefined || scale < 2) {
		const [x, baseline, width] = [box.x + MARGIN, box.y + (box.height >> 1), box.width - MARGIN - AFTER];
		sheet.text(text === "" ? "No key yet:" : "Too long for a code:", x, baseline, width, "text", "warning");
		sheet.text("see the console", x, baseline + LINE, width, "text", "warning");
		return;
	}
	const side = (modules + 2 * QUIET_ZONE) * scale;
	const indent = Math.max(0, MARGIN - QUIET_ZONE * scale);
	const x = box.x + Math.min(indent, box.width - side);
	const y = box.y + Math.min(indent, box.height - side);
	sheet.items.push({ kind: "code", x, y, width: side, height: side, text, modules, scale });
}

/** Draws the caption from the area's top: what to do, and the address. */
export function drawCaption(sheet: Sheet, state: DisplayState, { x, y, width, height }: Box): void {
	const measure = (text: string) => sheet.measure(text, "text");
	const label = y + 13;
	const { address, checkout } = state;
	if (checkout !== undefined) {
		sheet.text("Pay here", x, label, width, "strong", "ink");
		sheet.text(shortenStart(hostOf(checkout), width, measure), x, label + LINE, width, "text", "quiet");
		return;
	}
	if (address === "") return;
	sheet.text("Top up", x, label, width, "strong", "ink");
	const first = label + 18;
	const lines = 1 + Math.floor((height - 32) / DIGITS_LINE);
	for (let count = 1; count <= lines; count++) {
		const parts = inParts(address, count);
		if (!parts.every((part) => measure(part) <= width)) continue;
		for (const [index, part] of parts.entries()) {
			sheet.text(part, x, first + DIGITS_LINE * index, width, "digits", "quiet");
		}
		return;
	}
	sheet.text(shortenMiddle(address, width, measure), x, first, width, "digits", "quiet");
}

function inParts(text: string, count: number): string[] {
	const length = Math.ceil(text.length / count);
	return Array.from({ length: count }, (_, index) => text.slice(index * length, (index + 1) * length));
}

/** Returns the host to be paid: anybody can choose the text before an "@" in a URL. */
function hostOf(url: string): string {
	let start = url.indexOf("://") + 3;
	let end = start;
	while (end < url.length && !"/?#".includes(url[end]!)) end++;
	start = Math.max(start, url.lastIndexOf("@", end) + 1);
	return url.slice(start, end);
}
