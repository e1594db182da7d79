/*
 * The signer: secp256k1 ECDSA, ed25519 and their hashes for a 32-bit microcontroller.
 *
 * C99, no heap, no mutable static data, no library but memcpy and memset. Every operation on a secret runs the same
 * instructions and touches the same addresses whatever the secret is. 0 is success; on anything else the output is
 * zeroed. What touched a secret is cleared before a call returns. An output must not overlap an input.
 *
 *   cc -Os -c arithmetic.c inverse.c comb.c rfc6979.c secp256k1.c ed25519.c sha2.c keccak.c
 */
#ifndef SIGNER_H
#define SIGNER_H

#include <stddef.h>
#include <stdint.h>

enum {
	SIGNER_OK = 0,
	/* The secp256k1 key is zero, or the order of the group or above. */
	SIGNER_KEY_OUT_OF_RANGE = 1,
	/* The self-check failed: a glitch or a flipped bit. Nothing was released; signing again is safe. */
	SIGNER_FAULT = 2
};

/* ECDSA over secp256k1 (SEC 1 §4.1.3), nonce of RFC 6979 with SHA-256, low s: r, s (big-endian), then the recovery id,
   0 or 1. */
int signer_secp256k1_sign(const uint8_t digest[32], const uint8_t key[32], uint8_t signature[65]);

/* The uncompressed point of SEC 1 §2.3.3: 0x04, x, y. */
int signer_secp256k1_public_key(const uint8_t key[32], uint8_t public_key[65]);

/* Ed25519 of RFC 8032 §5.1.6: R, S. A message of length 0 may be NULL. */
int signer_ed25519_sign(const uint8_t *message, size_t length, const uint8_t seed[32], uint8_t signature[64]);

/*
 * A signature needs the public key, which costs as much as the rest of it. An expanded key holds it: the seed, the public
 * key, and a seal that binds both together (the first half of the SHA-512 of the secret scalar, the prefix and the public
 * key), 96 bytes, as secret as the seed. Signing with it refuses (SIGNER_FAULT) a key that is not as it was made: a
 * signature under another public key would give the seed away. An expanded key is also a seed.
 */
int signer_ed25519_expand(const uint8_t seed[32], uint8_t expanded[96]);
int signer_ed25519_sign_expanded(const uint8_t *message, size_t length, const uint8_t expanded[96],
                                 uint8_t signature[64]);

/* RFC 8032 §5.1.5. */
int signer_ed25519_public_key(const uint8_t seed[32], uint8_t public_key[32]);

/* Keccak-256 with the original padding, as Ethereum uses it (not SHA3-256). */
void signer_keccak256(const uint8_t *data, size_t length, uint8_t digest[32]);

/* FIPS 180-4. */
void signer_sha256(const uint8_t *data, size_t length, uint8_t digest[32]);
void signer_sha512(const uint8_t *data, size_t length, uint8_t digest[64]);

#endif
