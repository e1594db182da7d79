#include "turn.h"
#include "memory.h"

/* XS 17 tells its own stack from C's. */
#if XS_MAJOR_VERSION >= 17
	#define STACK_OVERFLOWS XS_JAVASCRIPT_STACK_OVERFLOW_EXIT: case XS_NATIVE_STACK_OVERFLOW_EXIT
#else
	#define STACK_OVERFLOWS XS_STACK_OVERFLOW_EXIT
#endif

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
	/* The root machine, which has none above it, is the desktop's: it stands for the linker of a device. */
	if (!the->sharedMachine && status != XS_UNHANDLED_EXCEPTION_EXIT && status != XS_UNHANDLED_REJECTION_EXIT) {
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

void turn_run_jobs(void *machine)
{
	txMachine *the = machine;
	while (promise_jobs) {
		promise_jobs = false;
		fxRunPromiseJobs(the);
	}
}

void turn_end(void *machine)
{
	txMachine *the = machine;
	turn_run_jobs(the);
	fxEndJob(the);
	fxCheckUnhandledRejections(the, 1);
	meter += the->meterIndex;
	the->meterIndex = 0;
}

uint64_t turn_meter(void)
{
	return meter;
}
