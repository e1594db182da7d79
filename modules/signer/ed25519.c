/*
 * Ed25519 of RFC 8032 §5.1.
 *
 * Points are in extended coordinates (Hisil, Wong, Carter, Dawson 2008): x = X / Z, y = Y / Z, x y = T / Z. Table entries
 * are (y + x) / 2, (y - x) / 2 and d x y: a mixed addition takes 7 multiplications. The formulas are complete.
 */
#include "arithmetic.h"
#include "comb.h"
#include "hash.h"
#include "signer.h"

#include <string.h>

#include "ed25519_table.h"

#define ENTRY_WORDS 25

/* Every 32 bytes are a seed. */
#define ANY_KEY 0xffffffff

static const uint32_t ONE[8] = {1};

typedef struct {
	uint32_t x[8], y[8], z[8], t[8];
	uint32_t tag;
} point;

static void multiply(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]) {
	signer_field_multiply(r, a, b, SIGNER_FIELD_ED25519);
}
static void square(uint32_t r[8], const uint32_t a[8]) { signer_field_square(r, a, SIGNER_FIELD_ED25519); }
static void add(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]) {
	signer_field_add(r, a, b, SIGNER_FIELD_ED25519);
}
static void subtract(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]) {
	signer_field_subtract(r, a, b, SIGNER_FIELD_ED25519);
}

/* p from E, F, G, H: X = E F, Y = G H, Z = F G, T = E H; E may be p->x. T is left out where a doubling or nothing follows,
   neither of which looks at it. */
static void complete(point *p, const uint32_t e[8], const uint32_t f[8], const uint32_t g[8], const uint32_t h[8],
                     int with_t) {
	if (with_t)
		multiply(p->t, e, h);
	multiply(p->x, e, f);
	multiply(p->y, g, h);
	multiply(p->z, f, g);
}

static void point_double(point *p) {
	uint32_t e[8], f[8], g[8], h[8];
	/*
	 * Z is never zero. If a fault made it zero, with X or Y, the formulas would return to the curve, at the neutral point or
	 * that of order 2: the tag detects it.
	 */
	uint32_t lost = signer_words_zero_mask(p->z, 8) & 1;
	add(e, p->x, p->y);
	square(e, e);
	square(f, p->x);
	square(g, p->y);
	add(h, f, g);
	subtract(e, h, e);
	subtract(g, f, g);
	square(f, p->z);
	add(f, f, f);
	add(f, f, g);
	complete(p, e, f, g, h, 1);
	p->tag = signer_tag_add(signer_tag_add(p->tag, p->tag), lost);
}

/* p = p ± entry, with a minus where the mask is all ones: -(x, y) has y + x and y - x exchanged and d x y negated, which
   exchanges F and G. The entry holds halves, and so E to H are halves, which cancels. */
static void point_add(point *p, uint32_t entry[ENTRY_WORDS], uint32_t negative, int with_t) {
	uint32_t e[8], f[8], g[8], h[8];
	signer_words_swap_if(entry, entry + 8, negative);
	subtract(e, p->y, p->x);
	multiply(e, e, entry + 8);
	add(h, p->y, p->x);
	multiply(h, h, entry);
	multiply(g, p->t, entry + 16);
	subtract(f, p->z, g);
	add(g, p->z, g);
	signer_words_swap_if(f, g, negative);
	subtract(p->x, h, e);
	add(h, h, e);
	complete(p, p->x, f, g, h, with_t);
	p->tag = signer_tag_add(p->tag, signer_tag_negate_if(entry[24], negative));
}

/* p = k B, for any k of 256 bits that leaves the sum with the offset in 260. */
static SIGNER_APART void multiply_base(point *p, const uint32_t k[8]) {
	uint32_t entry[ENTRY_WORDS], bits[9];
	signer_comb_recode(bits, k, OFFSET);
	memset(p, 0, sizeof *p);
	p->y[0] = p->z[0] = 1;
	for (int position = SIGNER_COMB_SPACING - 1;; position--) {
		for (int block = SIGNER_COMB_BLOCKS - 1; block >= 0; block--) {
			uint32_t negative = signer_comb_look_up(entry, TABLE, ENTRY_WORDS, bits, block, position);
			point_add(p, entry, negative, block != 0);
		}
		if (position == 0)
			break;
		point_double(p);
	}
}

/* All ones if -x^2 + y^2 = 1 + d x^2 y^2, else 0. */
static SIGNER_APART uint32_t is_on_curve(const uint32_t x[8], const uint32_t y[8]) {
	uint32_t xx[8], yy[8], right[8];
	square(xx, x);
	square(yy, y);
	multiply(right, xx, yy);
	multiply(right, right, D);
	add(right, right, ONE);
	add(right, right, xx);
	subtract(right, right, yy);
	signer_field_normalise(right, &PRIME);
	return signer_words_zero_mask(right, 8);
}

/* Evidence that an encoded point is still the right multiple: a sum of its coordinates, and its tag. */
typedef struct {
	uint32_t sum, tag;
} witness;

/* bytes = the encoding of p (RFC 8032 §5.1.2). All ones if p is on the curve, else 0. The sum is taken first, so that no
   bit flips between the two unnoticed. */
static SIGNER_APART uint32_t encode(uint8_t bytes[32], witness *expected, const point *p) {
	uint32_t inverse[8], x[8], y[8];
	signer_words_copy(x, p->z, 8);
	signer_field_normalise(x, &PRIME);
	signer_inverse(inverse, x, &PRIME);
	/* Minus the inverse would give another point of the curve, (-x, -y). */
	multiply(x, x, inverse);
	signer_field_normalise(x, &PRIME);
	uint32_t good = signer_words_equal_mask(x, ONE, 8);
	multiply(x, p->x, inverse);
	multiply(y, p->y, inverse);
	signer_field_normalise(x, &PRIME);
	signer_field_normalise(y, &PRIME);
	signer_words_to_little_endian(bytes, y);
	bytes[31] |= (uint8_t)(x[0] << 7);
	expected->sum = signer_words_sum(y) + (x[0] & 1);
	expected->tag = p->tag;
	return good & is_on_curve(x, y);
}

/* All ones if an encoded point is still the one that was checked, and k times the base point, else 0. */
static SIGNER_APART uint32_t is_multiple(const uint8_t bytes[32], const witness *expected, const uint32_t k[8]) {
	uint32_t y[8];
	signer_words_from_little_endian(y, bytes);
	uint32_t off = expected->sum - (y[7] >> 31);
	y[7] &= 0x7fffffff;
	off -= signer_words_sum(y);
	return signer_words_zero_mask(&off, 1) & signer_comb_check(expected->tag, k, EXCESS);
}

/* bytes = the encoding of k B. All ones if it is on the curve; whether it is that multiple is for the caller to see, who has
   another pointer to k. */
static SIGNER_APART uint32_t multiply_base_encoded(uint8_t bytes[32], witness *expected, const uint32_t k[8]) {
	point p;
	multiply_base(&p, k);
	return encode(bytes, expected, &p);
}

/* r = the 512-bit little-endian number mod order */
static SIGNER_APART void reduce(uint32_t r[8], const uint8_t bytes[64]) {
	uint32_t high[8];
	signer_words_from_little_endian(r, bytes);
	signer_ring_multiply(r, r, ORDER_R2, &ORDER);
	signer_ring_multiply(r, r, ONE, &ORDER);
	signer_words_from_little_endian(high, bytes + 32);
	signer_ring_multiply(high, high, ORDER_R2, &ORDER);
	signer_ring_add(r, r, high, &ORDER);
}

/* hash = SHA-512(a || b || message); the hash may be a or b. */
static SIGNER_APART void hash_joined(uint8_t hash[64], const uint8_t *a, size_t a_length, const uint8_t *b,
                                     size_t b_length, const uint8_t *message, size_t length) {
	signer_sha512_context context;
	signer_sha512_start(&context);
	signer_sha512_update(&context, a, a_length);
	signer_sha512_update(&context, b, b_length);
	signer_sha512_update(&context, message, length);
	signer_sha512_finish(&context, hash);
}

/* The secret scalar, of 255 bits, and after it the prefix (RFC 8032 §5.1.5). */
static void derive(uint8_t secret[64], const uint8_t seed[32]) {
	hash_joined(secret, seed, 32, NULL, 0, NULL, 0);
	secret[0] &= 248;
	secret[31] = (uint8_t)((secret[31] & 127) | 64);
}

/* All ones if the scalar that was multiplied by is still that of the secret, else 0. */
static SIGNER_APART uint32_t is_scalar(const uint32_t scalar[8], const uint8_t secret[64]) {
	uint32_t again[8];
	signer_words_from_little_endian(again, secret);
	return signer_words_equal_mask(again, scalar, 8);
}

static SIGNER_APART int expand(const uint8_t seed[32], uint8_t expanded[96]) {
	uint8_t secret[64], made[96];
	uint32_t scalar[8];
	witness expected;
	derive(secret, seed);
	signer_words_from_little_endian(scalar, secret);
	memcpy(made, seed, 32);
	uint32_t good = multiply_base_encoded(made + 32, &expected, scalar);
	good &= is_scalar(scalar, secret);
	hash_joined(secret, secret, 64, made + 32, 32, NULL, 0);
	memcpy(made + 64, secret, 32);
	good &= is_multiple(made + 32, &expected, scalar);
	return signer_release(expanded, made, 96, ANY_KEY, good);
}

/* s = r + k a, k being the challenge's hash: k a = (k_low (a R) + k_high (a R^2)) / R, R = 2^256. */
static SIGNER_APART void answer(uint32_t s[8], const uint32_t r[8], const uint8_t secret[64],
                                const uint8_t challenge[64]) {
	uint32_t a[8], k[8];
	signer_words_from_little_endian(a, secret);
	signer_ring_multiply(a, a, ORDER_R2, &ORDER);
	signer_words_from_little_endian(k, challenge);
	signer_ring_multiply(k, k, a, &ORDER);
	signer_ring_add(s, r, k, &ORDER);
	signer_ring_multiply(a, a, ORDER_R2, &ORDER);
	signer_words_from_little_endian(k, challenge + 32);
	signer_ring_multiply(k, k, a, &ORDER);
	signer_ring_add(s, s, k, &ORDER);
}

static SIGNER_APART int sign(const uint8_t *message, size_t length, const uint8_t expanded[96],
                             uint8_t signature[64]) {
	uint8_t secret[64], hash[64], made[64];
	uint32_t r[8], s[8];
	witness expected = {0, 0};
	uint32_t good = 0xffffffff;
	derive(secret, expanded);
	/* S is made twice over, from both hashes taken in turn: a change of the message, of the public key or of any number
	   between two of the four hashes makes two different S. */
	for (int pass = 0; pass < 2; pass++) {
		hash_joined(hash, secret + 32, 32, NULL, 0, message, length);
		reduce(r, hash);
		if (pass == 0)
			good &= multiply_base_encoded(made, &expected, r);
		hash_joined(hash, made, 32, expanded + 32, 32, message, length);
		answer(s, r, secret, hash);
		if (pass == 0)
			signer_words_to_little_endian(made + 32, s);
	}
	good &= is_multiple(made, &expected, r);
	signer_words_from_little_endian(r, made + 32);
	good &= signer_words_equal_mask(r, s, 8);
	/* The secret and the public key, as they have been used, are the ones that belong together. */
	hash_joined(hash, secret, 64, expanded + 32, 32, NULL, 0);
	signer_words_from_little_endian(r, hash);
	signer_words_from_little_endian(s, expanded + 64);
	good &= signer_words_equal_mask(r, s, 8);
	return signer_release(signature, made, 64, ANY_KEY, good);
}

int signer_ed25519_expand(const uint8_t seed[32], uint8_t expanded[96]) {
	memset(expanded, 0, 96);
	int result = expand(seed, expanded);
	signer_clear_stack();
	return result;
}

int signer_ed25519_sign_expanded(const uint8_t *message, size_t length, const uint8_t expanded[96],
                                 uint8_t signature[64]) {
	memset(signature, 0, 64);
	int result = sign(message, length, expanded, signature);
	signer_clear_stack();
	return result;
}

int signer_ed25519_sign(const uint8_t *message, size_t length, const uint8_t seed[32], uint8_t signature[64]) {
	uint32_t expanded[24];
	memset(signature, 0, 64);
	/* Should this fail, the expanded key is zero and its seal is wrong. */
	expand(seed, (uint8_t *)expanded);
	int result = sign(message, length, (const uint8_t *)expanded, signature);
	signer_clear(expanded, 96);
	signer_clear_stack();
	return result;
}

static SIGNER_APART int public_key_of(const uint8_t seed[32], uint8_t public_key[32]) {
	uint8_t secret[64], made[32];
	uint32_t scalar[8];
	witness expected;
	derive(secret, seed);
	signer_words_from_little_endian(scalar, secret);
	uint32_t good = multiply_base_encoded(made, &expected, scalar);
	good &= is_scalar(scalar, secret);
	good &= is_multiple(made, &expected, scalar);
	return signer_release(public_key, made, 32, ANY_KEY, good);
}

int signer_ed25519_public_key(const uint8_t seed[32], uint8_t public_key[32]) {
	memset(public_key, 0, 32);
	int result = public_key_of(seed, public_key);
	signer_clear_stack();
	return result;
}
