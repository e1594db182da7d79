/** Lines that an owner types, and what is answered. */
import type { ExecutionContext } from "ava";
import type { Owner } from "./owner.js";

export type Row = readonly [line: string | undefined, answer: object];

export const refused = (error: string) => ({ ok: false, error });

/** Types each line, in order, and looks at what is answered, as far as the row says. */
export async function check(t: ExecutionContext, owner: Owner, rows: readonly Row[]): Promise<void> {
	for (const [line, expected] of rows) {
		const answer = await owner.say(line);
		const isRight = t.like(answer, { ok: true, ...expected }, `${line} → ${JSON.stringify(answer)}`);
		if (!isRight) return;
		if (!answer.ok) t.true(String(answer.message).length > 10, `${line} says what to do`);
	}
}
