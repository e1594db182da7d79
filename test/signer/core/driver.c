/*
 * The signer's entries on standard input and output, one line each: an operation's name and its arguments in
 * hexadecimal ("-" for an empty one), answered with its code and its output. Arithmetic is asked for in the same way, with
 * little-endian numbers of 32 bytes. On a bare RISC-V the lines come from the file "commands", by semihosting.
 */
#include "../../../modules/signer/arithmetic.h"
#include "../../../modules/signer/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __riscv
#include <semihost.h>

static char *read_line(char *line, int size) {
	static char buffer[4096];
	static size_t have, at;
	static int file;
	if (file == 0)
		file = sys_semihost_open("commands", 0);
	int length = 0;
	for (;;) {
		if (at == have) {
			/* The call answers with the number of bytes it did not read. */
			have = sizeof buffer - (size_t)sys_semihost_read(file, buffer, sizeof buffer);
			at = 0;
			if (have == 0)
				return NULL;
		}
		char byte = buffer[at++];
		if (byte == '\n' || length == size - 1) {
			line[length] = '\0';
			return line;
		}
		line[length++] = byte;
	}
}
#else
static char *read_line(char *line, int size) { return fgets(line, size, stdin); }
#endif

static int nibble(char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; }

static size_t from_hex(uint8_t *bytes, const char *hex) {
	size_t length = 0;
	for (; hex[0] != '\0' && hex[0] != '-'; hex += 2)
		bytes[length++] = (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1]));
	return length;
}

static void answer(int code, const uint8_t *bytes, size_t length) {
	printf("%d ", code);
	for (size_t i = 0; i < length; i++)
		printf("%02x", bytes[i]);
	printf("\n");
}

/* The three operations of a ring, for a modulus m and Montgomery's way: its arguments come as one string of bytes. */
static size_t arithmetic(const char *operation, const uint8_t *in, uint8_t *out) {
	uint32_t a[8], b[8], wide[16];
	signer_modulus modulus;
	signer_words_from_little_endian(a, in);
	signer_words_from_little_endian(b, in + 32);
	signer_words_from_little_endian(modulus.m, in + 64);
	modulus.negative_inverse = 1;
	for (int i = 0; i < 5; i++)
		modulus.negative_inverse *= 2 + modulus.m[0] * modulus.negative_inverse;
	/* The first word of the modulus says which field it is of: p = -977 or -19 modulo 2^32. */
	uint32_t field = modulus.m[0] == 0xffffffed ? SIGNER_FIELD_ED25519 : SIGNER_FIELD_SECP256K1;
	/* The result may be an argument: it always is here. */
	if (strcmp(operation, "field_multiply") == 0)
		signer_field_multiply(a, a, b, field);
	else if (strcmp(operation, "field_multiply_other") == 0)
		signer_field_multiply(b, a, b, field), signer_words_copy(a, b, 8);
	else if (strcmp(operation, "field_square") == 0)
		signer_field_square(a, a, field);
	else if (strcmp(operation, "field_add") == 0)
		signer_field_add(a, a, b, field);
	else if (strcmp(operation, "field_subtract") == 0)
		signer_field_subtract(a, a, b, field);
	else if (strcmp(operation, "field_normalise") == 0)
		signer_field_normalise(a, &modulus);
	else if (strcmp(operation, "inverse") == 0)
		signer_inverse(a, a, &modulus);
	else if (strcmp(operation, "ring_multiply") == 0)
		signer_ring_multiply(a, a, b, &modulus);
	else if (strcmp(operation, "ring_add") == 0)
		signer_ring_add(a, a, b, &modulus);
	else if (strcmp(operation, "multiply") == 0) {
		signer_multiply(wide, a, b);
		signer_words_to_little_endian(out + 32, wide + 8);
		signer_words_to_little_endian(out, wide);
		return 64;
	} else
		return 0;
	signer_words_to_little_endian(out, a);
	return 32;
}

int main(void) {
	static char line[1 << 17], first[1 << 16], second[1 << 16], operation[32];
	static uint8_t a[1 << 15], b[1 << 15], out[96];
	while (read_line(line, sizeof line) != NULL) {
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
			size_t size = arithmetic(operation, a, out);
			if (size == 0)
				return 1;
			answer(0, out, size);
		}
		free(message);
	}
	return 0;
}
