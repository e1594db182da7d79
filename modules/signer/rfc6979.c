#include "rfc6979.h"

#include "arithmetic.h"
#include "hash.h"

#include <string.h>

/* The state after the key and the pad: the first block of either half of an HMAC. */
static void pad(uint32_t state[8], const uint8_t key[32], uint8_t with) {
	signer_sha256_context context;
	uint8_t block[64];
	for (int i = 0; i < 64; i++)
		block[i] = (uint8_t)((i < 32 ? key[i] : 0) ^ with);
	signer_sha256_start(&context);
	signer_sha256_update(&context, block, 64);
	signer_words_copy(state, context.state, 8);
}

/* HMAC with the nonce's K, of V and what follows it. */
static void hmac(uint8_t mac[32], const signer_nonce *nonce, const uint8_t *rest, size_t length) {
	signer_sha256_context context;
	signer_words_copy(context.state, nonce->inner, 8);
	context.length = 64;
	signer_sha256_update(&context, nonce->v, 32);
	signer_sha256_update(&context, rest, length);
	signer_sha256_finish(&context, mac);
	signer_words_copy(context.state, nonce->outer, 8);
	context.length = 64;
	signer_sha256_update(&context, mac, 32);
	signer_sha256_finish(&context, mac);
}

static uint8_t difference(const uint8_t *a, const uint8_t *b) {
	uint8_t any = 0;
	for (int i = 0; i < 32; i++)
		any = (uint8_t)(any | (a[i] ^ b[i]));
	return any;
}

uint32_t signer_nonce_start(signer_nonce *nonce, const uint8_t x[32], const uint8_t h1[32]) {
	uint8_t key[32], rest[65];
	memset(nonce->v, 1, 32);
	memset(key, 0, 32);
	memcpy(rest + 1, x, 32);
	memcpy(rest + 33, h1, 32);
	for (int i = 0;; i++) {
		pad(nonce->inner, key, 0x36);
		pad(nonce->outer, key, 0x5c);
		if (i > 0)
			hmac(nonce->v, nonce, NULL, 0);
		if (i == 2)
			break;
		rest[0] = (uint8_t)i;
		hmac(key, nonce, rest, 65);
	}
	uint32_t any = (uint32_t)difference(rest + 1, x) | difference(rest + 33, h1);
	return 0 - ((any - 1) >> 31);
}

void signer_nonce_take(uint32_t k[8], const signer_nonce *nonce) {
	uint8_t candidate[32];
	hmac(candidate, nonce, NULL, 0);
	signer_words_from_big_endian(k, candidate);
}
