/*
 * Keccak-256 (the Keccak submission, version 3: capacity 512, padding 0x01), sponge over keccak-f[1600].
 */
#include "arithmetic.h"
#include "signer.h"

#include <string.h>

#define RATE 136

static const uint64_t ROUND[24] = {
	0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
	0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
	0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
	0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

static uint64_t rotate(uint64_t x, int n) { return n == 0 ? x : x << n | x >> (64 - n); }

/* Lanes that are kept complemented from the first round to the last: chi then needs 5 complements in a round instead of 25
   ("Keccak implementation overview", 2.2, lane complementing). Theta, rho and pi carry them from one round's end to the
   rows of the next; `round_of` is written for these lanes and no others. */
static const uint8_t COMPLEMENTED[] = {1, 2, 8, 12, 17, 20};

/* A round from `a` to `b`. Both of its passes over the state are unrolled, since every rotation is by a constant of its
   own: on a machine without a rotation it costs two shifts and an "or" for each half, whichever way the halves are cut,
   so they are not interleaved. */
static void round_of(uint64_t b[25], const uint64_t a[25]) {
#define COLUMN(x) (a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20])
	uint64_t c0 = COLUMN(0), c1 = COLUMN(1), c2 = COLUMN(2), c3 = COLUMN(3), c4 = COLUMN(4);
#undef COLUMN
	uint64_t d0 = c4 ^ rotate(c1, 1), d1 = c0 ^ rotate(c2, 1), d2 = c1 ^ rotate(c3, 1), d3 = c2 ^ rotate(c4, 1);
	uint64_t d4 = c3 ^ rotate(c0, 1);
/* Five lanes of `a`, which a row of `b` is made of: their indices, what theta adds to them, and their rotations. */
#define LANES(i0, e0, n0, i1, e1, n1, i2, e2, n2, i3, e3, n3, i4, e4, n4)                                       \
	c0 = rotate(a[i0] ^ e0, n0);                                                                            \
	c1 = rotate(a[i1] ^ e1, n1);                                                                            \
	c2 = rotate(a[i2] ^ e2, n2);                                                                            \
	c3 = rotate(a[i3] ^ e3, n3);                                                                            \
	c4 = rotate(a[i4] ^ e4, n4);
	LANES(0, d0, 0, 6, d1, 44, 12, d2, 43, 18, d3, 21, 24, d4, 14)
	b[0] = c0 ^ (c1 | c2);
	b[1] = c1 ^ (~c2 | c3);
	b[2] = c2 ^ (c3 & c4);
	b[3] = c3 ^ (c4 | c0);
	b[4] = c4 ^ (c0 & c1);
	LANES(3, d3, 28, 9, d4, 20, 10, d0, 3, 16, d1, 45, 22, d2, 61)
	b[5] = c0 ^ (c1 | c2);
	b[6] = c1 ^ (c2 & c3);
	b[7] = c2 ^ (c3 | ~c4);
	b[8] = c3 ^ (c4 | c0);
	b[9] = c4 ^ (c0 & c1);
	LANES(1, d1, 1, 7, d2, 6, 13, d3, 25, 19, d4, 8, 20, d0, 18)
	b[10] = c0 ^ (c1 | c2);
	b[11] = c1 ^ (c2 & c3);
	b[12] = c2 ^ (~c3 & c4);
	b[13] = ~c3 ^ (c4 | c0);
	b[14] = c4 ^ (c0 & c1);
	LANES(4, d4, 27, 5, d0, 36, 11, d1, 10, 17, d2, 15, 23, d3, 56)
	b[15] = c0 ^ (c1 & c2);
	b[16] = c1 ^ (c2 | c3);
	b[17] = c2 ^ (~c3 | c4);
	b[18] = ~c3 ^ (c4 & c0);
	b[19] = c4 ^ (c0 | c1);
	LANES(2, d2, 62, 8, d3, 55, 14, d4, 39, 15, d0, 41, 21, d1, 2)
	b[20] = c0 ^ (~c1 & c2);
	b[21] = ~c1 ^ (c2 | c3);
	b[22] = c2 ^ (c3 & c4);
	b[23] = c3 ^ (c4 | c0);
	b[24] = c4 ^ (c0 & c1);
#undef LANES
}

/* Exclusive-or of a byte into the state. */
static void absorb(uint64_t a[25], unsigned at, uint8_t byte) {
	uint32_t word = (uint32_t)byte << (8 * (at & 3));
	a[at >> 3] ^= at & 4 ? (uint64_t)word << 32 : word;
}

static void store_little_endian(uint8_t *bytes, uint32_t word) {
	bytes[0] = (uint8_t)word;
	bytes[1] = (uint8_t)(word >> 8);
	bytes[2] = (uint8_t)(word >> 16);
	bytes[3] = (uint8_t)(word >> 24);
}

static void permute(uint64_t a[25]) {
	uint64_t b[25];
	for (int round = 0; round < 24; round += 2) {
		round_of(b, a);
		b[0] ^= ROUND[round];
		round_of(a, b);
		a[0] ^= ROUND[round + 1];
	}
	signer_clear(b, sizeof b);
}

void signer_keccak256(const uint8_t *data, size_t length, uint8_t digest[32]) {
	uint64_t a[25];
	unsigned at = 0;
	signer_clear(a, sizeof a);
	for (unsigned i = 0; i < sizeof COMPLEMENTED; i++)
		a[COMPLEMENTED[i]] = ~a[COMPLEMENTED[i]];
	while (length--) {
		absorb(a, at, *data++);
		if (++at == RATE) {
			permute(a);
			at = 0;
		}
	}
	absorb(a, at, 0x01);
	absorb(a, RATE - 1, 0x80);
	permute(a);
	a[1] = ~a[1];
	a[2] = ~a[2];
	for (int i = 0; i < 4; i++) {
		store_little_endian(digest + 8 * i, (uint32_t)a[i]);
		store_little_endian(digest + 8 * i + 4, (uint32_t)(a[i] >> 32));
	}
	signer_clear(a, sizeof a);
}
