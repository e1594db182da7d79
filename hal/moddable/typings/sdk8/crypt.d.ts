declare module "crypt" {
	type DigestType = "MD5" | "SHA1" | "SHA224" | "SHA256" | "SHA384" | "SHA512";

	export class Digest {
		constructor(type: DigestType);
		write(message: string | ArrayBuffer): void;
		close(): ArrayBuffer;
	}
}
