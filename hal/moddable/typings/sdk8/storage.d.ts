declare module "embedded:storage/key-value" {
	export class Storage {
		close(): void;
		delete(key: string): void;
		read(key: string): ArrayBuffer | string | number | bigint;
		write(key: string, value: ArrayBuffer | ArrayBufferView | string | number | bigint): void;
	}

	const KeyValueStorage: {
		open(options: { path: string; format?: "buffer"; mode?: "r" | "r+" }): Storage;
	};
	export default KeyValueStorage;
}
