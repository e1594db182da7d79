/*
 * Counts instructions and stack on a bare rv32imc: for each operation a line with its name, the least and the most
 * instructions over RUNS random keys and messages, the deepest stack in bytes, and how many bytes the call left there that
 * are neither zero nor as they were, separated by "|".
 */
#include "../../../modules/signer/signer.h"

#include <stdio.h>
#include <string.h>

#ifndef RUNS
#define RUNS 1
#endif
#define STACK 8192
#define PAINT 0xa5

static uint8_t key[32], message[64], out[65], expanded[96];
static uint32_t random_state = 2463534242u;

static void randomise(uint8_t *bytes, size_t length) {
	while (length--) {
		random_state ^= random_state << 13;
		random_state ^= random_state >> 17;
		random_state ^= random_state << 5;
		*bytes++ = (uint8_t)(random_state >> 11);
	}
}

static uint32_t instructions(void) {
	uint32_t count;
	__asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, minstret\n.option pop" : "=r"(count) : : "memory");
	return count;
}

static int nothing(void) { return 0; }
static int secp256k1_sign(void) { return signer_secp256k1_sign(message, key, out); }
static int secp256k1_public_key(void) { return signer_secp256k1_public_key(key, out); }
static int ed25519_sign(void) { return signer_ed25519_sign(message, 32, key, out); }
static int ed25519_expand(void) { return signer_ed25519_expand(key, expanded); }
static int ed25519_sign_expanded(void) { return signer_ed25519_sign_expanded(message, 32, expanded, out); }
static int ed25519_public_key(void) { return signer_ed25519_public_key(key, out); }
static int keccak256_5(void) { return signer_keccak256(message, 5, out), 0; }
static int keccak256_64(void) { return signer_keccak256(message, 64, out), 0; }
static int sha256_32(void) { return signer_sha256(message, 32, out), 0; }
static int sha512_32(void) { return signer_sha512(message, 32, out), 0; }

static const struct {
	const char *name;
	int (*run)(void), (*prepare)(void);
} operations[] = {
	{"nothing", nothing, nothing},
	{"secp256k1 sign", secp256k1_sign, nothing},
	{"secp256k1 public key", secp256k1_public_key, nothing},
	{"ed25519 sign 32 B", ed25519_sign, nothing},
	{"ed25519 expand", ed25519_expand, nothing},
	{"ed25519 sign 32 B, expanded key", ed25519_sign_expanded, ed25519_expand},
	{"ed25519 public key", ed25519_public_key, nothing},
	{"keccak256 5 B", keccak256_5, nothing},
	{"keccak256 64 B", keccak256_64, nothing},
	{"sha256 32 B", sha256_32, nothing},
	{"sha512 32 B", sha512_32, nothing},
};

int main(void) {
	uint32_t overhead = 0;
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
		uint32_t least = UINT32_MAX, most = 0, depth = 0, residue = 0;
		for (int run = 0; run < RUNS; run++) {
			randomise(key, sizeof key);
			randomise(message, sizeof message);
			operations[i].prepare();
			volatile uint8_t *top;
			__asm__("mv %0, sp" : "=r"(top));
			for (uint32_t at = 1; at <= STACK; at++)
				top[-(int32_t)at] = PAINT;
			uint32_t before = instructions();
			int code = operations[i].run();
			uint32_t count = instructions() - before;
			if (code != 0)
				printf("%s: code %d\n", operations[i].name, code);
			uint32_t deepest = STACK;
			while (deepest > 0 && top[-(int32_t)deepest] == PAINT)
				deepest--;
			uint32_t left = 0;
			for (uint32_t at = 1; at <= deepest; at++)
				left += top[-(int32_t)at] != PAINT && top[-(int32_t)at] != 0;
			depth = deepest > depth ? deepest : depth;
			residue = left > residue ? left : residue;
			least = count < least ? count : least;
			most = count > most ? count : most;
		}
		if (i == 0)
			overhead = least;
		printf("%s|%u|%u|%u|%u\n", operations[i].name, (unsigned)(least - overhead), (unsigned)(most - overhead),
		       (unsigned)depth, (unsigned)residue);
	}
	return 0;
}
