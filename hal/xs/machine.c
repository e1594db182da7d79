#include "machine.h"
#include "link.h"
#include "preload.h"
#include "timers.h"
#include "turn.h"

/*
 * The first sizes of the heap and its steps, those of boards/esp32c3_devkit: what one purchase needs is there at once, so
 * that garbage is collected a tenth as often (docs/figures.md). The tail of chunks goes back when slots need it.
 */
#define START_CHUNKS 16384
#define STEP_CHUNKS 4096
#define START_SLOTS 1600
#define STEP_SLOTS 64

static struct arena arena;
static txMachine *app;
static struct {
	size_t slots, chunks;
} start;

static txMachine *machine_start(void)
{
	txMachine *root = preload();
	if (options.image)
		finish(0, NULL);
	arena_make(&arena, options.arena);

	/* All others as in the SDK's esp32c3 target; the two tables must be as long as the root's. */
	txCreation creation = {
		.initialChunkSize = START_CHUNKS,
		.incrementalChunkSize = STEP_CHUNKS,
		.initialHeapCount = START_SLOTS,
		.incrementalHeapCount = STEP_SLOTS,
		.stackCount = options.stack_slots,
		.initialKeyCount = 32,
		.incrementalKeyCount = 32,
		.nameModulo = root->nameModulo,
		.symbolModulo = root->symbolModulo,
		.parserBufferSize = 1024,
		.parserTableModulo = 17,
	};
	/* Cloning does not survive an arena that is filled by its stack, first slots and first chunks. */
	if (options.arena < ((size_t)options.stack_slots + START_SLOTS) * sizeof(txSlot) + START_CHUNKS)
		finish(EXIT_MEMORY_FULL, "memory full: the arena is too small to start");
	txMachine *the = fxCloneMachine(&creation, root, "app", &arena);
	if (!the)
		finish(EXIT_MEMORY_FULL, "memory full: the arena is too small to start");
	app = the;
	fxCollectGarbage(the);
	start.slots = (size_t)the->currentHeapCount * sizeof(txSlot);
	start.chunks = (size_t)the->currentChunksSize;

	fxBeginHost(the);
	mxTry(the)
	{
		/* As in the SDK: the module's default export is a function, and calling it starts the program. */
		mxPushUndefined();
		mxPushStringC((char *)options.entry);
		fxAwaitImport(the, XS_IMPORT_DEFAULT);
		mxCall();
		mxRunCount(0);
		mxPop();
	}
	mxCatch(the)
	{
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
	fxEndHost(the);
	turn_end(the);
	return the;
}

void machine_run(void (*between_turns)(void))
{
	txMachine *the = machine_start();
	while (!timers_are_idle() || !link_is_idle()) {
		timers_fire(the);
		link_poll(the, timers_next());
		if (between_turns)
			between_turns();
	}
}

void machine_collect(void)
{
	fxCollectGarbage(app);
}

void machine_restart_peak(void)
{
	arena_restart_peak(&arena);
}

void machine_measure(struct measure *m)
{
	txMachine *the = app;
	memset(m, 0, sizeof *m);
	m->limit = options.arena;
	if (!the)
		return;
	m->stack_peak = stack_peak(the);
	m->peak = arena.peak + m->stack_peak;
	m->taken = arena.peak + (size_t)options.stack_slots * sizeof(txSlot);
	m->slots_peak = (size_t)the->peakHeapCount * sizeof(txSlot);
	m->chunks_peak = (size_t)the->peakChunksSize;
	m->live_slots = (size_t)the->currentHeapCount * sizeof(txSlot);
	m->live_chunks = (size_t)the->currentChunksSize;
	m->start_slots = start.slots;
	m->start_chunks = start.chunks;
	m->rom_slots = (size_t)the->sharedMachine->currentHeapCount * sizeof(txSlot);
	m->rom_chunks = (size_t)the->sharedMachine->currentChunksSize;
	m->tables = ((size_t)(the->keyCount - the->keyOffset) + (size_t)the->nameModulo + (size_t)the->symbolModulo +
		the->aliasCount) * sizeof(void *);
	m->meter = turn_meter() + the->meterIndex;
}
