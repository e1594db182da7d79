/*
 * The signer: ECDSA over secp256k1, ed25519 and their hashes, for a 32-bit microcontroller.
 *
 * C99 with gcc's inline assembler, no heap, no mutable static data, no library but memcpy and memset:
 *
 *   cc -Os -c arithmetic.c inverse.c comb.c rfc6979.c secp256k1.c ed25519.c sha2.c keccak.c
 *
 * Every entry writes its output in full: the result on SIGNER_OK, zeroes on any other code. An output must not overlap an
 * input. What touched a secret is cleared before the call returns, spilled registers included (not after keccak256: what
 * is hashed with it is public).
 *
 * On rv32imc, gcc 12.2 -Os, self-check and RFC 6979 included: `npx tsx test/bench/signer.ts`
 *
 *                                          instructions   stack
 *   secp256k1 sign                              695,000   1,192
 *   secp256k1 public key                        547,000   1,192
 *   ed25519 sign, 32 bytes, expanded key        587,000   1,192
 *   ed25519 sign, 32 bytes, from a seed       1,073,000   1,288
 *   ed25519 public key                          470,000   1,192
 *   keccak256 of 5 bytes                         15,000     544
 *
 *   15.3 kB of code, 12.1 kB of tables, all of it together.
 *
 * CONSTANT TIME. The instructions executed and the addresses read do not depend on a key, a seed or a nonce, nor on
 * whether a key is in range. test/signer/core/check.ts counts the same instructions for 1,000 random keys and messages,
 * exactly, and runs every entry under valgrind with the secrets undefined, as gcc and clang compile it at -O0, -Os and -O3;
 * nothing inside is declared public. Not promised: anything about power or radiation, a multiplier whose time depends on
 * its operands, a compiler that nobody has tried.
 *
 * SELF-CHECK. A wrong ECDSA or ed25519 signature gives the key away, together with the right one. So before one is handed
 * out:
 *   - the result of the comb is on the curve. That takes hits on the field arithmetic, the points and the table;
 *   - it carries a tag, the multiple it is of the base point, modulo 2^32 - 5, which was added and doubled along with it
 *     (comb.h) and is that of the scalar. That takes wrong entries and signs, and steps left out or done twice, which leave
 *     a point on the curve;
 *   - its coordinates, from before that, are still those that were signed, and 1 / Z has not lost its sign;
 *   - ECDSA: s k = ±(z + r d), with key, digest and signature read anew and the last HMAC of the nonce done again;
 *   - ed25519: both hashes and S are done twice, in turn, and the public key is the one that was sealed with the secret;
 *   - the signature is made in the signer's own frame and handed out through a mask of the verdicts, not past a branch.
 * Of the figures above it is 29,000 instructions for secp256k1 and 77,000 for ed25519 (32 bytes; twice the hashing for more).
 * check.ts flips a random bit of the stack at a random moment, 150,000 times with --full: no signature was handed out that
 * gives a key away. What it does not see: two faults that fit together; a hit on RFC 6979 before its last HMAC, after which the
 * signature is good, under a nonce that nobody knows; one on the finished signature; a jump from anywhere to
 * anywhere; anything that is wrong before the call, such as another digest.
 *
 * WHAT WAS TRIED, in instructions of a secp256k1 signature (ed25519 gains alike):
 *   - words of 32 bits and plain C: 1,740,000; 1,190,000 for the portable C as it is now, most of the difference being
 *     memset and memcpy, which are loops over bytes in small C libraries;
 *   - field arithmetic in assembler, one loop over rows of 8 products at 8 instructions each, in 23 registers: -804,000.
 *     A multiplication takes 678 (secp256k1) and 644 (ed25519), a reduction included, and is 1.1 kB for both fields and, its
 *     upper half kept, both rings;
 *   - the table word by word instead of entry by entry, 16 masks in registers: -115,000;
 *   - a square of its own (486 and 452): -27,000 for 1.0 kB;
 *   - HMAC's padded keys kept as states, the first two as constants, and SHA-256 by four rounds: -48,000;
 *   - the least of moves in the assembler: -11,000; two factors of the inverse's matrix in one word: -5,000;
 *   - six lanes of Keccak's state kept complemented: -700 of keccak256's 15,700.
 * And what was not done: words of 29 bits, whose carries wait, come out even with 32 by count, since the columns have to
 * be separated; Karatsuba's 48 products for 64 lose to his additions where there is no carry flag; a comb with 6 teeth
 * loses in the table what it wins in additions; 8 blocks would save 6 doublings (38,000) for 4.3 kB; bit interleaving does
 * nothing for Keccak where a rotation is two shifts and an "or" either way; unrolling the rows saves 21 of 678 for 1.2 kB.
 */
#ifndef SIGNER_H
#define SIGNER_H

#include <stddef.h>
#include <stdint.h>

enum {
	SIGNER_OK = 0,
	/* The secp256k1 key is zero, or the order of the group or above. */
	SIGNER_KEY_OUT_OF_RANGE = 1,
	/* The self-check failed: a glitch, a flipped bit, or an expanded key that is not one. Nothing was handed out. */
	SIGNER_FAULT = 2
};

/* ECDSA over secp256k1 (SEC 1 §4.1.3), nonce of RFC 6979 with SHA-256, low s: r, s (big-endian), then the recovery id,
   0 or 1. */
int signer_secp256k1_sign(const uint8_t digest[32], const uint8_t key[32], uint8_t signature[65]);

/* The uncompressed point of SEC 1 §2.3.3: 0x04, x, y. */
int signer_secp256k1_public_key(const uint8_t key[32], uint8_t public_key[65]);

/* Ed25519 of RFC 8032 §5.1.6: R, S. A message of length 0 may be NULL. The public key, which the signature takes in, is
   made from the seed each time: that is half of the work. */
int signer_ed25519_sign(const uint8_t *message, size_t length, const uint8_t seed[32], uint8_t signature[64]);

/*
 * An expanded key has the public key at hand: the seed, the public key, and a seal that binds it to the secret (the first
 * half of the SHA-512 of the scalar, the prefix and the public key): 96 bytes, as secret as the seed, which they also are.
 * Signing with one that is not as it was made is refused (SIGNER_FAULT): a signature under another public key would
 * give the secret away.
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
