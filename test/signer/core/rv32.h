/* What rv32.c counts. */
#ifndef RV32_H
#define RV32_H

#include <stddef.h>
#include <stdint.h>

/* Random, new for each run. */
extern uint8_t rv32_key[32], rv32_message[64];

typedef struct {
	const char *name;
	/* 0 if all is well. What `prepare` does is not counted. */
	int (*run)(void), (*prepare)(void);
} rv32_operation;

extern const rv32_operation rv32_operations[];
extern const size_t rv32_operation_count;

/* Instructions so far. */
uint32_t rv32_instructions(void);

int rv32_nothing(void);

#endif
