/*
 * The engine's memory: one arena, as on an ESP32 (xsHosts.c of the SDK). Chunks grow up from its start; the stack, then the
 * slots, grow down from its end. When slots find no room the chunks are compacted and give their free tail back.
 */
#include "memory.h"
#include <sys/mman.h>

#define STACK_PAINT 0x5A

static struct arena *arena_of(txMachine *the)
{
	return the->context;
}

static void arena_note(struct arena *a)
{
	size_t slots = (size_t)(a->end - a->slots);
	size_t stack = (size_t)options.stack_slots * sizeof(txSlot);
	size_t used = (size_t)(a->chunks - a->base) + (slots > stack ? slots - stack : 0);
	if (used > a->peak)
		a->peak = used;
}

void arena_restart_peak(struct arena *a)
{
	a->peak = 0;
	arena_note(a);
}

void *fxAllocateChunks(txMachine *the, txSize size)
{
	struct arena *a = arena_of(the);
	txBlock *block = the->firstBlock;
	uint8_t *result;
	if (block) {
		/* Extends the only block by what its free tail does not already provide. fxGrowChunks adds `size` to both. */
		txSize grow = size - (txSize)sizeof(txBlock) - (txSize)(block->limit - block->current);
		if (grow > a->slots - a->chunks)
			return NULL;
		a->chunks += grow;
		block->limit = (txByte *)a->chunks - size;
		the->maximumChunksSize += grow - size;
		result = (uint8_t *)block->limit;
	}
	else {
		if (size > a->slots - a->chunks)
			return NULL;
		result = a->chunks;
		a->chunks += size;
	}
	arena_note(a);
	return result;
}

txSlot *fxAllocateSlots(txMachine *the, txSize count)
{
	struct arena *a = arena_of(the);
	txSize size = count * (txSize)sizeof(txSlot);
	if (size > a->slots - a->chunks && the->firstBlock) {
		fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
		the->maximumChunksSize -= (txSize)(the->firstBlock->limit - the->firstBlock->current);
		a->chunks = (uint8_t *)the->firstBlock->current;
		the->firstBlock->limit = the->firstBlock->current;
	}
	if (size > a->slots - a->chunks)
		return NULL;
	a->slots -= size;
	if (!the->stackBottom)
		memset(a->slots, STACK_PAINT, (size_t)size); /* the first slots are the stack: its high-water mark shows */
	arena_note(a);
	return (txSlot *)a->slots;
}

void fxFreeChunks(txMachine *the, void *chunks)
{
	(void)the, (void)chunks; /* a device's machine ends with its power */
}

void fxFreeSlots(txMachine *the, void *slots)
{
	(void)the, (void)slots;
}

void fxCreateMachinePlatform(txMachine *the)
{
	the->connection = mxNoSocket;
}

void fxDeleteMachinePlatform(txMachine *the)
{
	(void)the;
}

void arena_make(struct arena *a, size_t size)
{
	a->base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (a->base == MAP_FAILED)
		finish(EXIT_MEMORY_FULL, "the desktop itself has no memory for the arena");
	a->chunks = a->base;
	a->slots = a->end = a->base + (size & ~(sizeof(txSlot) - 1));
}

/*
 * The high-water mark of the stack: searches down from its top for the first eight slots that still have their paint. Not up
 * from its bottom, since the printing of numbers and regular expressions use the free part as scratch memory.
 */
size_t stack_peak(txMachine *the)
{
	const uint8_t *top = (const uint8_t *)the->stackTop, *at = top, *bottom = (const uint8_t *)the->stackBottom;
	size_t painted = 0;
	while (at > bottom && painted < 8 * sizeof(txSlot)) {
		at--;
		painted = *at == STACK_PAINT ? painted + 1 : 0;
	}
	return ((size_t)(top - at) - painted + sizeof(txSlot) - 1) / sizeof(txSlot) * sizeof(txSlot);
}
