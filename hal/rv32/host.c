/* hal/xs/host.h on a bare board: its power is never cut, and it ends only with a report. */
#include "host.h"
#include <semihost.h>
#include <stdlib.h>

struct options options = { .arena = 94208, .stack_slots = 768, .configuration = -1, .clock_set = true };

void (*on_finish)(int code, const char *reason);

uint32_t operation_begin(void)
{
	return 0;
}

bool operation_is_torn(uint32_t number)
{
	(void)number;
	return false;
}

void operation_end(uint32_t number)
{
	(void)number;
}

/* The reader of the report switches the board off. */
void finish(int code, const char *reason)
{
	static bool is_finishing;
	if (is_finishing || !on_finish) /* a failure while failing, or before there is a link */
		_Exit(code);
	is_finishing = true;
	on_finish(code, reason);
	for (;;)
		__asm__ volatile("wfi");
}

double wall_now(void)
{
	return (double)sys_semihost_time() * 1000;
}
