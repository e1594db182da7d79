/*
 * 256-bit arithmetic on eight 32-bit words, least significant first.
 *
 * Fields. Both primes are 2^256 - c or half of it: secp256k1 has c = 2^32 + 977, and for 2^255 - 19 the work is done
 * modulo twice the prime, c = 38. A field element is any value below 2^256 that is congruent modulo the prime ("weak");
 * signer_field_normalise gives the one below the prime.
 *
 * Rings. Scalars are below the group order; multiplication is Montgomery's, R = 2^256.
 *
 * No branch and no address depends on a value.
 */
#ifndef SIGNER_ARITHMETIC_H
#define SIGNER_ARITHMETIC_H

#include <stddef.h>
#include <stdint.h>

/* Keeps a function's variables in a frame of its own, so that its caller's other calls need not carry them. */
#define SIGNER_APART __attribute__((noinline))

/* A field is named by the low word of its c; the high word is 1 for secp256k1 and 0 for ed25519. */
enum { SIGNER_FIELD_SECP256K1 = 977, SIGNER_FIELD_ED25519 = 38 };

/* An odd modulus m; negative_inverse is -1/m modulo 2^32. */
typedef struct {
	uint32_t m[8];
	uint32_t negative_inverse;
} signer_modulus;

/* A mask as it is, but the compiler no longer knows that it is all ones or all zeroes, and cannot make a branch of it (clang
   does, otherwise). */
static inline uint32_t signer_opaque(uint32_t mask) {
	__asm__("" : "+r"(mask));
	return mask;
}

/* r = a b, the whole of it; r overlaps neither. */
void signer_multiply(uint32_t r[16], const uint32_t a[8], const uint32_t b[8]);

/* Weak in, weak out. r may be a or b. */
void signer_field_multiply(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], uint32_t field);
void signer_field_square(uint32_t r[8], const uint32_t a[8], uint32_t field);
void signer_field_add(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], uint32_t field);
void signer_field_subtract(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], uint32_t field);
/* The representative below the prime `p`. */
void signer_field_normalise(uint32_t r[8], const signer_modulus *p);

/* r = a b / 2^256 mod m, below m. One of a and b must be below m. */
void signer_ring_multiply(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], const signer_modulus *modulus);
/* r = a + b mod m, for a and b below m. */
void signer_ring_add(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], const signer_modulus *modulus);
/* r = -a mod m where mask is all ones, else a; a below m and not zero. */
void signer_ring_negate_if(uint32_t r[8], uint32_t mask, const signer_modulus *modulus);

/* r = 1/a mod m for m below 2^256 and prime; 0 for a = 0. Any a below 2^256. */
void signer_inverse(uint32_t r[8], const uint32_t a[8], const signer_modulus *modulus);

/* The difference and its borrow (0 or 1), the sum and its carry. */
uint32_t signer_words_subtract(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]);
uint32_t signer_words_add(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]);
/* r -= m where r is at or above m; r was below 2m - carry counts 2^256. */
void signer_words_reduce_once(uint32_t r[8], uint32_t carry, const uint32_t m[8]);
/* r = a where mask is all ones. */
void signer_words_move_if(uint32_t *r, const uint32_t *a, uint32_t mask, size_t count);
/* Exchanges a and b where mask is all ones. */
void signer_words_swap_if(uint32_t a[8], uint32_t b[8], uint32_t mask);
/* r = a. Unlike memcpy, which is a loop over bytes on some targets. */
void signer_words_copy(uint32_t *r, const uint32_t *a, size_t count);
/* All ones if the words are all zero, else 0. */
uint32_t signer_words_zero_mask(const uint32_t *a, size_t count);
uint32_t signer_words_equal_mask(const uint32_t *a, const uint32_t *b, size_t count);

/* A checksum that tells a number from one with a flipped bit, and from other memory if a pointer to it was hit. */
uint32_t signer_words_sum(const uint32_t a[8]);

void signer_words_from_big_endian(uint32_t r[8], const uint8_t bytes[32]);
void signer_words_to_big_endian(uint8_t bytes[32], const uint32_t a[8]);
void signer_words_from_little_endian(uint32_t r[8], const uint8_t bytes[32]);
void signer_words_to_little_endian(uint8_t bytes[32], const uint32_t a[8]);

/* Hands out what was made where `valid` and `good` are all ones, and zeroes otherwise, without a branch that a glitch could
   skip. The entry's code: whether the key is valid, and then whether the self-check was passed. */
int signer_release(uint8_t *output, const uint8_t *made, size_t length, uint32_t valid, uint32_t good);

/* Clears words in a way the compiler cannot leave out. */
void signer_clear(void *words, size_t size);
/* Clears the stack below the caller as far down as any operation goes. Whoever handled a secret calls it last, at the
   depth from which the handling was called: that takes the spilled registers along with the variables. */
void signer_clear_stack(void);

#endif
