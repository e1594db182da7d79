/*
 * Key slots, for the binding (signer_xs.c) and a port's console. No key leaves C.
 */
#ifndef SIGNER_SLOT_H
#define SIGNER_SLOT_H

#include "signer_port.h"

/* Errors; 0 means success. native.ts has the same list. */
enum {
	SIGNER_SLOT_KEY_MISSING = 1,
	SIGNER_SLOT_KEY_OF_ANOTHER_CURVE = 2,
	SIGNER_SLOT_KEY_OUT_OF_RANGE = 3,
	SIGNER_SLOT_NOT_CONFIRMED = 4,
	SIGNER_SLOT_SIGNING_FAULT = 5,
	SIGNER_SLOT_OUT_OF_RANGE = 6,
	SIGNER_SLOT_TAKEN = 7,
	SIGNER_SLOT_STORAGE_FAILED = 8,
	SIGNER_SLOT_DIGEST_LENGTH = 9,
};

#define SIGNER_PUBLIC_KEY 65
#define SIGNER_KEY_RECORD 33
#define SIGNER_EXPANDED_RECORD 97

/* Clears memory of any length with stores that the compiler may not leave out. */
void signer_slot_clear(void *bytes, size_t length);
/* Reads the record of a slot, which the caller must clear. Returns 0 or an error. */
int signer_slot_read(int slot, uint8_t record[SIGNER_RECORD], size_t *length);
/* Returns the length of the public key of `record`, or 0 if the record holds no key of its curve. */
size_t signer_slot_public_key(const uint8_t record[SIGNER_RECORD], uint8_t public_key[SIGNER_PUBLIC_KEY]);
/* Puts a private key of 32 bytes into an empty slot. Returns 0 or an error. */
int signer_slot_store(int slot, int curve, const uint8_t *key, size_t length);
/*
 * As signer_slot_store, for a key that an owner typed: 64 hexadecimal digits, "0x" before them or not. For a port's
 * console, which takes the line in C. Clears the line. Branches and addresses depend on the line's length and on whether
 * all of it are digits, on no digit's value.
 */
int signer_slot_import(int slot, int curve, uint8_t *line, size_t length);

#endif
