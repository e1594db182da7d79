/*
 * The native signer's binding for XS: `native("xs_signer_…")` functions for the SDK and for the XS host alike. native.ts is
 * their only caller; it turns the errors of signer_slot.h into `SignerError`s. A key is read from its slot, used and
 * cleared inside one call: no function returns one, and none lands in the JavaScript heap.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "signer.h"
#include "signer_slot.h"
#include <string.h>

static int read_record_of(int curve, int slot, uint8_t record[SIGNER_RECORD], size_t *length)
{
	int error = signer_slot_read(slot, record, length);
	return error ? error : record[0] == curve ? 0 : SIGNER_SLOT_KEY_OF_ANOTHER_CURVE;
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

/* curve(slot) → a curve, -1 for an empty slot, or 16 plus an error */
void xs_signer_curve(xsMachine *the)
{
	uint8_t record[SIGNER_RECORD];
	size_t length;
	int error = signer_slot_read(xsmcToInteger(xsArg(0)), record, &length);
	int curve = error ? 0 : record[0];
	signer_slot_clear(record, sizeof record);
	xsmcSetInteger(xsResult, error == SIGNER_SLOT_KEY_MISSING ? -1 : error ? 16 + error : curve);
}

/* publicKey(slot) → bytes or an error */
void xs_signer_public_key(xsMachine *the)
{
	uint8_t record[SIGNER_RECORD], public_key[SIGNER_PUBLIC_KEY];
	size_t length, size = 0;
	int error = signer_slot_read(xsmcToInteger(xsArg(0)), record, &length);
	if (!error && !(size = signer_slot_public_key(record, public_key)))
		error = SIGNER_SLOT_SIGNING_FAULT;
	signer_slot_clear(record, sizeof record);
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
		error = SIGNER_SLOT_DIGEST_LENGTH;
	if (!error && signer_secp256k1_sign(digest, record + 1, signature))
		error = SIGNER_SLOT_SIGNING_FAULT;
	signer_slot_clear(record, sizeof record);
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
	if (!error) {
		int is_expanded = length == SIGNER_EXPANDED_RECORD;
		int fault = is_expanded ? signer_ed25519_sign_expanded(message, message_length, record + 1, signature)
		                        : signer_ed25519_sign(message, message_length, record + 1, signature);
		error = fault ? SIGNER_SLOT_SIGNING_FAULT : 0;
	}
	signer_slot_clear(record, sizeof record);
	result_of(the, error, signature, sizeof signature);
}

/* create(slot, curve) → 0 or an error */
void xs_signer_create(xsMachine *the)
{
	uint8_t key[32];
	int slot = xsmcToInteger(xsArg(0)), curve = xsmcToInteger(xsArg(1)), error;
	do { /* a draw at or above the group order, about one in 2^128, is drawn again */
		error = SIGNER_SLOT_STORAGE_FAILED;
		if (signer_port_random(key, sizeof key) == SIGNER_PORT_OK)
			error = signer_slot_store(slot, curve, key, sizeof key);
	} while (error == SIGNER_SLOT_KEY_OUT_OF_RANGE);
	signer_slot_clear(key, sizeof key);
	xsmcSetInteger(xsResult, error);
}

/* importKey(slot, curve, key) → 0 or an error */
void xs_signer_import(xsMachine *the)
{
	void *key;
	xsUnsignedValue length;
	int slot = xsmcToInteger(xsArg(0)), curve = xsmcToInteger(xsArg(1));
	xsmcGetBufferReadable(xsArg(2), &key, &length);
	xsmcSetInteger(xsResult, signer_slot_store(slot, curve, key, length));
}

/* erase(slot, publicKey) → 0 or an error */
void xs_signer_erase(xsMachine *the)
{
	uint8_t record[SIGNER_RECORD], public_key[SIGNER_PUBLIC_KEY];
	void *given;
	xsUnsignedValue given_length;
	size_t length;
	int slot = xsmcToInteger(xsArg(0));
	xsmcGetBufferReadable(xsArg(1), &given, &given_length);
	int error = signer_slot_read(slot, record, &length);
	if (!error || error == SIGNER_SLOT_STORAGE_FAILED) {
		/* An unreadable record has no public key, and nothing to confirm it by. */
		size_t expected = error ? 0 : signer_slot_public_key(record, public_key);
		error = given_length != expected || memcmp(given, public_key, expected) ? SIGNER_SLOT_NOT_CONFIRMED : 0;
	}
	signer_slot_clear(record, sizeof record);
	if (!error && signer_port_erase(slot) != SIGNER_PORT_OK)
		error = SIGNER_SLOT_STORAGE_FAILED;
	xsmcSetInteger(xsResult, error);
}
