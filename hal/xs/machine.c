/* The app's machine: how it starts, settles after each turn, fails, and what it took. */
#include "machine.h"

/* XS 17 tells its own stack from C's. */
#if XS_MAJOR_VERSION >= 17
	#define STACK_OVERFLOWS XS_JAVASCRIPT_STACK_OVERFLOW_EXIT: case XS_NATIVE_STACK_OVERFLOW_EXIT
#else
	#define STACK_OVERFLOWS XS_STACK_OVERFLOW_EXIT
#endif

static struct arena arena;
static txMachine *app;
static struct {
	size_t slots, chunks;
} start;
static uint64_t meter;
static bool promise_jobs;

static void describe_exception(txMachine *the, const char *what, char *text, size_t size)
{
	int length = snprintf(text, size, "%s: ", what);
	txSlot exception = mxException;
	mxException = mxUndefined;
	fxBeginHost(the);
	mxTry(the)
	{
		mxPushSlot(&exception);
		if (mxIsReference(the->stack)) {
			mxGetID(mxID(_stack));
			if (mxIsUndefined(the->stack)) {
				mxPop();
				mxPushSlot(&exception);
			}
		}
		fxToStringBuffer(the, the->stack, text + length, (txSize)size - length);
	}
	mxCatch(the)
	{
		snprintf(text + length, size - (size_t)length, "(it cannot be shown)");
	}
}

void fxAbort(txMachine *the, int status)
{
	static char text[2048];
	if (preload_is_running() && status != XS_UNHANDLED_EXCEPTION_EXIT && status != XS_UNHANDLED_REJECTION_EXIT) {
		snprintf(text, sizeof text, "preloading failed (engine status %d)", status);
		finish(EXIT_MEMORY_FULL, text);
	}
	switch (status) {
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		snprintf(text, sizeof text, "memory full: all %lu bytes of the arena are in use", (unsigned long)options.arena);
		finish(EXIT_MEMORY_FULL, text);
	case XS_NO_MORE_KEYS_EXIT:
		finish(EXIT_MEMORY_FULL, "memory full: no more property keys");
	case STACK_OVERFLOWS:
		snprintf(text, sizeof text, "stack overflow: all %d stack slots are in use", options.stack_slots);
		finish(EXIT_STACK_OVERFLOW, text);
	case XS_UNHANDLED_EXCEPTION_EXIT:
		describe_exception(the, "unhandled exception", text, sizeof text);
		finish(EXIT_UNHANDLED, text);
	case XS_UNHANDLED_REJECTION_EXIT:
		describe_exception(the, "unhandled rejection", text, sizeof text);
		finish(EXIT_UNHANDLED, text);
	default:
		snprintf(text, sizeof text, "the engine stopped (status %d)", status);
		finish(EXIT_UNHANDLED, text);
	}
}

void fxQueuePromiseJobs(txMachine *the)
{
	(void)the;
	promise_jobs = true;
}

void run_promise_jobs(txMachine *the)
{
	while (promise_jobs) {
		promise_jobs = false;
		fxRunPromiseJobs(the);
	}
}

static txMachine *machine_start(void)
{
	txMachine *root = preload();
	if (options.image)
		finish(0, NULL);
	arena_make(&arena, options.arena);

	/* The figures of the SDK's esp32c3 target; the two tables must be as long as the root's. */
	txCreation creation = {
		.initialChunkSize = 1536,
		.incrementalChunkSize = 512,
		.initialHeapCount = 512,
		.incrementalHeapCount = 64,
		.stackCount = options.stack_slots,
		.initialKeyCount = 32,
		.incrementalKeyCount = 32,
		.nameModulo = root->nameModulo,
		.symbolModulo = root->symbolModulo,
		.parserBufferSize = 1024,
		.parserTableModulo = 17,
	};
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
	machine_settle(the);
	return the;
}

void machine_run(void)
{
	txMachine *the = machine_start();
	while (!timers_is_idle() || !link_is_idle()) {
		timers_fire(the);
		link_poll(the, timers_next());
	}
}

void machine_settle(void *machine)
{
	txMachine *the = machine;
	run_promise_jobs(the);
	fxEndJob(the);
	fxCheckUnhandledRejections(the, 1);
	meter += the->meterIndex;
	the->meterIndex = 0;
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
	m->slots_peak = (size_t)the->peakHeapCount * sizeof(txSlot);
	m->chunks_peak = (size_t)the->peakChunksSize;
	m->start_slots = start.slots;
	m->start_chunks = start.chunks;
	m->rom_slots = (size_t)the->sharedMachine->currentHeapCount * sizeof(txSlot);
	m->rom_chunks = (size_t)the->sharedMachine->currentChunksSize;
	m->tables = ((size_t)(the->keyCount - the->keyOffset) + (size_t)the->nameModulo + (size_t)the->symbolModulo +
		the->aliasCount) * sizeof(void *);
	m->meter = meter + the->meterIndex;
}
