/** A device in the test's own memory whose network is this machine's. */
import { HttpClient } from "../../src/http/client.js";
import type { HttpLimits } from "../../src/http/limits.js";
import { X402_HEADERS } from "../../src/x402/answer.js";
import { Device } from "./device.js";
import type { Event } from "./memory.js";
import { connect } from "./sockets.js";

const timer = {
	set: (callback: () => void, milliseconds: number) => setTimeout(callback, milliseconds),
	clear: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
};

export class NetworkDevice extends Device {
	/** Of the HTTP client. */
	limits: Partial<HttpLimits> = {};
	/** Whether wall time is this machine's: a chain's is. */
	followsWall = false;

	override wall(): number | undefined {
		return this.followsWall ? Date.now() : super.wall();
	}

	override async run(text: string): Promise<Event[]> {
		this.http = new HttpClient({ connect, timer, limits: { largeHeaders: X402_HEADERS, ...this.limits } });
		if (this.followsWall) {
			Object.defineProperty(this, "monotonic", { configurable: true, get: () => performance.now(), set() {} });
		}
		try {
			return await super.run(text);
		} finally {
			this.http.close();
		}
	}
}
