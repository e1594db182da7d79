/** Reads the parts of a board's image from the Moddable manifests: the project's, the SDK's, ESP-IDF's. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../project.js";

/** The parts of one image. Paths are relative to the project's root, or to the SDK's. */
export interface ImageParts {
	/** The project's manifests, each with the project's manifests that it includes. */
	readonly manifests: ReadonlyMap<string, readonly string[]>;
	/** The SDK's manifests, modules and resources, each with the project's manifests that name it. */
	readonly sdk: ReadonlyMap<string, readonly string[]>;
	/** ESP-IDF's components, each with the manifests that name it. */
	readonly idf: ReadonlyMap<string, readonly string[]>;
	/** Certificates of authorities, by the SDK's names for them, with the authority's name. */
	readonly roots: ReadonlyMap<string, string>;
}

/** Strings or lists of them; the key "~" lists exclusions. */
type References = Readonly<Record<string, string | readonly string[]>>;

interface Manifest {
	readonly include?: string | readonly string[];
	readonly modules?: References;
	readonly resources?: References;
	readonly dependency?: readonly { readonly idf?: string }[];
	readonly config?: { readonly tls?: { readonly roots?: Readonly<Record<string, string>> } };
	readonly platforms?: Readonly<Record<string, Manifest>>;
}

const PLATFORM = "esp32";
/** Folders of the SDK, as manifests name them. */
const SDK_FOLDERS: Readonly<Record<string, string>> = { MODDABLE: "", MODULES: "modules/", BUILD: "build/" };

/** Reads the app's manifest, a board's, and everything that they include, as mcconfig does for an ESP32. */
export function readImageParts(...roots: readonly string[]): ImageParts {
	const reader = new ManifestReader();
	for (const root of roots) reader.read(root);
	return reader;
}

class ManifestReader implements ImageParts {
	readonly manifests = new Map<string, string[]>();
	readonly sdk = new Map<string, string[]>();
	readonly idf = new Map<string, string[]>();
	readonly roots = new Map<string, string>();

	read(file: string): void {
		if (this.manifests.has(file)) return;
		this.manifests.set(file, []);
		const manifest = JSON.parse(readFileSync(path.join(ROOT, file), "utf8")) as Manifest;
		this.#take(file, manifest);
		const { platforms = {} } = manifest;
		for (const [name, part] of Object.entries(platforms)) if (name.split("/")[0] === PLATFORM) this.#take(file, part);
	}

	#take(file: string, { include = [], modules, resources, dependency = [], config }: Manifest): void {
		for (const each of typeof include === "string" ? [include] : include) {
			if (this.#isOfSdk(file, each)) continue;
			const included = path.join(path.dirname(file), each);
			this.manifests.get(file)!.push(included);
			this.read(included);
		}
		for (const each of [...referencesIn(modules), ...referencesIn(resources)]) this.#isOfSdk(file, each);
		for (const { idf } of dependency) if (idf !== undefined) add(this.idf, idf, file);
		for (const [name, authority] of Object.entries(config?.tls?.roots ?? {})) this.roots.set(name, authority);
	}

	#isOfSdk(file: string, reference: string): boolean {
		const [, variable, rest] = /^\$\((\w+)\)\/(.*)$/.exec(reference) ?? [];
		const folder = SDK_FOLDERS[variable ?? ""];
		if (folder === undefined) return false;
		add(this.sdk, folder + rest!.replace(/\.json$/, "").replace(/\/manifest$/, ""), file);
		return true;
	}
}

function referencesIn(references: References = {}): string[] {
	return Object.entries(references).flatMap(([name, value]) => (name === "~" ? [] : value));
}

function add(parts: Map<string, string[]>, name: string, file: string): void {
	const files = parts.get(name) ?? [];
	if (!files.includes(file)) files.push(file);
	parts.set(name, files);
}
