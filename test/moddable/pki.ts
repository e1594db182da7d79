/**
 * Certificates for the servers of these tests, made anew by the openssl program: a root that the device is told to trust, an
 * authority under it, and the servers that an honest owner, a careless one and an attacker would have.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { removeFolder, temporaryFolder } from "../support/folder.js";

export interface Certified {
	/** PEM: the server's certificate, and those between it and the root. */
	readonly cert: string;
	readonly key: string;
}

type Kind = "ec" | "rsa" | "p384";

interface Request {
	readonly subject: string;
	readonly issuer?: string;
	/** Extensions, as openssl writes them. */
	readonly extensions: readonly string[];
	readonly kind?: Kind;
	readonly days?: number;
	/** The name of the key, if it is not its own. */
	readonly key?: string;
}

const AUTHORITY = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
const LAST_AUTHORITY = ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign,cRLSign"];
const SERVER = [
	"basicConstraints=critical,CA:FALSE",
	"keyUsage=critical,digitalSignature",
	"extendedKeyUsage=serverAuth",
];

const server = (name: string) => [...SERVER, `subjectAltName=${name}`];

export class Pki {
	readonly #folder = temporaryFolder();
	/** The root's certificate, a file: in PEM, and in DER. */
	readonly ca = path.join(this.#folder, "root.pem");
	readonly caDer = path.join(this.#folder, "root.der");

	constructor() {
		this.#issue("root", { subject: "Test Root", extensions: AUTHORITY });
		this.#openssl("x509", "-in", this.ca, "-outform", "der", "-out", this.caDer);
		this.#issue("authority", { subject: "Test Authority", issuer: "root", extensions: LAST_AUTHORITY });
		this.#issue("stranger", { subject: "Another Root", extensions: AUTHORITY });
		// An attacker's own, with the name of the true one.
		this.#issue("impostor", { subject: "Test Authority", extensions: AUTHORITY });
	}

	/** Good servers, one of each kind of key, on paths of each length. */
	get good(): Readonly<Record<string, Certified>> {
		const rsaRoot = { subject: "RSA Authority", issuer: "root", extensions: LAST_AUTHORITY, kind: "rsa" } as const;
		this.#issue("rsa_authority", rsaRoot);
		const p384 = { subject: "P-384 Authority", issuer: "root", extensions: LAST_AUTHORITY, kind: "p384" } as const;
		this.#issue("p384_authority", p384);
		return {
			"P-256, by the root": this.#server("direct", "root"),
			"P-256, by an authority": this.#server("by_authority", "authority", ["authority"]),
			"RSA, by an authority with RSA": this.#server("rsa", "rsa_authority", ["rsa_authority"], { kind: "rsa" }),
			"P-256, by an authority with P-384": this.#server("by_p384", "p384_authority", ["p384_authority"]),
			"by its address": this.#server("address", "root", [], { extensions: server("IP:127.0.0.1,DNS:localhost") }),
		};
	}

	get unknownAuthority(): Certified {
		return this.#server("of_stranger", "stranger", ["stranger"]);
	}

	get wrongName(): Certified {
		return this.#server("wrong_name", "root", [], { extensions: server("DNS:localhost.example,DNS:*.localhost") });
	}

	get expired(): Certified {
		return this.#server("expired", "root", [], { days: -1 });
	}

	get forClients(): Certified {
		const extensions = [
			"keyUsage=critical,digitalSignature",
			"extendedKeyUsage=clientAuth",
			"subjectAltName=DNS:localhost",
		];
		return this.#server("for_clients", "root", [], { extensions });
	}

	/** Signed by the attacker, shown beside the true authority. */
	get forgedBesideTrueAuthority(): Certified {
		return this.#server("forged", "impostor", ["authority"]);
	}

	/** Signed with the key of a true server, which is no authority. */
	get signedByServer(): Certified {
		this.#server("true_server", "authority", [], { extensions: server("DNS:evil.example") });
		return this.#server("by_server", "true_server", ["true_server", "authority"]);
	}

	/** Signed by an authority that an authority of the last rank made. */
	get pathTooLong(): Certified {
		this.#issue("below_last", { subject: "Too Deep", issuer: "authority", extensions: LAST_AUTHORITY });
		return this.#server("too_deep", "below_last", ["below_last", "authority"]);
	}

	/** Signed by an authority for clients alone. */
	get byAuthorityForClients(): Certified {
		const extensions = [...LAST_AUTHORITY, "extendedKeyUsage=clientAuth"];
		this.#issue("clients", { subject: "Authority for Clients", issuer: "root", extensions });
		return this.#server("of_clients", "clients", ["clients"]);
	}

	/** Signed by an authority that may sign for other names alone, and says so in an extension that is not critical. */
	get byAuthorityForOthers(): Certified {
		const extensions = [...LAST_AUTHORITY, "nameConstraints=permitted;DNS:example.com"];
		this.#issue("others", { subject: "Authority for Others", issuer: "root", extensions });
		return this.#server("of_others", "others", ["others"]);
	}

	async remove(): Promise<void> {
		await removeFolder(this.#folder);
	}

	#server(name: string, issuer: string, between: readonly string[] = [], how: Partial<Request> = {}): Certified {
		this.#issue(name, { subject: name, issuer, extensions: server("DNS:localhost"), ...how });
		const read = (file: string) => readFileSync(path.join(this.#folder, file), "utf8");
		return { cert: [name, ...between].map((each) => read(`${each}.pem`)).join(""), key: read(`${name}.key`) };
	}

	#issue(name: string, { subject, issuer, extensions, kind = "ec", days = 30 }: Request): void {
		const file = (ending: string) => path.join(this.#folder, `${name}.${ending}`);
		const curve = kind === "p384" ? "P-384" : "P-256";
		const newKey = kind === "rsa" ? ["rsa", "rsa_keygen_bits:2048"] : ["ec", `ec_paramgen_curve:${curve}`];
		this.#openssl("genpkey", "-algorithm", newKey[0]!, "-pkeyopt", newKey[1]!, "-out", file("key"));
		this.#openssl("req", "-new", "-key", file("key"), "-subj", `/CN=${subject}`, "-out", file("csr"));
		const identifiers = [
			"subjectKeyIdentifier=hash",
			...(issuer === undefined ? [] : ["authorityKeyIdentifier=keyid"]),
		];
		writeFileSync(file("ext"), [...extensions, ...identifiers].join("\n"));
		const signer = issuer === undefined ? ["-signkey", file("key")] : this.#signer(issuer);
		const parameters = ["-days", String(days), "-extfile", file("ext"), "-out", file("pem"), ...signer];
		this.#openssl("x509", "-req", "-in", file("csr"), kind === "p384" ? "-sha384" : "-sha256", ...parameters);
	}

	#signer(issuer: string): string[] {
		const file = (ending: string) => path.join(this.#folder, `${issuer}.${ending}`);
		return ["-CA", file("pem"), "-CAkey", file("key"), "-CAcreateserial"];
	}

	#openssl(...parameters: string[]): void {
		const { status, stderr } = spawnSync("openssl", parameters, { encoding: "utf8" });
		if (status !== 0)
			throw new Error(`openssl ${parameters.join(" ")} failed (Debian: openssl): ${stderr ?? "not found"}`);
	}
}
