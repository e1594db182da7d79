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

static uint64_t rotate(uint64_t x, int n) { return x << n | x >> (64 - n); }

static void permute(uint64_t a[25]) {
	static const uint8_t lane[24] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};
	static const uint8_t by[24] = {1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44};
	for (int round = 0; round < 24; round++) {
		uint64_t c[5];
		for (int x = 0; x < 5; x++)
			c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
		for (int x = 0; x < 5; x++) {
			uint64_t d = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
			for (int y = 0; y < 25; y += 5)
				a[x + y] ^= d;
		}
		uint64_t moved = a[1];
		for (int i = 0; i < 24; i++) {
			uint64_t next = a[lane[i]];
			a[lane[i]] = rotate(moved, by[i]);
			moved = next;
		}
		for (int y = 0; y < 25; y += 5) {
			memcpy(c, a + y, sizeof c);
			for (int x = 0; x < 5; x++)
				a[x + y] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
		}
		a[0] ^= ROUND[round];
	}
}

void signer_keccak256(const uint8_t *data, size_t length, uint8_t digest[32]) {
	uint64_t a[25] = {0};
	unsigned at = 0;
	while (length--) {
		a[at >> 3] ^= (uint64_t)*data++ << (8 * (at & 7));
		if (++at == RATE) {
			permute(a);
			at = 0;
		}
	}
	a[at >> 3] ^= (uint64_t)1 << (8 * (at & 7));
	a[RATE / 8 - 1] ^= (uint64_t)1 << 63;
	permute(a);
	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)(a[i >> 3] >> (8 * (i & 7)));
	signer_clear(a, sizeof a);
}
