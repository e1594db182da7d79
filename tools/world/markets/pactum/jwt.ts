/** JSON Web Tokens as the gateway issues them: RFC 7519 over HMAC-SHA-256 (RFC 7515), by `node:crypto`. */
import { createHmac, timingSafeEqual } from "node:crypto";

export interface Claims {
	/** Lower case. */
	readonly wallet: string;
	/** In the open, as the real ones have it: who holds the token can spend. */
	readonly api_key: string;
	/** Seconds since 1970. */
	readonly iat: number;
	readonly exp: number;
	/** Tells apart two tokens of one second. */
	readonly jti: string;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const mac = (text: string, secret: string): Buffer => createHmac("sha256", secret).update(text).digest();

export function signToken(claims: Claims, secret: string): string {
	const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
	return `${text}.${mac(text, secret).toString("base64url")}`;
}

/** The claims of a token that `secret` signed and that is not expired at `now` (milliseconds); nothing otherwise. */
export function readToken(token: string, secret: string, now: number): Claims | undefined {
	const [header, payload, signature, ...more] = token.split(".");
	if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return undefined;
	const given = Buffer.from(signature, "base64url");
	const expected = mac(`${header}.${payload}`, secret);
	if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
	const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
	return claims.exp * 1000 > now ? claims : undefined;
}
