/* Incremental SHA-256 and SHA-512 for the signer's own use: the nonces of RFC 6979 and RFC 8032. */
#ifndef SIGNER_HASH_H
#define SIGNER_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint32_t state[8];
	uint8_t block[64];
	size_t length;
} signer_sha256_context;

typedef struct {
	uint64_t state[8];
	uint8_t block[128];
	size_t length;
} signer_sha512_context;

void signer_sha256_start(signer_sha256_context *context);
void signer_sha256_update(signer_sha256_context *context, const uint8_t *data, size_t length);
/* The context is not cleared; its owner clears it if it held a secret. */
void signer_sha256_finish(signer_sha256_context *context, uint8_t digest[32]);

void signer_sha512_start(signer_sha512_context *context);
void signer_sha512_update(signer_sha512_context *context, const uint8_t *data, size_t length);
void signer_sha512_finish(signer_sha512_context *context, uint8_t digest[64]);

#endif
