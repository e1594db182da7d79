/*
 * Counts instructions and stack on a bare rv32imc: for each operation a line with its name, the least and the most
 * instructions over RUNS random keys and messages, the deepest stack in bytes, and how deep the call left anything that is
 * neither zero nor as it was, separated by "|".
 */
#include "rv32.h"

#include <stdio.h>
#include <string.h>

#ifndef RUNS
#define RUNS 1
#endif
#define STACK 8192
#define PAINT 0xa5

uint8_t rv32_key[32], rv32_message[64];
static uint32_t random_state = 2463534242u;

static void randomise(uint8_t *bytes, size_t length) {
	while (length--) {
		random_state ^= random_state << 13;
		random_state ^= random_state >> 17;
		random_state ^= random_state << 5;
		*bytes++ = (uint8_t)(random_state >> 11);
	}
}

uint32_t rv32_instructions(void) {
	uint32_t count;
	__asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, minstret\n.option pop" : "=r"(count) : : "memory");
	return count;
}

__attribute__((noinline)) int rv32_nothing(void) { return 0; }

int main(void) {
	uint32_t before_nothing = rv32_instructions();
	rv32_nothing();
	uint32_t overhead = rv32_instructions() - before_nothing;
	for (size_t i = 0; i < rv32_operation_count; i++) {
		uint32_t least = UINT32_MAX, most = 0, depth = 0, residue = 0;
		for (int run = 0; run < RUNS; run++) {
			randomise(rv32_key, sizeof rv32_key);
			randomise(rv32_message, sizeof rv32_message);
			rv32_operations[i].prepare();
			volatile uint8_t *top;
			__asm__("mv %0, sp" : "=r"(top));
			for (uint32_t at = 1; at <= STACK; at++)
				top[-(int32_t)at] = PAINT;
			uint32_t before = rv32_instructions();
			int code = rv32_operations[i].run();
			uint32_t count = rv32_instructions() - before;
			if (code != 0)
				printf("%s: code %d\n", rv32_operations[i].name, code);
			uint32_t deepest = STACK;
			while (deepest > 0 && top[-(int32_t)deepest] == PAINT)
				deepest--;
			/* The wrapper of an entry leaves saved registers and pointers; below it all must have been cleared. */
			uint32_t left = deepest;
			while (left > 0 && (top[-(int32_t)left] == PAINT || top[-(int32_t)left] == 0))
				left--;
			depth = deepest > depth ? deepest : depth;
			residue = left > residue ? left : residue;
			least = count < least ? count : least;
			most = count > most ? count : most;
		}
		printf("%s|%u|%u|%u|%u\n", rv32_operations[i].name, (unsigned)(least - overhead), (unsigned)(most - overhead),
		       (unsigned)depth, (unsigned)residue);
	}
	return 0;
}
