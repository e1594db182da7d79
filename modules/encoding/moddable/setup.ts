/**
 * Defines TextEncoder and TextDecoder (https://encoding.spec.whatwg.org/#api) as globals; the SDK has them as modules. The
 * SDK runs modules named `setup/…` before it imports an app's main module.
 *
 * @module
 */
import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";

export default function (done: () => void): void {
	Object.assign(globalThis, { TextDecoder, TextEncoder });
	done();
}
