/* What the self-check adds to a secp256k1 signature, in parts, for rv32.c. */
#include "../../../modules/signer/secp256k1.c"

#include "rv32.h"

static uint8_t signature[65];
static uint32_t entry[ENTRY_WORDS], bits[9], x[8], y[8], k[8];
static signer_nonce nonce;
static witness expected;

static int prepare(void) {
	signer_words_from_big_endian(k, rv32_key);
	signer_comb_recode(bits, k, OFFSET);
	signer_nonce_start(&nonce, rv32_key, rv32_message);
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

static int check_result(void) {
	/* The inverse. */
	multiply(entry, x, y);
	signer_field_normalise(entry, &PRIME);
	uint32_t good = signer_words_zero_mask(entry, 8);
	expected.tag = signer_tag_add(1, good & 1);
	good &= is_on_curve(x, y);
	expected.x = signer_words_sum(x);
	expected.key = signer_words_sum(k);
	good &= check(signature, rv32_message, rv32_key, &nonce, &expected);
	return good == 1;
}

const rv32_operation rv32_operations[] = {
	{"+", look_up_with_tags, prepare},
	{"-", look_up_without_tags, prepare},
	{"+", add_tags, prepare},
	{"+", check_result, prepare},
};

const size_t rv32_operation_count = sizeof rv32_operations / sizeof *rv32_operations;
