/**
 * The two globals that device code may use besides ECMAScript, and no more of them than XS has
 * (https://encoding.spec.whatwg.org/#api, UTF-8 alone).
 */
interface TextEncoder {
	encode(input?: string): Uint8Array<ArrayBuffer>;
}

declare var TextEncoder: { prototype: TextEncoder; new (): TextEncoder };

interface TextDecoder {
	decode(input?: ArrayBuffer | ArrayBufferView): string;
}

interface TextDecoderOptions {
	fatal?: boolean;
	ignoreBOM?: boolean;
}

declare var TextDecoder: { prototype: TextDecoder; new (label?: string, options?: TextDecoderOptions): TextDecoder };
