/*
 * For valgrind's memcheck: keys and seeds are marked undefined, and so is everything computed from them, until it is an
 * output. A branch, an address or a system call that depends on them is an error. Nothing inside the core is declared
 * public: neither r nor R, neither the public key nor whether the key was in range.
 */
#include "../../../modules/signer/signer.h"

#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

static uint8_t key[32], expanded[96], message[200], out[96];

static void expect_ok(int code) {
	VALGRIND_MAKE_MEM_DEFINED(&code, sizeof code);
	VALGRIND_MAKE_MEM_DEFINED(out, sizeof out);
	if (code != SIGNER_OK)
		printf("code %d\n", code);
}

int main(void) {
	memset(message, 7, sizeof message);
	for (uint8_t round = 1; round < 3; round++) {
		memset(key, 0x5a + round, sizeof key);
		VALGRIND_MAKE_MEM_UNDEFINED(key, sizeof key);
		expect_ok(signer_secp256k1_sign(message, key, out));
		expect_ok(signer_secp256k1_public_key(key, out));
		expect_ok(signer_ed25519_public_key(key, out));
		expect_ok(signer_ed25519_sign(message, 32, key, out));
		expect_ok(signer_ed25519_sign(message, sizeof message, key, out));
		expect_ok(signer_ed25519_expand(key, out));
		/* The public key in the middle of it stays defined: it is public. */
		memcpy(expanded, out, sizeof expanded);
		VALGRIND_MAKE_MEM_UNDEFINED(expanded, 32);
		VALGRIND_MAKE_MEM_UNDEFINED(expanded + 64, 32);
		expect_ok(signer_ed25519_sign_expanded(message, 32, expanded, out));
		/* The hashes of secret data. */
		VALGRIND_MAKE_MEM_UNDEFINED(message, sizeof message);
		signer_keccak256(message, sizeof message, out);
		signer_sha256(message, sizeof message, out);
		signer_sha512(message, sizeof message, out);
		VALGRIND_MAKE_MEM_DEFINED(message, sizeof message);
		/* Keys out of range: the code is public once it has been returned, not before. */
		memset(key, round == 1 ? 0 : 0xff, sizeof key);
		VALGRIND_MAKE_MEM_UNDEFINED(key, sizeof key);
		int code = signer_secp256k1_sign(message, key, out);
		VALGRIND_MAKE_MEM_DEFINED(&code, sizeof code);
		if (code != SIGNER_KEY_OUT_OF_RANGE)
			printf("code %d for a key out of range\n", code);
	}
	return 0;
}
