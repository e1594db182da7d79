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

/* What `pad` makes of step c's K, 32 bytes of zero. */
static const uint32_t INNER_OF_ZERO[8] = {0xf454dead, 0x9725214f, 0x90daf2a0, 0xdf1228ea, 0x64e5750f, 0xa3924181, 0x824a932b, 0xf8e04e32};
static const uint32_t OUTER_OF_ZERO[8] = {0xd385480f, 0x7abb6477, 0x37c9c538, 0x5dd82467, 0x8e043a72, 0x753434b0, 0xdeb82818, 0x361d45a6};

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
	memcpy(rest + 1, x, 32);
	memcpy(rest + 33, h1, 32);
	memset(nonce->v, 1, 32);
	signer_words_copy(nonce->inner, INNER_OF_ZERO, 8);
	signer_words_copy(nonce->outer, OUTER_OF_ZERO, 8);
	for (uint8_t i = 0; i < 2; i++) {
		rest[0] = i;
		hmac(key, nonce, rest, 65);
		pad(nonce->inner, key, 0x36);
		pad(nonce->outer, key, 0x5c);
		hmac(nonce->v, nonce, NULL, 0);
	}
	uint32_t any = (uint32_t)difference(rest + 1, x) | difference(rest + 33, h1);
	return 0 - ((any - 1) >> 31);
}

void signer_nonce_take(uint32_t k[8], const signer_nonce *nonce) {
	uint8_t candidate[32];
	hmac(candidate, nonce, NULL, 0);
	signer_words_from_big_endian(k, candidate);
}
