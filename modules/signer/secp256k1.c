/*
 * ECDSA over secp256k1 (SEC 1 §4.1.3, SEC 2 §2.4.1) with the nonce of RFC 6979.
 *
 * Points are x = X / ZZ, y = Y / ZZZ, ZZ^3 = ZZZ^2 ("XYZZ", Sutherland): a mixed addition takes 8 multiplications and 2
 * squarings.
 */
#include "arithmetic.h"
#include "comb.h"
#include "rfc6979.h"
#include "signer.h"

#include <string.h>

#include "secp256k1_table.h"

#define ENTRY_WORDS 17

typedef struct {
	uint32_t x[8], y[8], zz[8], zzz[8];
	uint32_t tag;
} point;

static void multiply(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]) {
	signer_field_multiply(r, a, b, SIGNER_FIELD_SECP256K1);
}
static void square(uint32_t r[8], const uint32_t a[8]) { signer_field_square(r, a, SIGNER_FIELD_SECP256K1); }
static void add(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]) {
	signer_field_add(r, a, b, SIGNER_FIELD_SECP256K1);
}
static void subtract(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]) {
	signer_field_subtract(r, a, b, SIGNER_FIELD_SECP256K1);
}

/* p = 2p: "dbl-2008-s-1" of the Explicit-Formulas Database, a = 0. */
static void point_double(point *p) {
	uint32_t u[8], v[8], w[8], s[8];
	add(u, p->y, p->y);
	square(v, u);
	multiply(w, u, v);
	multiply(s, p->x, v);
	square(u, p->x);
	add(p->x, u, u);
	add(u, u, p->x);
	square(p->x, u);
	subtract(p->x, p->x, s);
	subtract(p->x, p->x, s);
	subtract(s, s, p->x);
	multiply(u, u, s);
	multiply(p->y, p->y, w);
	subtract(p->y, u, p->y);
	multiply(p->zz, p->zz, v);
	multiply(p->zzz, p->zzz, w);
	p->tag = signer_tag_add(p->tag, p->tag);
}

/* p = p + entry: "madd-2008-s". Neither is infinity and p is not ± the entry: with this offset and the blocks from the
   uppermost down, no scalar but zero comes to that, as test/signer/core/check.ts goes through and shows. */
static void point_add(point *p, const uint32_t entry[ENTRY_WORDS]) {
	uint32_t h[8], r[8], hh[8], v[8];
	multiply(h, entry, p->zz);
	subtract(h, h, p->x);
	multiply(r, entry + 8, p->zzz);
	subtract(r, r, p->y);
	square(hh, h);
	multiply(h, h, hh);
	multiply(v, p->x, hh);
	multiply(p->zz, p->zz, hh);
	multiply(p->zzz, p->zzz, h);
	multiply(p->y, p->y, h);
	square(p->x, r);
	subtract(p->x, p->x, h);
	subtract(p->x, p->x, v);
	subtract(p->x, p->x, v);
	subtract(v, v, p->x);
	multiply(v, v, r);
	subtract(p->y, v, p->y);
	p->tag = signer_tag_add(p->tag, entry[16]);
}

static void look_up(uint32_t entry[ENTRY_WORDS], const uint32_t bits[9], int block, int position) {
	uint32_t negative = signer_comb_look_up(entry, TABLE, ENTRY_WORDS, bits, block, position);
	/* -y = p - y = ~y - (2^32 + 976) modulo 2^256, without a borrow at the top since y is below p. */
	uint32_t borrow = negative & 976;
	uint32_t more = negative & 1;
	for (uint32_t *word = entry + 8; word < entry + 16; word++) {
		uint32_t y = *word ^ negative;
		*word = y - borrow;
		borrow = (y < borrow) + more;
		more = 0;
	}
	entry[16] = signer_tag_negate_if(entry[16], negative);
}

/* All ones if y^2 = x^3 + 7, else 0. */
static SIGNER_APART uint32_t is_on_curve(const uint32_t x[8], const uint32_t y[8]) {
	static const uint32_t seven[8] = {7};
	uint32_t left[8], right[8];
	square(right, x);
	multiply(right, right, x);
	add(right, right, seven);
	square(left, y);
	subtract(left, left, right);
	signer_field_normalise(left, &PRIME);
	return signer_words_zero_mask(left, 8);
}

/* x, y = k G in affine coordinates, below the prime; the result is the tag. Whether it agrees with k is for the caller to
   see, who has another pointer to k, and whether the point is on the curve. */
static SIGNER_APART uint32_t multiply_base(uint32_t x[8], uint32_t y[8], const uint32_t k[8]) {
	struct {
		point p;
		uint32_t entry[ENTRY_WORDS], bits[9];
	} s;
	signer_comb_recode(s.bits, k, OFFSET);
	memset(&s.p, 0, sizeof s.p);
	look_up(s.entry, s.bits, SIGNER_COMB_BLOCKS - 1, SIGNER_COMB_SPACING - 1);
	memcpy(s.p.x, s.entry, 64);
	s.p.zz[0] = s.p.zzz[0] = 1;
	s.p.tag = s.entry[16];
	for (int position = SIGNER_COMB_SPACING - 1, block = SIGNER_COMB_BLOCKS - 2;; block = SIGNER_COMB_BLOCKS - 1) {
		for (; block >= 0; block--) {
			look_up(s.entry, s.bits, block, position);
			point_add(&s.p, s.entry);
		}
		if (position-- == 0)
			break;
		point_double(&s.p);
	}
	/* 1 / Z = ZZ / ZZZ */
	signer_field_normalise(s.p.zzz, &PRIME);
	signer_inverse(s.entry, s.p.zzz, &PRIME);
	/* Minus the inverse would give another point of the curve, (x, -y). */
	multiply(y, s.p.zzz, s.entry);
	signer_field_normalise(y, &PRIME);
	y[0] ^= 1;
	s.p.tag = signer_tag_add(s.p.tag, ~signer_words_zero_mask(y, 8) & 1);
	multiply(y, s.p.y, s.entry);
	multiply(s.entry, s.entry, s.p.zz);
	square(s.entry, s.entry);
	multiply(x, s.p.x, s.entry);
	signer_field_normalise(x, &PRIME);
	signer_field_normalise(y, &PRIME);
	return s.p.tag;
}

/* All ones for a in [1, order). */
static uint32_t in_range(const uint32_t a[8]) {
	uint32_t difference[8];
	return (0 - signer_words_subtract(difference, a, ORDER.m)) & ~signer_words_zero_mask(a, 8);
}

/* r = a b mod order */
static void ring_multiply(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]) {
	signer_ring_multiply(r, a, ORDER_R2, &ORDER);
	signer_ring_multiply(r, r, b, &ORDER);
}

/* Evidence for the final check: sums of the key and of x, y's lowest bit, and the tag of the point. */
typedef struct {
	uint32_t key, x, y, tag;
} witness;

/*
 * Checks the signature against the key and digest as they are now and the recomputed nonce: the key and r are those of the
 * witness, the point's tag is the nonce's, s k = ±(z + r d), and the recovery id is y's lowest bit, inverted if the sign is
 * negative. All ones if so.
 */
static SIGNER_APART uint32_t check(const uint8_t signature[65], const uint8_t digest[32], const uint8_t key[32],
                                   const signer_nonce *nonce, const witness *expected) {
	uint32_t r[8], left[8], right[8], off;
	signer_words_from_big_endian(r, signature);
	off = signer_words_sum(r) ^ expected->x;
	signer_words_from_big_endian(right, key);
	off |= signer_words_sum(right) ^ expected->key;
	ring_multiply(right, right, r);
	signer_words_from_big_endian(r, digest);
	signer_words_reduce_once(r, 0, ORDER.m);
	signer_ring_add(right, right, r, &ORDER);
	signer_nonce_take(r, nonce);
	uint32_t good = signer_comb_check(expected->tag, r, EXCESS);
	signer_words_from_big_endian(left, signature + 32);
	ring_multiply(left, left, r);
	uint32_t turned = 0 - ((signature[64] ^ expected->y) & 1);
	signer_ring_negate_if(right, turned, &ORDER);
	return good & signer_words_zero_mask(&off, 1) & signer_words_equal_mask(left, right, 8);
}

/*
 * A key out of range goes through all steps as well: nothing branches on a key. The signature is made in this frame, not
 * through a pointer that a flipped bit could redirect, and handed out at the end.
 */
static SIGNER_APART int sign(const uint8_t digest[32], const uint8_t key[32], uint8_t signature[65]) {
	uint32_t k[8], x[8], y[8], s[8];
	uint8_t made[65];
	signer_nonce nonce;
	signer_words_from_big_endian(y, key);
	uint32_t valid = in_range(y);
	witness expected;
	expected.key = signer_words_sum(y);
	signer_words_from_big_endian(s, digest);
	signer_words_reduce_once(s, 0, ORDER.m);
	signer_words_to_big_endian(made, s);
	uint32_t good = signer_nonce_start(&nonce, key, made);
	signer_nonce_take(k, &nonce);
	/* k or s of zero, or k or x at or above the order, has a probability of 2^-127: refused, not worked around. */
	good &= in_range(k);
	expected.tag = multiply_base(x, y, k);
	expected.x = signer_words_sum(x);
	expected.y = signer_opaque(y[0]);
	uint32_t odd = y[0];
	good &= is_on_curve(x, y);
	good &= in_range(x);
	uint32_t *t = y;
	signer_words_from_big_endian(t, key);
	ring_multiply(t, t, x);
	signer_ring_add(t, t, s, &ORDER);
	signer_inverse(s, k, &ORDER);
	ring_multiply(s, s, t);
	good &= in_range(s);
	uint32_t high = 0 - signer_words_subtract(t, ORDER_HALF, s);
	signer_ring_negate_if(s, high, &ORDER);
	signer_words_to_big_endian(made, x);
	signer_words_to_big_endian(made + 32, s);
	made[64] = (uint8_t)((odd ^ high) & 1);
	good &= check(made, digest, key, &nonce, &expected);
	return signer_release(signature, made, 65, valid, good);
}

int signer_secp256k1_sign(const uint8_t digest[32], const uint8_t key[32], uint8_t signature[65]) {
	memset(signature, 0, 65);
	int result = sign(digest, key, signature);
	signer_clear_stack();
	return result;
}

static SIGNER_APART int public_key_of(const uint8_t key[32], uint8_t public_key[65]) {
	uint32_t d[8], x[8], y[8];
	uint8_t made[65];
	signer_words_from_big_endian(d, key);
	uint32_t valid = in_range(d);
	uint32_t good = signer_comb_check(multiply_base(x, y, d), d, EXCESS) & is_on_curve(x, y);
	made[0] = 4;
	signer_words_to_big_endian(made + 1, x);
	signer_words_to_big_endian(made + 33, y);
	return signer_release(public_key, made, 65, valid, good);
}

int signer_secp256k1_public_key(const uint8_t key[32], uint8_t public_key[65]) {
	memset(public_key, 0, 65);
	int result = public_key_of(key, public_key);
	signer_clear_stack();
	return result;
}
