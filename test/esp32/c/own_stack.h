/* Runs a function on a stack that can be searched afterwards for what the function should not have left there. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void own_stack_run(void (*function)(void));
/* Whether `bytes` are anywhere on that stack. */
bool own_stack_has(const uint8_t *bytes, size_t length);
