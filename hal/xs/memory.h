/* The engine's memory: an arena for each machine. */
#ifndef MEMORY_H
#define MEMORY_H

#include "xsAll.h"
#include "host.h"

/* Memory of one machine: its context. Chunks grow up, the stack and the slots down; free memory is [chunks, slots). */
struct arena {
	uint8_t *base, *chunks, *slots, *end;
	size_t peak; /* of chunks and slots, the stack not counted */
};

/* Creates an empty arena of `size` bytes of the desktop's memory. */
void arena_make(struct arena *arena, size_t size);

/* Restarts the peak: it covers only what follows. */
void arena_restart_peak(struct arena *arena);

/* Returns the high-water mark of a machine's stack, in bytes. */
size_t stack_peak(txMachine *the);

#endif
