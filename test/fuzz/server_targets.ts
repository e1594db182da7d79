/** What a server can send beside HTTP and x402: its certificate, and the JSON Schema of an offer's input. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseCertificate, subjectOf } from "../../hal/moddable/tls/certificate.js";
import { faultOf } from "../../src/markets/payanagent/input_schema.js";
import { mustBe } from "./oracle.js";
import type { Target } from "./targets.js";

const pem = readFileSync(path.join(import.meta.dirname, "../hal/support/localhost.pem"), "utf8");

const certificateTarget: Target = {
	corpus: [new Uint8Array(new X509Certificate(pem).raw)],
	parse(input) {
		const { subject, whole } = parseCertificate(input);
		mustBe(whole.length <= input.length && subject.length < whole.length, "longer than it is");
		subjectOf(input);
	},
};

const schema = {
	type: "object",
	required: ["place"],
	additionalProperties: false,
	properties: {
		place: { type: ["string", "null"], minLength: 1, maxLength: 20, enum: ["Kiel", null, 7] },
		days: { type: "array", items: { type: "integer", minimum: 0, maximum: 9 } },
	},
};

const schemaTarget: Target = {
	corpus: [schema, schema.properties.place, schema.properties.days].map((each) => Buffer.from(JSON.stringify(each))),
	parse(input) {
		const text = new TextDecoder().decode(input);
		for (const value of [{ place: "Kiel", days: [1, 10] }, { place: "" }, [[[[[[[[[1]]]]]]]]], "Kiel", -3, null]) {
			const found = faultOf(text, value);
			mustBe(found === undefined || found.length < 1_000, "a long message");
		}
	},
};

export const serverTargets: Readonly<Record<string, Target>> = {
	"a server's certificate": certificateTarget,
	"the schema of an offer's input": schemaTarget,
};
