/* Orson Peters' library, as npm's ed25519-supercop carries it, for rv32.c. It is given the public key. */
#include "ed25519.h"
#include "rv32.h"
#include "sha512.h"

static uint8_t public_key[32], private_key[64], signature[64];

static int prepare(void) {
	ed25519_create_keypair(public_key, private_key, rv32_key);
	return 0;
}

static int sign(void) {
	ed25519_sign(signature, rv32_message, 32, public_key, private_key);
	return 0;
}

static int hash(void) {
	sha512(rv32_message, 32, signature);
	return 0;
}

const rv32_operation rv32_operations[] = {
	{"ed25519 sign 32 B", sign, prepare},
	{"ed25519 public key", prepare, rv32_nothing},
	{"sha512 32 B", hash, rv32_nothing},
};

const size_t rv32_operation_count = sizeof rv32_operations / sizeof *rv32_operations;
