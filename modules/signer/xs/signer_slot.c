#include "signer_slot.h"
#include "arithmetic.h"
#include "signer.h"
#include <string.h>

void signer_slot_clear(void *bytes, size_t length)
{
	volatile uint8_t *at = bytes;
	while (length--)
		*at++ = 0;
}

int signer_slot_read(int slot, uint8_t record[SIGNER_RECORD], size_t *length)
{
	if (slot < 0 || slot >= SIGNER_SLOTS)
		return SIGNER_SLOT_OUT_OF_RANGE;
	int result = signer_port_read(slot, record);
	if (result == 0)
		return SIGNER_SLOT_KEY_MISSING;
	*length = (size_t)result;
	int is_curve = record[0] == SIGNER_SECP256K1 || record[0] == SIGNER_ED25519;
	int is_known = result == SIGNER_KEY_RECORD && is_curve;
	if (!is_known && !(result == SIGNER_EXPANDED_RECORD && record[0] == SIGNER_ED25519))
		return SIGNER_SLOT_STORAGE_FAILED;
	return 0;
}

size_t signer_slot_public_key(const uint8_t record[SIGNER_RECORD], uint8_t public_key[SIGNER_PUBLIC_KEY])
{
	if (record[0] == SIGNER_SECP256K1)
		return signer_secp256k1_public_key(record + 1, public_key) ? 0 : 65;
	return signer_ed25519_public_key(record + 1, public_key) ? 0 : 32;
}

int signer_slot_store(int slot, int curve, const uint8_t *key, size_t length)
{
	uint8_t record[SIGNER_RECORD], public_key[SIGNER_PUBLIC_KEY];
	int is_expanded = curve == SIGNER_ED25519;
	size_t before;
	int error = signer_slot_read(slot, record, &before);
	if (error == SIGNER_SLOT_KEY_MISSING)
		error = length == 32 ? 0 : SIGNER_SLOT_KEY_OUT_OF_RANGE;
	else if (!error)
		error = SIGNER_SLOT_TAKEN;
	if (!error) {
		record[0] = (uint8_t)curve;
		memcpy(record + 1, key, 32);
		if (is_expanded ? signer_ed25519_expand(key, record + 1) : !signer_slot_public_key(record, public_key))
			error = SIGNER_SLOT_KEY_OUT_OF_RANGE;
		else if (signer_port_write(slot, record, is_expanded ? SIGNER_EXPANDED_RECORD : SIGNER_KEY_RECORD) != SIGNER_PORT_OK)
			error = SIGNER_SLOT_STORAGE_FAILED;
	}
	signer_slot_clear(record, sizeof record);
	return error;
}

/* Returns the value of a hexadecimal digit; `wrong` is unchanged for a digit, and nonzero after anything else. */
static uint32_t digit_value(uint32_t character, uint32_t *wrong)
{
	uint32_t number = character - '0', letter = (character | 0x20) - 'a';
	uint32_t is_number = ((number - 10) & ~number) >> 31; /* 1 for 0 to 9: the subtraction borrows, and `number` did not */
	uint32_t is_letter = ((letter - 6) & ~letter) >> 31;
	*wrong |= 1 ^ (is_number | is_letter);
	return (number & (0 - is_number)) | ((letter + 10) & (0 - is_letter));
}

static SIGNER_APART int import_line(int slot, int curve, const uint8_t *line, size_t length)
{
	uint8_t key[32];
	uint32_t wrong = 0;
	int error = SIGNER_SLOT_KEY_OUT_OF_RANGE;
	if (length == 66 && line[0] == '0' && line[1] == 'x') {
		line += 2;
		length -= 2;
	}
	if (length != 64)
		return error;
	for (int i = 0; i < 32; i++) {
		uint32_t high = digit_value(line[2 * i], &wrong);
		key[i] = (uint8_t)(high << 4 | digit_value(line[2 * i + 1], &wrong));
	}
	if (!wrong)
		error = signer_slot_store(slot, curve, key, sizeof key);
	signer_slot_clear(key, sizeof key);
	return error;
}

int signer_slot_import(int slot, int curve, uint8_t *line, size_t length)
{
	int error = import_line(slot, curve, line, length);
	signer_slot_clear(line, length);
	signer_clear_stack();
	return error;
}
