/* The engine's memory: an arena for each machine. */
#ifndef MEMORY_H
#define MEMORY_H

#include "xsAll.h"
#include "host.h"

/* Memory of one machine, its context. Chunks grow up, the stack and the slots down; free memory is [chunks, slots). */
struct arena {
	uint8_t *base, *chunks, *slots, *end;
	size_t peak; /* of chunks and slots, the stack not counted */
};

/* An empty arena of `size` bytes of the desktop's memory. */
void arena_make(struct arena *arena, size_t size);

/* From now on the peak is that of what follows. */
void arena_restart_peak(struct arena *arena);

/* The high-water mark of a machine's stack, in bytes. */
size_t stack_peak(txMachine *the);

#endif
