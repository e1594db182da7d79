/* The deterministic nonce of RFC 6979 §3.2 with HMAC-SHA-256, for orders of 256 bits. */
#ifndef SIGNER_RFC6979_H
#define SIGNER_RFC6979_H

#include <stdint.h>

typedef struct {
	/* SHA-256 after K ^ ipad and after K ^ opad. */
	uint32_t inner[8], outer[8];
	uint8_t v[32];
} signer_nonce;

/* Steps b to g, for a private key x and a digest already reduced (bits2octets). All ones if what was hashed was the key and
   the digest, 0 if a fault kept them out. */
uint32_t signer_nonce_start(signer_nonce *nonce, const uint8_t x[32], const uint8_t h1[32]);

/* Step h, the first candidate; the same each time it is called. */
void signer_nonce_take(uint32_t k[8], const signer_nonce *nonce);

#endif
