/*
 * The signer's entries on standard input and output, one line each: an operation's name and its arguments in
 * hexadecimal ("-" for an empty one), answered with its code and its output.
 */
#include "../../../modules/signer/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t from_hex(uint8_t *bytes, const char *hex) {
	size_t length = 0;
	unsigned byte;
	for (; hex[0] != '\0' && hex[0] != '-' && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		bytes[length++] = (uint8_t)byte;
	return length;
}

static void answer(int code, const uint8_t *bytes, size_t length) {
	printf("%d ", code);
	for (size_t i = 0; i < length; i++)
		printf("%02x", bytes[i]);
	printf("\n");
}

int main(void) {
	static char line[1 << 17], first[1 << 16], second[1 << 16], operation[32];
	static uint8_t a[1 << 15], b[1 << 15], out[96];
	while (fgets(line, sizeof line, stdin) != NULL) {
		strcpy(second, "-");
		if (sscanf(line, "%31s %65535s %65535s", operation, first, second) < 2)
			return 1;
		size_t length = from_hex(a, first);
		from_hex(b, second);
		/* An exact copy of the message, so that a sanitizer sees a byte read beyond it. */
		uint8_t *message = malloc(length);
		memcpy(message, a, length);
		memset(out, 0xa5, sizeof out);
		if (strcmp(operation, "secp256k1_sign") == 0) {
			int code = signer_secp256k1_sign(a, b, out);
			answer(code, out, 65);
		} else if (strcmp(operation, "secp256k1_public_key") == 0) {
			int code = signer_secp256k1_public_key(a, out);
			answer(code, out, 65);
		} else if (strcmp(operation, "ed25519_sign") == 0) {
			int code = signer_ed25519_sign(message, length, b, out);
			answer(code, out, 64);
		} else if (strcmp(operation, "ed25519_expand") == 0) {
			int code = signer_ed25519_expand(a, out);
			answer(code, out, 96);
		} else if (strcmp(operation, "ed25519_sign_expanded") == 0) {
			int code = signer_ed25519_sign_expanded(message, length, b, out);
			answer(code, out, 64);
		} else if (strcmp(operation, "ed25519_public_key") == 0) {
			int code = signer_ed25519_public_key(a, out);
			answer(code, out, 32);
		} else if (strcmp(operation, "keccak256") == 0) {
			signer_keccak256(message, length, out);
			answer(0, out, 32);
		} else if (strcmp(operation, "sha256") == 0) {
			signer_sha256(message, length, out);
			answer(0, out, 32);
		} else if (strcmp(operation, "sha512") == 0) {
			signer_sha512(message, length, out);
			answer(0, out, 64);
		} else {
			return 1;
		}
		free(message);
	}
	return 0;
}
