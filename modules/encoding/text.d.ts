/**
 * The two globals besides ECMAScript that device code may use, limited to what XS has of them
 * (https://encoding.spec.whatwg.org/#api, UTF-8 only).
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
