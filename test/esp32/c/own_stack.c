#include "own_stack.h"
#include <string.h>
#include <ucontext.h>

static _Alignas(16) uint8_t stack[262144];
static ucontext_t here, there;

void own_stack_run(void (*function)(void))
{
	memset(stack, 0, sizeof stack);
	getcontext(&there);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = sizeof stack;
	there.uc_link = &here;
	makecontext(&there, function, 0);
	swapcontext(&here, &there);
}

bool own_stack_has(const uint8_t *bytes, size_t length)
{
	return memmem(stack, sizeof stack, bytes, length) != NULL;
}
