/*
 * libFuzzer's target, one for each ENTRY (1 to 9). The input is the key and then the rest; what comes out must satisfy a
 * relation of its own, so that more than a crash is found.
 */
#include "../../../modules/signer/signer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition) {
	if (!condition)
		abort();
}

static int is_zero(const uint8_t *bytes, size_t length) {
	uint8_t any = 0;
	while (length--)
		any |= *bytes++;
	return any == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	uint8_t key[32] = {0}, digest[64] = {0}, expanded[96] = {0}, out[96], again[96];
	memcpy(key, data, size < 32 ? size : 32);
	data += size < 32 ? size : 32;
	size -= size < 32 ? size : 32;
	memcpy(digest, data, size < 64 ? size : 64);
	memset(out, 0xa5, sizeof out);
	int code = 0;
#if ENTRY == 1
	code = signer_secp256k1_sign(digest, key, out);
	check(code == SIGNER_OK || (code == SIGNER_KEY_OUT_OF_RANGE && is_zero(out, 65)));
	/* s is low. */
	check(out[32] < 0x80 && out[64] < 2);
#elif ENTRY == 2
	code = signer_secp256k1_public_key(key, out);
	check(code == SIGNER_OK ? out[0] == 4 : code == SIGNER_KEY_OUT_OF_RANGE && is_zero(out, 65));
#elif ENTRY == 3
	code = signer_ed25519_sign(data, size, key, out);
	check(code == SIGNER_OK && out[63] < 0x20);
#elif ENTRY == 4
	check(signer_ed25519_public_key(key, out) == SIGNER_OK);
#elif ENTRY == 5
	check(signer_ed25519_expand(key, out) == SIGNER_OK && memcmp(key, out, 32) == 0);
	check(signer_ed25519_public_key(key, again) == SIGNER_OK && memcmp(again, out + 32, 32) == 0);
#elif ENTRY == 6
	/* First any 96 bytes, which are refused, then a key as it should be. */
	memcpy(expanded, key, 32);
	memcpy(expanded + 32, digest, 64);
	check(signer_ed25519_sign_expanded(data, size, expanded, out) == SIGNER_FAULT && is_zero(out, 64));
	check(signer_ed25519_expand(key, expanded) == SIGNER_OK);
	check(signer_ed25519_sign_expanded(data, size, expanded, out) == SIGNER_OK);
	check(signer_ed25519_sign(data, size, key, again) == SIGNER_OK && memcmp(again, out, 64) == 0);
#elif ENTRY == 7
	signer_keccak256(data, size, out);
#elif ENTRY == 8
	signer_sha256(data, size, out);
#elif ENTRY == 9
	signer_sha512(data, size, out);
#endif
	(void)code;
	(void)expanded;
	(void)again;
	(void)is_zero;
	return 0;
}
