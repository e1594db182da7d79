/** A module of the SDK that it does not declare: the part used here. */
declare module "pkcs1_5" {
	import type { Big } from "x509";

	export default class PKCS1_5 {
		constructor(key: { readonly modulus: Big; readonly exponent: Big }, isPrivate: boolean, hash?: readonly number[]);
		readonly modulusSize: number;
		readonly rsa: { process(number: Big): Big };
		emsaEncode(hash: ArrayBuffer, length: number): Big;
	}
}
