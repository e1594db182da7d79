/**
 * `npm run test:moddable`: the firmware as a Moddable app, in the simulator without a display, against the local world. It
 * needs the SDK (MODDABLE names its folder); without it, it says so and ends with 77, as a check does that could not run. A parameter
 * picks the checks whose names it is a part of.
 */
import { buildSimulator } from "../../tools/moddable/simulator.js";
import { startWorld } from "../../tools/world/world.js";
import { boardChecks } from "../boards/on_moddable.js";
import { displayChecks } from "../display/picture.js";
import { runChecks } from "./check.js";
import { consoleChecks } from "./console_on_sim.js";
import { marketChecks } from "./markets_in_image.js";
import { Pki } from "./pki.js";
import { programChecks } from "./programs_on_sim.js";
import { purchaseChecks } from "./purchases_on_sim.js";
import { tlsChecks } from "./tls_on_sim.js";

const EXIT_NOT_RUN = 77;

if (!process.env.MODDABLE) {
	console.log("not run: MODDABLE is not set (get the Moddable SDK with `npx xs-dev setup`)");
	process.exit(EXIT_NOT_RUN);
}
console.log("building the app, and the app of these tests; the first time takes some minutes");
const build = buildSimulator();
const programs = buildSimulator("test/moddable/programs/manifest.json");
const world = await startWorld();
const pki = new Pki();
const checks = [
	...programChecks(programs),
	...purchaseChecks(build, programs, world),
	...tlsChecks(build, world, pki),
	...consoleChecks(build),
	...marketChecks(build, world),
	...displayChecks(),
	...boardChecks(),
];
const isRight = await runChecks(checks.filter(({ name }) => name.includes(process.argv[2] ?? "")));
await pki.remove();
await world.stop();
process.exitCode = isRight ? 0 : 1;
