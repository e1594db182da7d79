/** Requests to a local market, by fetch alone. */

export interface Answer {
	readonly status: number;
	/** The JSON object; `text` has what is none. */
	readonly body: Readonly<Record<string, unknown>>;
	readonly headers: Headers;
}

/** @param body a string is sent as it is, anything else as JSON */
export async function send(
	market: { readonly url: string },
	method: string,
	path: string,
	body?: unknown,
	headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
	const json = body === undefined ? {} : { "Content-Type": "application/json" };
	const response = await fetch(market.url + path, {
		method,
		headers: { ...json, ...headers },
		...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
	});
	const answered = await response.text();
	return {
		status: response.status,
		body: answered.startsWith("{") ? (JSON.parse(answered) as Answer["body"]) : { text: answered },
		headers: response.headers,
	};
}
