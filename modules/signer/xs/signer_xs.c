/*
 * The native signer's binding for XS: `native("xs_signer_…")` functions for the SDK and for the XS host alike. native.ts is
 * their only caller; it turns the numbers below into `SignerError`s. A key is read from its slot, used and cleared inside
 * one call: no function returns one, and none lands in the JavaScript heap.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "signer.h"
#include "signer_port.h"
#include <string.h>

/* Results that are not buffers. native.ts has the same list. */
enum {
	KEY_MISSING = 1,
	KEY_OF_ANOTHER_CURVE = 2,
	KEY_OUT_OF_RANGE = 3,
	NOT_CONFIRMED = 4,
	SIGNING_FAULT = 5,
	SLOT_OUT_OF_RANGE = 6,
	SLOT_TAKEN = 7,
	STORAGE_FAILED = 8,
	DIGEST_LENGTH = 9,
};

#define PUBLIC_KEY_MAX 65

/* A store that the compiler may not leave out. */
static void clear(void *bytes, size_t length)
{
	volatile uint8_t *at = bytes;
	while (length--)
		*at++ = 0;
}

#define KEY_RECORD 33
#define EXPANDED_RECORD 97

static int is_expanded(size_t length)
{
	return length == EXPANDED_RECORD;
}

static int read_record(int slot, uint8_t record[SIGNER_RECORD], size_t *length)
{
	if (slot < 0 || slot >= SIGNER_SLOTS)
		return SLOT_OUT_OF_RANGE;
	int result = signer_port_read(slot, record);
	if (result == 0)
		return KEY_MISSING;
	*length = (size_t)result;
	int is_known = result == KEY_RECORD && (record[0] == SIGNER_SECP256K1 || record[0] == SIGNER_ED25519);
	if (!is_known && !(result == EXPANDED_RECORD && record[0] == SIGNER_ED25519))
		return STORAGE_FAILED;
	return 0;
}

static int read_record_of(int curve, int slot, uint8_t record[SIGNER_RECORD], size_t *length)
{
	int error = read_record(slot, record, length);
	return error ? error : record[0] == curve ? 0 : KEY_OF_ANOTHER_CURVE;
}

/* The length of the public key of `record`, or 0 when its key is no key of its curve. */
static size_t derive(const uint8_t record[SIGNER_RECORD], uint8_t public_key[PUBLIC_KEY_MAX])
{
	if (record[0] == SIGNER_SECP256K1)
		return signer_secp256k1_public_key(record + 1, public_key) ? 0 : 65;
	return signer_ed25519_public_key(record + 1, public_key) ? 0 : 32;
}

static void result_of(xsMachine *the, int error, void *bytes, size_t length)
{
	if (error)
		xsmcSetInteger(xsResult, error);
	else
		xsmcSetArrayBuffer(xsResult, bytes, (xsIntegerValue)length);
}

/* keccak256(data) → 32 bytes */
void xs_signer_keccak256(xsMachine *the)
{
	void *data;
	xsUnsignedValue length;
	uint8_t digest[32];
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	signer_keccak256(data, length, digest);
	xsmcSetArrayBuffer(xsResult, digest, sizeof digest);
}

/* sha256(data) → 32 bytes */
void xs_signer_sha256(xsMachine *the)
{
	void *data;
	xsUnsignedValue length;
	uint8_t digest[32];
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	signer_sha256(data, length, digest);
	xsmcSetArrayBuffer(xsResult, digest, sizeof digest);
}

/* curve(slot) → a curve, -1 for an empty slot, or an error and 16 */
void xs_signer_curve(xsMachine *the)
{
	uint8_t record[SIGNER_RECORD];
	size_t length;
	int error = read_record(xsmcToInteger(xsArg(0)), record, &length);
	int curve = error ? 0 : record[0];
	clear(record, sizeof record);
	xsmcSetInteger(xsResult, error == KEY_MISSING ? -1 : error ? 16 + error : curve);
}

/* publicKey(slot) → bytes or an error */
void xs_signer_public_key(xsMachine *the)
{
	uint8_t record[SIGNER_RECORD], public_key[PUBLIC_KEY_MAX];
	size_t length, size = 0;
	int error = read_record(xsmcToInteger(xsArg(0)), record, &length);
	if (!error && !(size = derive(record, public_key)))
		error = SIGNING_FAULT;
	clear(record, sizeof record);
	result_of(the, error, public_key, size);
}

/* signDigest(slot, digest) → r, s and 0 or 1, or an error */
void xs_signer_sign_digest(xsMachine *the)
{
	uint8_t record[SIGNER_RECORD], signature[65];
	void *digest;
	xsUnsignedValue digest_length;
	size_t length;
	int slot = xsmcToInteger(xsArg(0));
	xsmcGetBufferReadable(xsArg(1), &digest, &digest_length);
	int error = read_record_of(SIGNER_SECP256K1, slot, record, &length);
	if (!error && digest_length != 32)
		error = DIGEST_LENGTH;
	if (!error && signer_secp256k1_sign(digest, record + 1, signature))
		error = SIGNING_FAULT;
	clear(record, sizeof record);
	result_of(the, error, signature, sizeof signature);
}

/* signMessage(slot, message) → 64 bytes or an error */
void xs_signer_sign_message(xsMachine *the)
{
	uint8_t record[SIGNER_RECORD], signature[64];
	void *message;
	xsUnsignedValue message_length;
	size_t length;
	int slot = xsmcToInteger(xsArg(0));
	xsmcGetBufferReadable(xsArg(1), &message, &message_length);
	int error = read_record_of(SIGNER_ED25519, slot, record, &length);
	if (!error && (is_expanded(length) ? signer_ed25519_sign_expanded(message, message_length, record + 1, signature)
	                                   : signer_ed25519_sign(message, message_length, record + 1, signature)))
		error = SIGNING_FAULT;
	clear(record, sizeof record);
	result_of(the, error, signature, sizeof signature);
}

/* Checks that the slot is free and the key good, then stores it. Returns 0 or an error. */
static int store(int slot, int curve, const uint8_t *key, size_t length)
{
	uint8_t record[SIGNER_RECORD], public_key[PUBLIC_KEY_MAX];
	size_t stored = curve == SIGNER_ED25519 ? EXPANDED_RECORD : KEY_RECORD, before;
	int error = read_record(slot, record, &before);
	if (error == KEY_MISSING)
		error = length == 32 ? 0 : KEY_OUT_OF_RANGE;
	else if (!error)
		error = SLOT_TAKEN;
	if (!error) {
		record[0] = (uint8_t)curve;
		memcpy(record + 1, key, 32);
		if (is_expanded(stored) ? signer_ed25519_expand(key, record + 1) : !derive(record, public_key))
			error = KEY_OUT_OF_RANGE;
		else if (signer_port_write(slot, record, stored) != SIGNER_PORT_OK)
			error = STORAGE_FAILED;
	}
	clear(record, sizeof record);
	return error;
}

/* create(slot, curve) → 0 or an error */
void xs_signer_create(xsMachine *the)
{
	uint8_t key[32];
	int slot = xsmcToInteger(xsArg(0)), curve = xsmcToInteger(xsArg(1)), error;
	do { /* a draw at or above the group order, about one in 2^128, is drawn again */
		error = signer_port_random(key, sizeof key) == SIGNER_PORT_OK ? store(slot, curve, key, sizeof key) : STORAGE_FAILED;
	} while (error == KEY_OUT_OF_RANGE);
	clear(key, sizeof key);
	xsmcSetInteger(xsResult, error);
}

/* importKey(slot, curve, key) → 0 or an error */
void xs_signer_import(xsMachine *the)
{
	void *key;
	xsUnsignedValue length;
	int slot = xsmcToInteger(xsArg(0)), curve = xsmcToInteger(xsArg(1));
	xsmcGetBufferReadable(xsArg(2), &key, &length);
	xsmcSetInteger(xsResult, store(slot, curve, key, length));
}

/* erase(slot, publicKey) → 0 or an error */
void xs_signer_erase(xsMachine *the)
{
	uint8_t record[SIGNER_RECORD], public_key[PUBLIC_KEY_MAX];
	void *given;
	xsUnsignedValue given_length;
	size_t length;
	int slot = xsmcToInteger(xsArg(0));
	xsmcGetBufferReadable(xsArg(1), &given, &given_length);
	int error = read_record(slot, record, &length);
	if (!error) {
		size_t expected = derive(record, public_key);
		if (!expected || given_length != expected || memcmp(given, public_key, expected))
			error = NOT_CONFIRMED;
	}
	clear(record, sizeof record);
	if (!error && signer_port_erase(slot) != SIGNER_PORT_OK)
		error = STORAGE_FAILED;
	xsmcSetInteger(xsResult, error);
}
