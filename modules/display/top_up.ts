/**
 * The QR code to pay to, and what it says.
 *
 * For the wallet it is the plain address, as wallets and exchanges show it themselves under "receive": every scanner takes
 * that. An EIP-681 URI that asks for a token has the token's contract where a scanner that knows no more of it looks for the
 * payee, and money sent there is lost; one without a token asks for ether. For a market's account it is the URL to pay at.
 */
import type { DisplayState } from "../../src/device/display.js";
import { modulesFor, QUIET_ZONE, scaleFor } from "./code.js";
import { AFTER, type Box, DIGITS_LINE, LINE, MARGIN, type Sheet } from "./items.js";
import { shortenMiddle, shortenStart } from "./text.js";

/** A URL is ASCII, as an address is: a character is a byte. Empty as long as there is no key. */
function codeText(facts: DisplayState): string {
	return facts.checkout ?? facts.address;
}

/** Whether the code can be scanned when it has no more room than this square: 3 pixels per module do, 2 need a large one. */
export function isLegible(facts: DisplayState, side: number): boolean {
	const text = codeText(facts);
	const modules = modulesFor(text.length);
	return text === "" || (modules !== undefined && scaleFor(modules, side) >= 3);
}

/** Its first module stands at the margin, whatever its size. Where there is none, it is said why. */
export function drawCode(sheet: Sheet, facts: DisplayState, box: Box): void {
	const text = codeText(facts);
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

/** From the area's top: what to do, and whose address it is. */
export function drawCaption(sheet: Sheet, facts: DisplayState, { x, y, width, height }: Box): void {
	const measure = (text: string) => sheet.measure(text, "text");
	const label = y + 13;
	const { address, checkout } = facts;
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

/** Who is paid: what stands before an "@" in a URL is anybody's to choose. */
function hostOf(url: string): string {
	let start = url.indexOf("://") + 3;
	let end = start;
	while (end < url.length && !"/?#".includes(url[end]!)) end++;
	start = Math.max(start, url.lastIndexOf("@", end) + 1);
	return url.slice(start, end);
}
