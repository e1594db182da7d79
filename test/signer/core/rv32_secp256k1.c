/* Bitcoin Core's library, as npm's secp256k1 carries it, for rv32.c. Its table is in flash, made by its own generator. */
#include "src/secp256k1.c"

#include "rv32.h"

static uint8_t context_memory[1024] __attribute__((aligned(16)));
static secp256k1_context *context;
static secp256k1_ecdsa_recoverable_signature signature;
static secp256k1_pubkey public_key;

static int start(void) {
	if (context == NULL && secp256k1_context_preallocated_size(SECP256K1_CONTEXT_SIGN) <= sizeof context_memory)
		context = secp256k1_context_preallocated_create(context_memory, SECP256K1_CONTEXT_SIGN);
	return context == NULL;
}

static int sign(void) {
	return !secp256k1_ecdsa_sign_recoverable(context, &signature, rv32_message, rv32_key, NULL, NULL);
}

static int make_public_key(void) { return !secp256k1_ec_pubkey_create(context, &public_key, rv32_key); }

const rv32_operation rv32_operations[] = {
	{"secp256k1 sign", sign, start},
	{"secp256k1 public key", make_public_key, start},
};

const size_t rv32_operation_count = sizeof rv32_operations / sizeof *rv32_operations;
