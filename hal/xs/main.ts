/** The firmware on the XS host. The host calls the default export once, after everything has been preloaded. */
import { main } from "../../src/main.js";
import { markets } from "../../src/markets/list.js";
import { createPort } from "./port.js";

export default function (): Promise<void> {
	return main(createPort(), markets);
}
