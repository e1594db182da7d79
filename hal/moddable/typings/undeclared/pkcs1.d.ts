/** A module of the SDK that it does not declare: the part used here. */
declare module "pkcs1" {
	import type { Big } from "x509";

	const PKCS1: { OS2IP(bytes: Uint8Array): Big };
	export default PKCS1;
}
