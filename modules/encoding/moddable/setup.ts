/**
 * TextEncoder and TextDecoder (https://encoding.spec.whatwg.org/#api) as globals: the SDK has them as modules. What is named
 * `setup/…` it calls before an app's main module is imported.
 * @module
 */
import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";

export default function (done: () => void): void {
	Object.assign(globalThis, { TextDecoder, TextEncoder });
	done();
}
