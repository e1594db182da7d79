/** A module of the SDK that it does not declare: the part used here. */
declare module "ecdsa" {
	import type { Curve } from "x509";

	export default class ECDSA {
		constructor(key: object, curve: Curve);
		/** @param signature r and s, each as long as a coordinate */
		verify(hash: ArrayBuffer, signature: ArrayBuffer): boolean;
	}
}
