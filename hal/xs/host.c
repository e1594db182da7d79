/* The host on Linux: a cut ends the process, time is the system's. */
#include "host.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct options options = {
	.arena = sizeof(void *) == 4 ? 94208 : 2 * 94208, /* the ESP32-C3's; slots of twice the size get twice as much */
	.stack_slots = 768, /* 12 kB of the arena: a day uses 620 slots; JSON and CBOR recurse, some 35 slots a level */
	.configuration = -1,
	.clock_set = true,
	.cut_phase = CUT_BEFORE,
};

void (*on_finish)(int code, const char *reason);

static uint32_t operations, writes, refused_writes;
static const char *const phase_names[] = { "before", "during", "after" };

static void cut(void)
{
	char text[64];
	snprintf(text, sizeof text, "power cut %s operation %lu", phase_names[options.cut_phase], (unsigned long)options.cut);
	finish(EXIT_CUT, text);
}

uint32_t operation_begin(void)
{
	operations++;
	if (operations == options.cut && options.cut_phase == CUT_BEFORE)
		cut();
	return operations;
}

bool operation_is_torn(uint32_t number)
{
	return number == options.cut && options.cut_phase == CUT_DURING;
}

void operation_end(uint32_t number)
{
	if (number == options.cut)
		cut();
}

bool write_is_refused(void)
{
	bool is_refused = options.refuse_every && ++writes % options.refuse_every == 0;
	refused_writes += is_refused;
	return is_refused;
}

uint32_t refused_write_count(void)
{
	return refused_writes;
}

uint32_t operation_count(void)
{
	return operations;
}

void finish(int code, const char *reason)
{
	static bool is_finishing;
	if (is_finishing) /* a failure while failing */
		_exit(code);
	is_finishing = true;
	if (code != 0 && code != EXIT_CUT)
		fprintf(stderr, "xs: %s\n", reason);
	if (on_finish)
		on_finish(code, reason);
	_exit(code);
}

double wall_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec * 1000 + (double)(now.tv_nsec / 1000000);
}

double monotonic_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}
