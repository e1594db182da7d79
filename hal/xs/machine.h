/* What the files that touch the engine's insides share: memory.c, modules.c, preload.c and machine.c. */
#ifndef MACHINE_H
#define MACHINE_H

#include "xsAll.h"
#include "host.h"

/* Memory of one machine, its context. Chunks grow up, the stack and the slots down; free memory is [chunks, slots). */
struct arena {
	uint8_t *base, *chunks, *slots, *end;
	size_t peak; /* of chunks and slots, the stack not counted */
};

/* An empty arena of `size` bytes of the desktop's memory. */
void arena_make(struct arena *arena, size_t size);

/* How deep a machine's stack has been, in bytes. */
size_t stack_peak(txMachine *the);

/* A shared machine, read-only from now on, in which the entry's module graph has been run and frozen. */
txMachine *preload(void);
/* Whether the root machine is still being made: what fails then is the desktop's, not the device's. */
bool preload_is_running(void);

/* Runs promise jobs until none is left. */
void run_promise_jobs(txMachine *the);

#endif
