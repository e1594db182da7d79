import test from "ava";
import { HttpError } from "../../src/http/errors.js";
import { parseUrl } from "../../src/http/url.js";

const ACCEPTED = [
	"http://example.com",
	"https://example.com/",
	"HTTP://EXAMPLE.com:80/Path?Query=A",
	"https://example.com:443/a",
	"https://example.com:8443/a",
	"http://example.com:/a",
	"http://127.0.0.1:4021/weather",
	"http://[::1]:8080/",
	"http://[2001:DB8:0:0:1:0:0:1]/x",
	"http://[::ffff:192.0.2.1]/",
	"http://[1:2:3:4:5:6:7::]/",
	"http://[0:0:0:0:0:0:0:0]/",
	"http://[1:0:0:2:0:0:0:3]:1/",
	"http://example.com?q=1",
	"http://example.com/a/./b/../c/%2E%2e/d/",
	"http://example.com/a/..",
	"http://example.com/..//b/.",
	"http://example.com/%41?a=/../b&c[]=1|2#fragment",
	"http://xn--bcher-kva.example/",
	"http://my_host.internal:65535/;p=1,2!$&'()*+",
	"http://1.2.3.4.example/",
];

test("addresses parse as by the WHATWG's URL", (t) => {
	for (const text of ACCEPTED) {
		const oracle = new URL(text);
		const url = parseUrl(text);
		oracle.hash = "";
		t.is(url.href, oracle.href, text);
		t.is(url.origin, oracle.origin, text);
		t.is(url.authority, oracle.host, text);
		t.is(url.host, oracle.hostname.replace(/^\[|\]$/g, ""), text);
		t.is(url.port, Number(oracle.port || (url.scheme === "http" ? 80 : 443)), text);
		t.is(url.target, oracle.pathname + oracle.search, text);
	}
});

const REFUSED: readonly (readonly [text: string, name: string])[] = [
	["", "UrlMalformed"],
	["example.com/a", "UrlMalformed"],
	["/a", "UrlMalformed"],
	["//example.com/a", "UrlMalformed"],
	["http:example.com", "UrlMalformed"],
	["http:/example.com", "UrlMalformed"],
	["http://example.com/%", "UrlMalformed"],
	["http://example.com/%4", "UrlMalformed"],
	["http://example.com/?%zz", "UrlMalformed"],
	["ftp://example.com/", "UrlScheme"],
	["file:///etc/passwd", "UrlScheme"],
	["javascript:alert(1)", "UrlScheme"],
	["localhost:80/", "UrlScheme"],
	["http://user@example.com/", "UrlUserinfo"],
	["http://user:password@example.com/", "UrlUserinfo"],
	["http://example.com@evil.example/", "UrlUserinfo"],
	["http://", "UrlHost"],
	["http:///path", "UrlHost"],
	["http://:80/", "UrlHost"],
	["http://a..b/", "UrlHost"],
	["http://.a/", "UrlHost"],
	["http://a./", "UrlHost"],
	[`http://${"a".repeat(64)}/`, "UrlHost"],
	[`http://${"a.".repeat(127)}/`, "UrlHost"],
	["http://a%2eb/", "UrlHost"],
	["http://a,b/", "UrlHost"],
	["http://127.1/", "UrlHost"],
	["http://2130706433/", "UrlHost"],
	["http://0x7f000001/", "UrlHost"],
	["http://0x7f.1/", "UrlHost"],
	["http://a.0x/", "UrlHost"],
	["http://127.0.0.01/", "UrlHost"],
	["http://127.0.0.256/", "UrlHost"],
	["http://1.2.3.4.5/", "UrlHost"],
	["http://::1/", "UrlHost"],
	["http://[::1/", "UrlHost"],
	["http://[]/", "UrlHost"],
	["http://[::1]a/", "UrlHost"],
	["http://[:::]/", "UrlHost"],
	["http://[1::2::3]/", "UrlHost"],
	["http://[1:2:3:4:5:6:7]/", "UrlHost"],
	["http://[1:2:3:4:5:6:7:8:9]/", "UrlHost"],
	["http://[1:2:3:4:5:6:7:8::]/", "UrlHost"],
	["http://[12345::]/", "UrlHost"],
	["http://[::g]/", "UrlHost"],
	["http://[::1.2.3]/", "UrlHost"],
	["http://[1.2.3.4::]/", "UrlHost"],
	["http://[fe80::1%25eth0]/", "UrlHost"],
	["http://example.com:0/", "UrlPort"],
	["http://example.com:65536/", "UrlPort"],
	["http://example.com:99999999999999999999/", "UrlPort"],
	["http://example.com:8a/", "UrlPort"],
	["http://example.com:-1/", "UrlPort"],
	["http://example.com:80:80/", "UrlPort"],
	["http://example.com/a b", "UrlCharacter"],
	[" http://example.com/", "UrlCharacter"],
	["http://example.com/\r\nHost: evil", "UrlCharacter"],
	["http://example.com/\0", "UrlCharacter"],
	["http://example.com/\x7f", "UrlCharacter"],
	["http://example.com\\@evil.example/", "UrlCharacter"],
	["http://example.com/ü", "UrlCharacter"],
	["http://bücher.example/", "UrlCharacter"],
	["http://example.com/{id}", "UrlCharacter"],
	['http://example.com/"', "UrlCharacter"],
	[`http://example.com/${"a".repeat(4_096)}`, "UrlTooLong"],
];

for (const [text, name] of REFUSED) {
	test(`${JSON.stringify(text.slice(0, 60))} is refused: ${name}`, (t) => {
		const error = t.throws(() => parseUrl(text), { instanceOf: HttpError });
		t.is(error.name, name as HttpError["name"]);
		t.false(error.sent);
	});
}

/** RFC 3986 §5.4, but for the references with another scheme. */
const RESOLVED: readonly (readonly [reference: string, expected: string])[] = [
	["g", "http://a/b/c/g"],
	["./g", "http://a/b/c/g"],
	["g/", "http://a/b/c/g/"],
	["/g", "http://a/g"],
	["//g", "http://g/"],
	["?y", "http://a/b/c/d;p?y"],
	["g?y", "http://a/b/c/g?y"],
	["#s", "http://a/b/c/d;p?q"],
	["g#s", "http://a/b/c/g"],
	["g?y#s", "http://a/b/c/g?y"],
	[";x", "http://a/b/c/;x"],
	["g;x", "http://a/b/c/g;x"],
	["g;x?y#s", "http://a/b/c/g;x?y"],
	["", "http://a/b/c/d;p?q"],
	[".", "http://a/b/c/"],
	["./", "http://a/b/c/"],
	["..", "http://a/b/"],
	["../", "http://a/b/"],
	["../g", "http://a/b/g"],
	["../..", "http://a/"],
	["../../", "http://a/"],
	["../../g", "http://a/g"],
	["../../../g", "http://a/g"],
	["../../../../g", "http://a/g"],
	["/./g", "http://a/g"],
	["/../g", "http://a/g"],
	["g.", "http://a/b/c/g."],
	[".g", "http://a/b/c/.g"],
	["g..", "http://a/b/c/g.."],
	["..g", "http://a/b/c/..g"],
	["./../g", "http://a/b/g"],
	["./g/.", "http://a/b/c/g/"],
	["g/./h", "http://a/b/c/g/h"],
	["g/../h", "http://a/b/c/h"],
	["g;x=1/./y", "http://a/b/c/g;x=1/y"],
	["g;x=1/../y", "http://a/b/c/y"],
	["g?y/./x", "http://a/b/c/g?y/./x"],
	["g?y/../x", "http://a/b/c/g?y/../x"],
	["g#s/./x", "http://a/b/c/g"],
	["g#s/../x", "http://a/b/c/g"],
	["HTTPS://b:444/x", "https://b:444/x"],
	["1:2", "http://a/b/c/1:2"],
	["./a:b", "http://a/b/c/a:b"],
];

test("references resolve as in RFC 3986 §5.4", (t) => {
	const base = parseUrl("http://a/b/c/d;p?q");
	for (const [reference, expected] of RESOLVED) {
		t.is(parseUrl(reference, base).href, expected, reference);
	}
});

test("of 20,000 random addresses, each accepted one parses as by the WHATWG's URL", (t) => {
	const parts = [
		"http:",
		"https:",
		"//",
		"/",
		"?",
		"#",
		"@",
		":",
		"[",
		"]",
		"::",
		".",
		"..",
		"%2e",
		"%",
		"1",
		"0x",
		"a",
	];
	parts.push("b-c", "_", "127.0.0.1", "255", "8080", "80", "443", "é", " ", "\\", "A", ";", "&", "=", "[::1]", "[f::]");
	const base = parseUrl("http://base.example:81/p/q?r");
	let seed = 1;
	const random = (below: number) => {
		seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
		return Math.floor((seed / 2 ** 32) * below);
	};
	let accepted = 0;
	for (let n = 0; n < 20_000; n++) {
		const start = ["http://", "https://a", "", "//"][random(4)]!;
		const text = start + Array.from({ length: 1 + random(7) }, () => parts[random(parts.length)]).join("");
		let url: ReturnType<typeof parseUrl>;
		try {
			url = parseUrl(text, base);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			continue;
		}
		accepted++;
		const oracle = new URL(text, base.href);
		const href = oracle.href.replace(/#.*$/, "");
		if (href !== url.href) t.fail(`${text}: ${url.href} instead of ${href}`);
	}
	t.true(accepted > 2_000, `${accepted} were accepted`);
});
