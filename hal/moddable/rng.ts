/** In the place of the SDK's module of this name, whose numbers anyone can compute: the port's generator. */
import { random } from "./random.js";

export default Object.freeze({
	get(count: number): ArrayBuffer {
		const bytes = new Uint8Array(count);
		random.call(undefined, bytes);
		return bytes.buffer;
	},
});
