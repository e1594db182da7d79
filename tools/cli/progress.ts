/** Prints what it waits for once a wait has taken a second, and again when that changes. */
export async function withProgress<Result>(
	what: string | (() => string),
	work: Promise<Result>,
	tell: (line: string) => void,
): Promise<Result> {
	let said = "";
	const say = () => {
		const line = `… ${typeof what === "string" ? what : what()}`;
		if (line !== said) tell(line);
		said = line;
	};
	let again: NodeJS.Timeout | undefined;
	const first = setTimeout(() => {
		say();
		again = setInterval(say, 10_000);
	}, 1_000);
	try {
		return await work;
	} finally {
		clearTimeout(first);
		clearInterval(again);
	}
}
