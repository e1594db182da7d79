/*
 * SHA-256 and SHA-512 of FIPS 180-4, compact. The constants of SHA-256 are the upper halves of those of SHA-512 (both are
 * the first bits of the cube and square roots of the first primes), so there is one table for the two.
 */
#include "hash.h"

#include "arithmetic.h"
#include "signer.h"

#include <string.h>

static const uint64_t K[80] = {
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
	0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
	0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
	0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
	0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
	0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
	0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
	0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
	0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
	0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
	0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
	0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
	0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
	0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
	0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};
static const uint64_t INITIAL[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
	0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static uint32_t rotate32(uint32_t x, int n) { return x >> n | x << (32 - n); }
static uint64_t rotate64(uint64_t x, int n) { return x >> n | x << (64 - n); }

static uint32_t load_big_endian(const uint8_t *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void store_big_endian(uint8_t *bytes, uint32_t word) {
	bytes[0] = (uint8_t)(word >> 24);
	bytes[1] = (uint8_t)(word >> 16);
	bytes[2] = (uint8_t)(word >> 8);
	bytes[3] = (uint8_t)word;
}

/*
 * Both compressions go in chunks of 16 rounds. The schedule is written twice, 16 words apart, so that no index wraps.
 */

/* A round whose variables stay where they are; the next one takes them one place on. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                                          \
	h += (rotate32(e, 6) ^ rotate32(e, 11) ^ rotate32(e, 25)) + (g ^ (e & (f ^ g))) + (uint32_t)(k[i] >> 32) + w[i]; \
	d += h;                                                                                                   \
	h += (rotate32(a, 2) ^ rotate32(a, 13) ^ rotate32(a, 22)) + ((a & b) | (c & (a | b)));

#define EXCHANGE(x, y) \
	t = x;         \
	x = y;         \
	y = t;

static void compress256(uint32_t state[8], const uint8_t block[64]) {
	uint32_t words[32];
	for (uint32_t *w = words; w < words + 16; w++, block += 4)
		w[16] = w[0] = load_big_endian(block);
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	const uint64_t *k = K;
	for (;;) {
		/* Four rounds, not eight or all, are where code spent stops paying. */
		for (const uint32_t *w = words; w < words + 16; w += 4, k += 4) {
			uint32_t t;
			ROUND(a, b, c, d, e, f, g, h, 0)
			ROUND(h, a, b, c, d, e, f, g, 1)
			ROUND(g, h, a, b, c, d, e, f, 2)
			ROUND(f, g, h, a, b, c, d, e, 3)
			EXCHANGE(a, e)
			EXCHANGE(b, f)
			EXCHANGE(c, g)
			EXCHANGE(d, h)
		}
		if (k == K + 64)
			break;
		for (uint32_t *w = words; w < words + 16; w++) {
			uint32_t x = w[1], y = w[14];
			w[0] += (rotate32(x, 7) ^ rotate32(x, 18) ^ x >> 3) + w[9] + (rotate32(y, 17) ^ rotate32(y, 19) ^ y >> 10);
			w[16] = w[0];
		}
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

/* Eight words; not a memcpy, for the reason given at signer_words_copy. */
static void copy64(uint64_t *r, const uint64_t *a) {
	for (const uint64_t *end = a + 8; a != end; a++) {
		uint64_t word = *a;
		__asm__("" : "+r"(word));
		*r++ = word;
	}
}

/* The eight variables slide down an array, a new one at its lower end each round, and are put
   back every eight rounds. */
static void compress512(uint64_t state[8], const uint8_t block[128]) {
	struct {
		uint64_t w[32], s[16];
	} v;
	for (uint64_t *w = v.w; w < v.w + 16; w++, block += 8)
		w[16] = w[0] = (uint64_t)load_big_endian(block) << 32 | load_big_endian(block + 4);
	copy64(v.s, state);
	const uint64_t *k = K;
	for (;;) {
		for (const uint64_t *w = v.w; w < v.w + 16;) {
			copy64(v.s + 8, v.s);
			for (uint64_t *s = v.s + 8; s > v.s; s--) {
				uint64_t e = s[4], a = s[0];
				uint64_t t = s[7] + (rotate64(e, 14) ^ rotate64(e, 18) ^ rotate64(e, 41)) + (s[6] ^ (e & (s[5] ^ s[6]))) +
				             *k++ + *w++;
				s[3] += t;
				s[-1] = t + (rotate64(a, 28) ^ rotate64(a, 34) ^ rotate64(a, 39)) + ((a & s[1]) | (s[2] & (a | s[1])));
			}
		}
		if (k == K + 80)
			break;
		for (uint64_t *w = v.w; w < v.w + 16; w++) {
			uint64_t x = w[1], y = w[14];
			w[0] += (rotate64(x, 1) ^ rotate64(x, 8) ^ x >> 7) + w[9] + (rotate64(y, 19) ^ rotate64(y, 61) ^ y >> 6);
			w[16] = w[0];
		}
	}
	for (int i = 0; i < 8; i++)
		state[i] += v.s[i];
}

void signer_sha256_start(signer_sha256_context *context) {
	for (int i = 0; i < 8; i++)
		context->state[i] = (uint32_t)(INITIAL[i] >> 32);
	context->length = 0;
}

void signer_sha256_update(signer_sha256_context *context, const uint8_t *data, size_t length) {
	while (length > 0) {
		size_t filled = context->length & 63;
		size_t take = 64 - filled < length ? 64 - filled : length;
		memcpy(context->block + filled, data, take);
		context->length += take;
		data += take;
		length -= take;
		if (filled + take == 64)
			compress256(context->state, context->block);
	}
}

void signer_sha256_finish(signer_sha256_context *context, uint8_t digest[32]) {
	size_t filled = context->length & 63;
	context->block[filled++] = 0x80;
	if (filled > 56) {
		memset(context->block + filled, 0, 64 - filled);
		compress256(context->state, context->block);
		filled = 0;
	}
	memset(context->block + filled, 0, 56 - filled);
	store_big_endian(context->block + 56, (uint32_t)((uint64_t)context->length >> 29));
	store_big_endian(context->block + 60, (uint32_t)context->length << 3);
	compress256(context->state, context->block);
	for (int i = 0; i < 8; i++)
		store_big_endian(digest + 4 * i, context->state[i]);
}

void signer_sha512_start(signer_sha512_context *context) {
	copy64(context->state, INITIAL);
	context->length = 0;
}

void signer_sha512_update(signer_sha512_context *context, const uint8_t *data, size_t length) {
	while (length > 0) {
		size_t filled = context->length & 127;
		size_t take = 128 - filled < length ? 128 - filled : length;
		memcpy(context->block + filled, data, take);
		context->length += take;
		data += take;
		length -= take;
		if (filled + take == 128)
			compress512(context->state, context->block);
	}
}

void signer_sha512_finish(signer_sha512_context *context, uint8_t digest[64]) {
	size_t filled = context->length & 127;
	context->block[filled++] = 0x80;
	if (filled > 112) {
		memset(context->block + filled, 0, 128 - filled);
		compress512(context->state, context->block);
		filled = 0;
	}
	memset(context->block + filled, 0, 120 - filled);
	store_big_endian(context->block + 120, (uint32_t)((uint64_t)context->length >> 29));
	store_big_endian(context->block + 124, (uint32_t)context->length << 3);
	compress512(context->state, context->block);
	for (int i = 0; i < 8; i++) {
		store_big_endian(digest + 8 * i, (uint32_t)(context->state[i] >> 32));
		store_big_endian(digest + 8 * i + 4, (uint32_t)context->state[i]);
	}
}

static SIGNER_APART void sha256(const uint8_t *data, size_t length, uint8_t digest[32]) {
	signer_sha256_context context;
	signer_sha256_start(&context);
	signer_sha256_update(&context, data, length);
	signer_sha256_finish(&context, digest);
}

void signer_sha256(const uint8_t *data, size_t length, uint8_t digest[32]) {
	sha256(data, length, digest);
	signer_clear_stack();
}

static SIGNER_APART void sha512(const uint8_t *data, size_t length, uint8_t digest[64]) {
	signer_sha512_context context;
	signer_sha512_start(&context);
	signer_sha512_update(&context, data, length);
	signer_sha512_finish(&context, digest);
}

void signer_sha512(const uint8_t *data, size_t length, uint8_t digest[64]) {
	sha512(data, length, digest);
	signer_clear_stack();
}
