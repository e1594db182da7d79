/** Parses a response's `Date` (RFC 9110 §6.6.1), in the one form that servers still write: IMF-fixdate, §5.6.7. */
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
/** Length of `Sun, 06 Nov 1994 08:49:37 GMT`. */
const LENGTH = 29;

/** Returns milliseconds since the epoch, or `undefined` for anything else. */
export function parseDate(text: string): number | undefined {
	const month = MONTHS.indexOf(text.slice(8, 11));
	if (text.length !== LENGTH || !text.endsWith(" GMT") || month < 0 || month % 3 !== 0) return undefined;
	const number = (from: number, to: number) => Number(text.slice(from, to));
	const time = Date.UTC(number(12, 16), month / 3, number(5, 7), number(17, 19), number(20, 22), number(23, 25));
	return Number.isNaN(time) ? undefined : time;
}
