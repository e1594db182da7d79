/* The signer's entries, for rv32.c. */
#include "../../../modules/signer/signer.h"
#include "rv32.h"

static uint8_t out[96], expanded[96];

static int secp256k1_sign(void) { return signer_secp256k1_sign(rv32_message, rv32_key, out); }
static int secp256k1_public_key(void) { return signer_secp256k1_public_key(rv32_key, out); }
static int ed25519_sign(void) { return signer_ed25519_sign(rv32_message, 32, rv32_key, out); }
static int ed25519_expand(void) { return signer_ed25519_expand(rv32_key, expanded); }
static int ed25519_sign_expanded(void) { return signer_ed25519_sign_expanded(rv32_message, 32, expanded, out); }
static int ed25519_public_key(void) { return signer_ed25519_public_key(rv32_key, out); }
static int keccak256_5(void) { return signer_keccak256(rv32_message, 5, out), 0; }
static int keccak256_64(void) { return signer_keccak256(rv32_message, 64, out), 0; }
static int sha256_32(void) { return signer_sha256(rv32_message, 32, out), 0; }
static int sha512_32(void) { return signer_sha512(rv32_message, 32, out), 0; }

const rv32_operation rv32_operations[] = {
	{"secp256k1 sign", secp256k1_sign, rv32_nothing},
	{"secp256k1 public key", secp256k1_public_key, rv32_nothing},
	{"ed25519 sign 32 B, from a bare seed", ed25519_sign, rv32_nothing},
	{"ed25519 expand", ed25519_expand, rv32_nothing},
	{"ed25519 sign 32 B", ed25519_sign_expanded, ed25519_expand},
	{"ed25519 public key", ed25519_public_key, rv32_nothing},
	{"keccak256 5 B", keccak256_5, rv32_nothing},
	{"keccak256 64 B", keccak256_64, rv32_nothing},
	{"sha256 32 B", sha256_32, rv32_nothing},
	{"sha512 32 B", sha512_32, rv32_nothing},
};

const size_t rv32_operation_count = sizeof rv32_operations / sizeof *rv32_operations;
