/* What the self-check adds to an ed25519 signature with an expanded key, in parts, for rv32.c. */
#include "../../../modules/signer/ed25519.c"

#include "rv32.h"

static uint8_t secret[64], hash[64];
static uint32_t entry[ENTRY_WORDS], bits[9], x[8], y[8], k[8];
static witness expected;

static int prepare(void) {
	signer_words_from_little_endian(k, rv32_key);
	signer_comb_recode(bits, k, OFFSET);
	return 0;
}

static int look_up_words(size_t words) {
	for (int i = 0; i < SIGNER_COMB_SPACING * SIGNER_COMB_BLOCKS; i++)
		signer_comb_look_up(entry, TABLE, words, bits, 0, 0);
	return 0;
}

static int look_up_with_tags(void) { return look_up_words(ENTRY_WORDS); }
static int look_up_without_tags(void) { return look_up_words(ENTRY_WORDS - 1); }

static int add_tags(void) {
	uint32_t tag = 1;
	for (int i = 0; i < SIGNER_COMB_SPACING * SIGNER_COMB_BLOCKS; i++)
		tag = signer_tag_add(tag, signer_tag_negate_if(entry[ENTRY_WORDS - 1], tag));
	for (int i = 1; i < SIGNER_COMB_SPACING; i++)
		tag = signer_tag_add(tag, tag);
	return tag == 0;
}

/* The second pass over the message, and the seal. */
static int check_result(void) {
	/* The inverse, and the doublings' look at Z. */
	multiply(entry, x, y);
	signer_field_normalise(entry, &PRIME);
	uint32_t good = signer_words_equal_mask(entry, ONE, 8);
	for (int i = 1; i < SIGNER_COMB_SPACING; i++)
		expected.tag = signer_tag_add(expected.tag, signer_words_zero_mask(x, 8) & 1);
	expected.sum = signer_words_sum(y);
	good &= is_on_curve(x, y) & is_multiple(hash, &expected, k);
	hash_joined(hash, secret + 32, 32, NULL, 0, rv32_message, 32);
	reduce(k, hash);
	hash_joined(hash, secret, 32, secret, 32, rv32_message, 32);
	answer(x, k, secret, hash);
	good &= signer_words_equal_mask(x, k, 8);
	hash_joined(hash, secret, 64, secret, 32, NULL, 0);
	signer_words_from_little_endian(x, hash);
	signer_words_from_little_endian(k, hash + 32);
	good &= signer_words_equal_mask(x, k, 8);
	return good == 1;
}

const rv32_operation rv32_operations[] = {
	{"+", look_up_with_tags, prepare},
	{"-", look_up_without_tags, prepare},
	{"+", add_tags, prepare},
	{"+", check_result, prepare},
};

const size_t rv32_operation_count = sizeof rv32_operations / sizeof *rv32_operations;
