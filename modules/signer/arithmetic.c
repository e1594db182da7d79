#include "arithmetic.h"

#include "signer.h"

#include <string.h>

/* A word of whatever type the memory is of. */
typedef uint32_t __attribute__((may_alias)) any_word;

void signer_clear(void *words, size_t size) {
	for (volatile any_word *word = words; size >= 4; size -= 4)
		*word++ = 0;
}

/* What the deepest operation needs at -Os on RV32 (the bench measures it), and more where pointers or frames are larger. */
#if UINTPTR_MAX == UINT32_MAX && defined(__OPTIMIZE_SIZE__)
#define STACK_WORDS 286
#elif UINTPTR_MAX == UINT32_MAX && defined(__OPTIMIZE__)
#define STACK_WORDS 340
#else
#define STACK_WORDS 1024
#endif

SIGNER_APART void signer_clear_stack(void) {
	uint32_t stack[STACK_WORDS];
	signer_clear(stack, sizeof stack);
}

int signer_release(uint8_t *output, const uint8_t *made, size_t length, uint32_t valid, uint32_t good) {
	valid = signer_opaque(valid);
	good = signer_opaque(good);
	/* One bit flipped in a verdict makes it a refusal, before the output is let go and after. */
	uint32_t refusal = ~(valid & good);
	uint32_t release = signer_opaque(signer_words_zero_mask(&refusal, 1));
	while (length--)
		*output++ = *made++ & (uint8_t)release;
	refusal |= ~release;
	return (int)((~valid & SIGNER_KEY_OUT_OF_RANGE) | (valid & ~signer_words_zero_mask(&refusal, 1) & SIGNER_FAULT));
}

void signer_words_copy(uint32_t *r, const uint32_t *a, size_t count) {
	while (count--) {
		uint32_t word = *a++;
		/* Keeps the compiler from seeing a memcpy in this. */
		__asm__("" : "+r"(word));
		*r++ = word;
	}
}

uint32_t signer_words_add(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]) {
	uint32_t carry = 0;
	for (int i = 0; i < 8; i++) {
		uint64_t sum = (uint64_t)a[i] + b[i] + carry;
		r[i] = (uint32_t)sum;
		carry = (uint32_t)(sum >> 32);
	}
	return carry;
}

uint32_t signer_words_subtract(uint32_t r[8], const uint32_t a[8], const uint32_t b[8]) {
	uint32_t borrow = 0;
	for (int i = 0; i < 8; i++) {
		uint64_t difference = (uint64_t)a[i] - b[i] - borrow;
		r[i] = (uint32_t)difference;
		borrow = (uint32_t)(difference >> 32) & 1;
	}
	return borrow;
}

void signer_words_move_if(uint32_t *r, const uint32_t *a, uint32_t mask, size_t count) {
	mask = signer_opaque(mask);
	for (size_t i = 0; i < count; i++)
		r[i] ^= (r[i] ^ a[i]) & mask;
}

void signer_words_swap_if(uint32_t a[8], uint32_t b[8], uint32_t mask) {
	mask = signer_opaque(mask);
	for (const uint32_t *end = a + 8; a != end;) {
		uint32_t difference = (*a ^ *b) & mask;
		*a++ ^= difference;
		*b++ ^= difference;
	}
}

uint32_t signer_words_zero_mask(const uint32_t *a, size_t count) {
	uint32_t any = 0;
	for (size_t i = 0; i < count; i++)
		any |= a[i];
	return ((any | (0 - any)) >> 31) - 1;
}

uint32_t signer_words_equal_mask(const uint32_t *a, const uint32_t *b, size_t count) {
	uint32_t any = 0;
	for (size_t i = 0; i < count; i++)
		any |= a[i] ^ b[i];
	return ((any | (0 - any)) >> 31) - 1;
}

void signer_words_reduce_once(uint32_t r[8], uint32_t carry, const uint32_t m[8]) {
	uint32_t reduced[8];
	uint32_t borrow = signer_words_subtract(reduced, r, m);
	/* r was below m only if there is a borrow and no carry to pay it. */
	signer_words_move_if(r, reduced, (borrow & (carry ^ 1)) - 1, 8);
	signer_clear(reduced, sizeof reduced);
}

#if defined(__riscv) && __riscv_xlen == 32 && defined(__riscv_mul) && !defined(__riscv_32e)

#include "arithmetic_rv32.h"

#else

/* r += c times `times`, which is below 2^33; should r wrap, it is then so small that the second pass cannot. */
static void fold_carry(uint32_t r[8], uint64_t times, uint32_t field) {
	uint32_t high = 0 - (field >> 9);
	for (int pass = 0; pass < 2; pass++) {
		uint64_t sum = (uint64_t)(uint32_t)times * field + r[0];
		r[0] = (uint32_t)sum;
		sum = (sum >> 32) + (times >> 32) * field + ((uint32_t)times & high) + r[1];
		r[1] = (uint32_t)sum;
		sum = (sum >> 32) + ((uint32_t)(times >> 32) & high) + r[2];
		r[2] = (uint32_t)sum;
		for (int i = 3; i < 8; i++) {
			sum = (sum >> 32) + r[i];
			r[i] = (uint32_t)sum;
		}
		times = sum >> 32;
	}
}

void signer_multiply(uint32_t r[16], const uint32_t a[8], const uint32_t b[8]) {
	/* By words, not with memset, which is a loop over bytes on some targets. */
	for (volatile uint32_t *word = r; word < r + 8; word++)
		*word = 0;
	for (const uint32_t *end = a + 8; a != end; a++, r++) {
		uint32_t factor = *a;
		uint32_t carry = 0;
#define STEP(j)                                                         \
	{                                                               \
		uint64_t sum = (uint64_t)factor * b[j] + r[j] + carry;  \
		r[j] = (uint32_t)sum;                                   \
		carry = (uint32_t)(sum >> 32);                          \
	}
		STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7)
#undef STEP
		r[8] = carry;
	}
}

void signer_field_multiply(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], uint32_t field) {
	uint32_t t[16];
	signer_multiply(t, a, b);
	/* The upper half times c: its low word is `field`; where the high word is 1, also the word before. */
	uint32_t high = 0 - (field >> 9);
	uint32_t before = 0;
	uint64_t carry = 0;
	for (int i = 0; i < 8; i++) {
		uint64_t sum = (uint64_t)t[i + 8] * field + t[i] + carry;
		carry = (sum & 0xffffffff) + before;
		r[i] = (uint32_t)carry;
		carry = (carry >> 32) + (sum >> 32);
		before = t[i + 8] & high;
	}
	fold_carry(r, carry + before, field);
}

void signer_field_add(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], uint32_t field) {
	fold_carry(r, signer_words_add(r, a, b), field);
}

void signer_field_subtract(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], uint32_t field) {
	uint32_t borrow = signer_words_subtract(r, a, b);
	for (int pass = 0; pass < 2; pass++) {
		uint32_t c[8] = {field & (0 - borrow), (field >> 9) & borrow};
		borrow = signer_words_subtract(r, r, c);
	}
}

void signer_field_square(uint32_t r[8], const uint32_t a[8], uint32_t field) {
	signer_field_multiply(r, a, a, field);
}

#endif

void signer_field_normalise(uint32_t r[8], const signer_modulus *p) {
	/* A weak value is below 2^256, which is below 2p for secp256k1 and 2p + 38 for ed25519. */
	signer_words_reduce_once(r, 0, p->m);
	signer_words_reduce_once(r, 0, p->m);
}

void signer_ring_multiply(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], const signer_modulus *modulus) {
	uint32_t t[17];
	signer_multiply(t, a, b);
	t[16] = 0;
	uint32_t extra = 0;
	for (int i = 0; i < 8; i++) {
		uint32_t q = t[i] * modulus->negative_inverse;
		uint32_t carry = 0;
		for (int j = 0; j < 8; j++) {
			uint64_t sum = (uint64_t)q * modulus->m[j] + t[i + j] + carry;
			t[i + j] = (uint32_t)sum;
			carry = (uint32_t)(sum >> 32);
		}
		uint64_t sum = (uint64_t)t[i + 8] + carry + extra;
		t[i + 8] = (uint32_t)sum;
		extra = (uint32_t)(sum >> 32);
	}
	signer_words_reduce_once(t + 8, extra, modulus->m);
	memcpy(r, t + 8, 32);
	signer_clear(t, sizeof t);
}

void signer_ring_add(uint32_t r[8], const uint32_t a[8], const uint32_t b[8], const signer_modulus *modulus) {
	signer_words_reduce_once(r, signer_words_add(r, a, b), modulus->m);
}

void signer_ring_negate_if(uint32_t r[8], uint32_t mask, const signer_modulus *modulus) {
	uint32_t negative[8];
	signer_words_subtract(negative, modulus->m, r);
	signer_words_move_if(r, negative, mask, 8);
	signer_clear(negative, sizeof negative);
}

uint32_t signer_words_sum(const uint32_t a[8]) {
	uint32_t sum = 0;
	for (int i = 0; i < 8; i++)
		sum = 31 * sum + a[i];
	return sum;
}

void signer_words_from_little_endian(uint32_t r[8], const uint8_t bytes[32]) {
	for (int i = 0; i < 8; i++, bytes += 4)
		r[i] = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

void signer_words_to_little_endian(uint8_t bytes[32], const uint32_t a[8]) {
	for (int i = 0; i < 32; i++)
		bytes[i] = (uint8_t)(a[i >> 2] >> (8 * (i & 3)));
}

void signer_words_from_big_endian(uint32_t r[8], const uint8_t bytes[32]) {
	for (int i = 7; i >= 0; i--, bytes += 4)
		r[i] = bytes[3] | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[0] << 24;
}

void signer_words_to_big_endian(uint8_t bytes[32], const uint32_t a[8]) {
	for (int i = 0; i < 32; i++)
		bytes[31 - i] = (uint8_t)(a[i >> 2] >> (8 * (i & 3)));
}
