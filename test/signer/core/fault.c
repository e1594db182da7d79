/*
 * Signs, and then signs with one bit of the signer's stack flipped at a random moment, each time in a process of its own, and prints what
 * came out: the code and the signature, or "crash". Built at -O0, where every variable is on the stack, and with a call at
 * every basic block, which is where the moments are.
 *
 * Arguments: which entry, how many times, a seed. The message is 32 bytes 0x42, the key 32 bytes 0x11.
 */
#define _XOPEN_SOURCE 700

#include "../../../modules/signer/signer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t message[32], key[32], expanded[96], out[65];
static volatile unsigned long passed, moment;
static unsigned long chosen;
static uintptr_t stack_top;

/* gcc puts a call of this into every basic block of the core; this file is built without. */
void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void) {
	if (++passed != moment)
		return;
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) + 2 * sizeof(void *);
	unsigned long bit = chosen % ((stack_top - here) * 8);
	*(volatile uint8_t *)(here + bit / 8) ^= (uint8_t)(1 << (bit % 8));
}

/* Without variables of their own, which would be in reach. */
#define ENTRY(name, call)                                           \
	static int name(void) {                                     \
		stack_top = (uintptr_t)__builtin_frame_address(0);  \
		return call;                                        \
	}
ENTRY(sign_secp256k1, signer_secp256k1_sign(message, key, out))
ENTRY(sign_expanded, signer_ed25519_sign_expanded(message, 32, expanded, out))
ENTRY(sign_ed25519, signer_ed25519_sign(message, 32, key, out))

static void show(int code) {
	printf("%d ", code);
	for (size_t i = 0; i < sizeof out; i++)
		printf("%02x", out[i]);
	printf("\n");
	fflush(stdout);
}

static unsigned long random_number(void) { return (unsigned long)random() << 31 ^ (unsigned long)random(); }

int main(int count, char **arguments) {
	if (count != 4)
		return 1;
	int (*const entries[])(void) = {sign_secp256k1, sign_expanded, sign_ed25519};
	int (*sign)(void) = entries[atoi(arguments[1]) % 3];
	long times = atol(arguments[2]);
	srandom((unsigned)atol(arguments[3]));
	memset(message, 0x42, sizeof message);
	memset(key, 0x11, sizeof key);
	signer_ed25519_expand(key, expanded);
	passed = 0;
	sign();
	unsigned long all = passed;
	show(sign());
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	for (long i = 0; i < times; i++) {
		unsigned long at = 1 + random_number() % all, where = random_number();
		fflush(stdout);
		pid_t child = fork();
		if (child == 0) {
			alarm(2);
			passed = 0;
			moment = at;
			chosen = where;
			memset(out, 0, sizeof out);
			int code = sign();
			show(code);
			_exit(0);
		}
		int status;
		waitpid(child, &status, 0);
		if (!WIFEXITED(status))
			printf("crash\n");
	}
	return 0;
}
