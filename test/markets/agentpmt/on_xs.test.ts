/** AgentPMT bought from on XS, with the memory of the smallest board. */

import { secret } from "../../../tools/world/secret_log.js";
import { xsTest } from "../../xs/device.js";
import { openDevice } from "../plans_on_xs.js";

xsTest("on XS a device buys the suggested pack and calls by credits and by x402, in both dialects", async (t) => {
	const { run } = await openDevice(t, "agentpmt");
	const access_token = secret("ya29.of-a-device-on-xs");
	await run(
		[
			{ offer: "weather/forecast", input: { place: "Kiel" }, ends: "refused CreditsInsufficient" },
			{ offer: "credits:400", input: { email: "owner@example.com" }, ends: "delivered paid" },
			{ offer: "demo-tool/do-it", input: { b: 1, a: { z: [3, 2], y: "é" } }, ends: "delivered paid" },
			{ offer: "calendar/next-event", ends: "delivered paid" },
			{ offer: "unlucky/fail", ends: "refused ServerFailed" },
			{ offer: "x402:weather/forecast", input: { place: "Kiel" }, ends: "delivered paid" },
			{ offer: "x402:credits-only/do-it", ends: "refused NotFound" },
		],
		{ credentials: { calendar: { google_oauth: { access_token } } } },
	);
	await run([{ offer: "000000000000000000000001", ends: "delivered paid" }], { dialect: "older" });
});
