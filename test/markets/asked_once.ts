/** Answers by which a market that has done what was asked for may claim that it has not, or say nothing of use. */
import type { Step } from "../../tools/world/markets/script.js";

/** Statuses that an answer may have, whether documented or not. */
const STATUSES = [
	...[200, 201, 202, 204, 301, 302, 303, 307, 308],
	...[
		400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 415, 418, 421, 422, 423, 425, 426, 428, 429, 431,
		451,
	],
	...[499, 500, 501, 502, 503, 504, 507, 508, 511, 520, 521, 522, 524, 529, 599],
];

const HEADERS: readonly Readonly<Record<string, string>>[] = [
	{},
	{ "Retry-After": "0" },
	{ "Retry-After": "1", Location: "/again", "WWW-Authenticate": "Bearer" },
];

/** Each status with each body and some headers: the step "done, and answered so". */
export function lies(bodies: readonly (object | string)[]): Step[] {
	return STATUSES.flatMap((status) =>
		bodies.map((body, i): Step => {
			const headers = HEADERS[(status + i) % HEADERS.length]!;
			return { name: "answer", status, headers, body: status === 204 ? "" : body, at: "answer" };
		}),
	);
}
