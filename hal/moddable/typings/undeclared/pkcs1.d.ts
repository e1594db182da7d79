/** Of the SDK, which does not declare it: as much as is used here. */
declare module "pkcs1" {
	import type { Big } from "x509";

	const PKCS1: { OS2IP(bytes: Uint8Array): Big };
	export default PKCS1;
}
