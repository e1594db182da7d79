#include "comb.h"

#define TAG_MODULUS 0xfffffffb

void signer_comb_recode(uint32_t bits[9], const uint32_t k[8], const uint32_t offset[8]) {
	bits[8] = signer_words_add(bits, k, offset);
}

uint32_t signer_comb_look_up(uint32_t *entry, const uint32_t *table, size_t words, const uint32_t bits[9], int block,
                             int position) {
	uint32_t digit = 0;
	for (int tooth = 4; tooth >= 0; tooth--) {
		int at = (block * 5 + tooth) * SIGNER_COMB_SPACING + position;
		digit = digit << 1 | (bits[at >> 5] >> (at & 31) & 1);
	}
	/* The top tooth is the sign. Where it is clear, the entry for the other bits inverted is negated. */
	uint32_t negative = signer_opaque((digit >> 4) - 1);
	digit = (digit ^ negative) & 15;
	/* The 16 masks fit into a RISC's registers, and so each word of an entry is written once. */
	table += (size_t)block * 16 * words;
#define MASK(index) uint32_t mask_##index = signer_opaque(0 - (((digit ^ index) - 1) >> 31));
	MASK(0) MASK(1) MASK(2) MASK(3) MASK(4) MASK(5) MASK(6) MASK(7)
	MASK(8) MASK(9) MASK(10) MASK(11) MASK(12) MASK(13) MASK(14) MASK(15)
#undef MASK
	for (const uint32_t *end = table + 16 * words; table != end; table += 16)
#define PICK(index) (table[index] & mask_##index)
		*entry++ = PICK(0) | PICK(1) | PICK(2) | PICK(3) | PICK(4) | PICK(5) | PICK(6) | PICK(7) | PICK(8) | PICK(9) |
		           PICK(10) | PICK(11) | PICK(12) | PICK(13) | PICK(14) | PICK(15);
#undef PICK
	return negative;
}

uint32_t signer_tag_add(uint32_t a, uint32_t b) {
	uint64_t sum = (uint64_t)a + b;
	for (int pass = 0; pass < 2; pass++)
		sum = (sum & 0xffffffff) + 5 * (sum >> 32);
	return (uint32_t)sum;
}

/* 2 (2^32 - 5) - a, so that no tag, weak or not, goes below zero. */
uint32_t signer_tag_negate_if(uint32_t a, uint32_t mask) {
	uint64_t negative = 2 * (uint64_t)TAG_MODULUS - a;
	negative = (negative & 0xffffffff) + 5 * (negative >> 32);
	return (a & ~mask) | ((uint32_t)negative & mask);
}

uint32_t signer_comb_check(uint32_t tag, const uint32_t k[8], uint32_t excess) {
	uint32_t sum = 0;
	for (int i = 7; i >= 0; i--) {
		/* 2^32 sum = 5 sum */
		uint32_t twice = signer_tag_add(sum, sum);
		sum = signer_tag_add(signer_tag_add(twice, twice), signer_tag_add(sum, k[i]));
	}
	uint32_t expected = signer_tag_add(signer_tag_add(sum, sum), excess);
	uint32_t difference = signer_tag_add(tag, signer_tag_negate_if(expected, 0xffffffff));
	/* A tag is weak: zero is also 2^32 - 5. */
	uint32_t other = difference - TAG_MODULUS;
	return signer_words_zero_mask(&difference, 1) | signer_words_zero_mask(&other, 1);
}
