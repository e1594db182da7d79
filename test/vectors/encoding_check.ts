/**
 * What the vector modules of this folder share. They use no API of a platform, so that the same cases run on Node and
 * inside XS: each exports `cases(check, …)`, and whoever runs them decides what `check` does with a difference.
 */
export type Check = (name: string, actual: string | number | boolean, expected: string | number | boolean) => void;

/** The name of the error that `action` throws, or "accepted" when it throws none. */
export function refusal(action: () => unknown): string {
	try {
		action();
	} catch (error) {
		return error instanceof Error ? error.name : "not an Error";
	}
	return "accepted";
}
