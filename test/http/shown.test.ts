/** Addresses in messages: host and port stay, and so does the sentence around them; what may be secret does not. */
import test from "ava";
import { withoutSecrets } from "../../src/http/shown.js";

const cases: readonly (readonly [text: string, shown: string])[] = [
	[
		"could not connect to https://localhost:4391: TlsWrongName: …",
		"could not connect to https://localhost:4391: TlsWrongName: …",
	],
	["could not connect to http://127.0.0.1:80: ECONNREFUSED", "could not connect to http://127.0.0.1:80: ECONNREFUSED"],
	["see https://a.example, or https://[::1]:8080.", "see https://a.example, or https://[::1]:8080."],
	["https://user:secret@a.example:1: refused", "https://a.example:1: refused"],
	["https://user:secret: refused", "https://…: refused"],
	["(at https://a.example/b?key=secret)", "(at https://a.example/b…"],
];
for (const [text, shown] of cases) {
	test(text, (t) => {
		t.is(withoutSecrets(text), shown);
	});
}
