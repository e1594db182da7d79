/**
 * The software bill of materials of the boards' images, in CycloneDX 1.6 (ECMA-424): the project's modules, the parts of the
 * Moddable SDK that the manifests name, ESP-IDF and its components. npm's packages build and test; none is on a device.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { allBoards } from "../moddable/boards.js";
import { ROOT } from "../project.js";
import { type ImageParts, readImageParts } from "./manifests.js";

/** The file that is kept in the repository. */
export const SBOM_FILE = "tools/sbom/sbom.cdx.json";

export interface Component {
	readonly type: "firmware" | "framework" | "library" | "data";
	readonly "bom-ref": string;
	readonly name: string;
	readonly version: string;
	readonly licenses: readonly ({ readonly license: { readonly id: string } } | { readonly expression: string })[];
	readonly purl?: string;
	readonly description?: string;
	readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

export interface Sbom {
	readonly bomFormat: "CycloneDX";
	readonly specVersion: "1.6";
	readonly serialNumber: string;
	readonly version: 1;
	readonly metadata: { readonly component: Component };
	readonly components: readonly Component[];
	readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** The versions with which the firmware is built (docs/supported.md). */
export const SDK_VERSION = "8.2";
export const IDF_VERSION = "6.0";
const MBEDTLS_VERSION = "4.0.0";

const APP = "manifest.json";
const FIRMWARE_REF = "micropayer";
const SDK_REF = "moddable";
const XS_REF = "moddable/xs";
const IDF_REF = "esp-idf";
const MBEDTLS_REF = "esp-idf/mbedtls";
/** As stated in each of the SDK's runtime files; XS has parts under Apache 2.0 too. */
const SDK_LICENSE = "LGPL-3.0-or-later";
/** Components in every image that no manifest of the project names: the system, and the radio by the SDK's Wi-Fi. */
const IDF_ALWAYS = ["esp_wifi", "freertos", "wpa_supplicant"];
/** Licences of ESP-IDF's components that differ from its own. */
const IDF_LICENSES: Readonly<Record<string, string>> = {
	freertos: "MIT",
	lwip: "BSD-3-Clause",
	wpa_supplicant: "BSD-3-Clause",
};
/** Some manifests use files of the SDK's examples: fonts under a licence of their own. */
const FONT_LICENSE = "Apache-2.0";

export function makeSbom(): Sbom {
	const { version, license } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
		version: string;
		license: string;
	};
	const boards = allBoards().map(({ name }) => ({
		name,
		parts: readImageParts(APP, `boards/${name}/manifest.json`),
	}));
	const all = readImageParts(APP, ...boards.map(({ name }) => `boards/${name}/manifest.json`));
	const firmware = firmwareComponent(version, license);
	const components = [
		...[...all.manifests.keys()].map((file) => projectComponent(file, version, license)),
		...sdkComponents(all),
		...idfComponents(all),
	].map((component) => withBoards(component, boardsOf(component, boards)));
	const sorted = components.toSorted((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1));
	const dependencies = dependenciesOf(all, sorted);
	return {
		bomFormat: "CycloneDX",
		specVersion: "1.6",
		serialNumber: serialOf([firmware, ...sorted]),
		version: 1,
		metadata: { component: firmware },
		components: sorted,
		dependencies,
	};
}

function firmwareComponent(version: string, license: string): Component {
	return {
		type: "firmware",
		"bom-ref": FIRMWARE_REF,
		name: "micropayer",
		version,
		licenses: licensed(license),
		description: "firmware with which a microcontroller buys its own data",
	};
}

/** Describes a manifest of the project, which stands for the modules that it lists. */
function projectComponent(file: string, version: string, license: string): Component {
	return {
		type: "library",
		"bom-ref": projectRef(file),
		name: nameOf(file),
		version,
		licenses: licensed(license),
	};
}

function projectRef(file: string): string {
	return `${FIRMWARE_REF}/${nameOf(file)}`;
}

/** Names a manifest by its folder, and a list of manifests by its file. */
function nameOf(file: string): string {
	if (file === APP) return "app";
	return path.basename(file) === APP ? path.dirname(file) : file.replace(/\.json$/, "");
}

function sdkComponents({ sdk, roots }: ImageParts): Component[] {
	const base = { version: SDK_VERSION, licenses: licensed(SDK_LICENSE) };
	const purl = `pkg:github/Moddable-OpenSource/moddable@${SDK_VERSION}`;
	const certificates = [...roots].map(
		([name, authority]): Component => ({
			type: "data",
			"bom-ref": `${SDK_REF}/modules/crypt/data/${name}`,
			name: authority,
			version: SDK_VERSION,
			licenses: licensed("MPL-2.0"),
			description: "the certificate of an authority that TLS trusts, from Mozilla's list",
		}),
	);
	const isCertificate = (name: string) => name.startsWith("modules/crypt/data/");
	return [
		{ type: "framework", "bom-ref": SDK_REF, name: "Moddable SDK", purl, ...base },
		{
			type: "library",
			"bom-ref": XS_REF,
			name: "XS",
			purl: `${purl}#xs`,
			version: SDK_VERSION,
			licenses: [{ expression: `${SDK_LICENSE} AND Apache-2.0` }],
		},
		...[...sdk.keys()]
			.filter((name) => !isCertificate(name))
			.map(
				(name): Component => ({
					type: name.includes("/assets/") ? "data" : "library",
					"bom-ref": `${SDK_REF}/${name}`,
					name,
					version: SDK_VERSION,
					licenses: licensed(name.includes("/fonts/") ? FONT_LICENSE : SDK_LICENSE),
					purl: `${purl}#${name}`,
				}),
			),
		...certificates,
	];
}

function idfComponents({ idf }: ImageParts): Component[] {
	const purl = `pkg:github/espressif/esp-idf@v${IDF_VERSION}`;
	return [
		{
			type: "framework",
			"bom-ref": IDF_REF,
			name: "ESP-IDF",
			version: IDF_VERSION,
			licenses: licensed("Apache-2.0"),
			purl,
		},
		{
			type: "library",
			"bom-ref": MBEDTLS_REF,
			name: "Mbed TLS",
			version: MBEDTLS_VERSION,
			licenses: [{ expression: "Apache-2.0 OR GPL-2.0-or-later" }],
			purl: `pkg:github/Mbed-TLS/mbedtls@v${MBEDTLS_VERSION}`,
			description: "as ESP-IDF includes it: NVS encryption, Wi-Fi",
		},
		...[...new Set([...IDF_ALWAYS, ...idf.keys()])].map(
			(name): Component => ({
				type: "library",
				"bom-ref": `${IDF_REF}/${name}`,
				name,
				version: IDF_VERSION,
				licenses: licensed(IDF_LICENSES[name] ?? "Apache-2.0"),
				purl: `${purl}#components/${name}`,
			}),
		),
	];
}

function licensed(id: string) {
	return [{ license: { id } }];
}

type BoardParts = readonly { readonly name: string; readonly parts: ImageParts }[];

/** Returns the boards whose image has the component; nothing if all have. */
function boardsOf({ "bom-ref": ref }: Component, boards: BoardParts): string[] {
	const having = boards.filter(({ parts }) => {
		const refs = [
			...[...parts.manifests.keys()].map(projectRef),
			...[...parts.sdk.keys()].map((name) => `${SDK_REF}/${name}`),
			...[...parts.idf.keys()].map((name) => `${IDF_REF}/${name}`),
			...[...parts.roots.keys()].map((name) => `${SDK_REF}/modules/crypt/data/${name}`),
		];
		return refs.includes(ref);
	});
	return having.length === boards.length ? [] : having.map(({ name }) => name);
}

function withBoards(component: Component, boards: readonly string[]): Component {
	if (boards.length === 0) return component;
	return { ...component, properties: boards.map((value) => ({ name: "micropayer:board", value })) };
}

function dependenciesOf(all: ImageParts, components: readonly Component[]): Sbom["dependencies"] {
	const edges = new Map<string, Set<string>>();
	for (const ref of [FIRMWARE_REF, ...components.map((component) => component["bom-ref"])]) edges.set(ref, new Set());
	const depends = (on: string, ref: string) => edges.get(ref)!.add(on);
	for (const [file, included] of all.manifests) {
		if (file === APP || file.startsWith("boards/")) depends(projectRef(file), FIRMWARE_REF);
		for (const each of included) depends(projectRef(each), projectRef(file));
	}
	for (const [name, files] of all.sdk) for (const file of files) depends(`${SDK_REF}/${name}`, projectRef(file));
	for (const [name, files] of all.idf) for (const file of files) depends(`${IDF_REF}/${name}`, projectRef(file));
	for (const ref of [SDK_REF, XS_REF, IDF_REF]) depends(ref, FIRMWARE_REF);
	for (const ref of [MBEDTLS_REF, ...IDF_ALWAYS.map((name) => `${IDF_REF}/${name}`)]) depends(ref, IDF_REF);
	return [...edges].map(([ref, on]) => ({ ref, dependsOn: [...on].sort() }));
}

/** Equal contents have equal numbers (a version 8 UUID, RFC 9562, of their hash). */
function serialOf(components: readonly Component[]): string {
	const hex = createHash("sha256").update(JSON.stringify(components)).digest("hex");
	const parts = [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`8${hex.slice(13, 16)}`,
		`8${hex.slice(17, 20)}`,
		hex.slice(20, 32),
	];
	return `urn:uuid:${parts.join("-")}`;
}

export function sbomText(): string {
	return `${JSON.stringify(makeSbom(), null, "\t")}\n`;
}
