/** Shortens texts to a width. The SDK's fonts have the printable characters of ASCII only. */

const ELLIPSIS = "...";

/** Replaces characters that the fonts lack by "?", white space by a space. */
export function printable(text: string): string {
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (code < 0x20 || code > 0x7e) return text.replace(/\s+/g, " ").replace(/[^\x20-\x7e]/g, "?");
	}
	return text;
}

/** Shortens the end of a text to fit, with an ellipsis; "" if nothing fits. */
export function shorten(text: string, width: number, measure: (text: string) => number): string {
	const whole = printable(text);
	return longest(whole, width, measure, (kept) => whole.slice(0, endOf(whole, kept)) + ELLIPSIS);
}

/** Shortens the beginning of a text to fit: its end tells whose host a name is. */
export function shortenStart(text: string, width: number, measure: (text: string) => number): string {
	const whole = printable(text);
	return longest(whole, width, measure, (kept) => ELLIPSIS + whole.slice(startOf(whole, whole.length - kept)));
}

/** Shortens to `0x1234...abcd`, with as many digits at both ends as fit. */
export function shortenMiddle(text: string, width: number, measure: (text: string) => number): string {
	const whole = printable(text);
	return longest(whole, width, measure, (kept) => {
		const end = kept >> 1;
		return whole.slice(0, kept - end) + ELLIPSIS + whole.slice(whole.length - end);
	});
}

/** Returns the whole text, or its longest short form that fits. Binary search: width grows with the characters kept. */
function longest(
	whole: string,
	width: number,
	measure: (text: string) => number,
	short: (kept: number) => string,
): string {
	if (measure(whole) <= width) return whole;
	let fits = 0;
	let tooLong = whole.length;
	while (tooLong - fits > 1) {
		const middle = (fits + tooLong) >> 1;
		if (measure(short(middle)) <= width) fits = middle;
		else tooLong = middle;
	}
	return fits === 0 ? "" : short(fits);
}

/** Returns the end of the first `length` characters without trailing points and spaces. */
function endOf(text: string, length: number): number {
	while (length > 0 && isPause(text, length - 1)) length--;
	return length;
}

function startOf(text: string, start: number): number {
	while (start < text.length && isPause(text, start)) start++;
	return start;
}

function isPause(text: string, index: number): boolean {
	return text[index] === "." || text[index] === " ";
}
