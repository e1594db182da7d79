import config from "mc/config";
import Timer from "timer";
import { markets } from "./markets.js";

declare function trace(text: string): void;
export default async function () {
	trace(`hello ${JSON.stringify(Object.keys(config.markets))} ${(await markets()).map(({ name }) => name)}\n`);
	Timer.set(() => trace("timer\n"), 100);
}
