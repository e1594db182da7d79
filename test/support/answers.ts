/** Servers in a test's memory: what they answer, in the place of the HTTP client's sockets. */
import type { HttpClient } from "../../src/http/client.js";
import { HttpError } from "../../src/http/errors.js";
import { HeaderList } from "../../src/http/header_list.js";
import type { HttpRequest } from "../../src/http/request.js";
import type { HttpResponse } from "../../src/http/response.js";
import { parseUrl } from "../../src/http/url.js";
import type { PowerSupply } from "./power_flash.js";

/** What comes back of a request. */
export type Reply =
	| {
			readonly status: number;
			readonly headers?: Readonly<Record<string, string>>;
			readonly body?: string;
			readonly isCut?: boolean;
	  }
	/** It was served, and the answer is lost. */
	| "answer lost";

/** What becomes of a request on its way. */
export type Way = "arrives" | "unreachable" | "lost";

export interface Server {
	/** Asked before a request is sent. */
	way(): Way;
	serve(request: HttpRequest): Reply;
}

/** A client for servers that are named by their origin, whose sends and answers are operations of a device's power. */
export function memoryClient(servers: ReadonlyMap<string, Server>, power: PowerSupply, check: () => void): HttpClient {
	const counters = { connections: 0, requests: 0, bytesSent: 0, bytesReceived: 0 };
	const request = async (asked: HttpRequest): Promise<HttpResponse> => {
		await undefined;
		check();
		const url = parseUrl(asked.url);
		const server = servers.get(url.origin);
		const way = (power.isDown ? undefined : server?.way()) ?? "unreachable";
		if (server === undefined || way === "unreachable") throw failure("ConnectFailed", false);
		const reply = power.run("send", () => {
			counters.requests++;
			return way === "lost" ? "answer lost" : server.serve(asked);
		});
		await undefined;
		if (reply === "answer lost") throw failure("NoResponse", true);
		return power.run("answer", () => responseOf(reply, url));
	};
	return { request, counters, close() {} } as unknown as HttpClient;
}

function failure(name: "ConnectFailed" | "NoResponse" | "BodyCut", sent: boolean): HttpError {
	const error = new HttpError(name, "as the test has it");
	error.sent = sent;
	return error;
}

function headerList(headers: Readonly<Record<string, string>>): HeaderList {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	return new HeaderList(new TextEncoder().encode(lines.join("")));
}

function responseOf(reply: Exclude<Reply, string>, url: ReturnType<typeof parseUrl>): HttpResponse {
	const { status, headers = {}, body = "", isCut = false } = reply;
	let rest: Uint8Array | undefined = body === "" ? undefined : new TextEncoder().encode(body);
	const read = async () => {
		const piece = rest;
		rest = undefined;
		if (isCut) throw failure("BodyCut", true);
		return piece;
	};
	const text = async (limit: number) => {
		const bytes = (await read()) ?? new Uint8Array(0);
		if (bytes.length > limit) throw new HttpError("BodyTooLarge", "longer than it may be");
		return new TextDecoder().decode(bytes);
	};
	const nothing = () => {};
	const response = {
		status,
		url,
		isReused: false,
		headers: headerList(headers),
		read,
		text,
		bytes: async (limit: number) => new TextEncoder().encode(await text(limit)),
		discard: async () => {},
		another: async () => undefined,
	};
	return { ...response, close: nothing, release: nothing } as unknown as HttpResponse;
}
