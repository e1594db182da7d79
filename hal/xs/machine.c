/*
 * The engine's memory, modules and preloading, as on an ESP32.
 *
 * Memory: one arena. Chunks grow up from its start; the stack, then the slots, grow down from its end (xsHosts.c of the
 * SDK). When slots find no room the chunks are compacted and give their free tail back.
 *
 * Preloading: a root machine, outside the arena, stands for the flash ROM. It runs the entry's whole module graph; then
 * what the SDK's linker freezes is frozen (xslSlot.c, fxPrepareHeap), every string, key, bytecode and BigInt is marked as
 * not to be collected, the machine is shared, and its memory is made read-only. The app's machine is a clone of it. A
 * write to a preloaded object therefore does here what it does on a chip: a typed array or a Map throws, an ordinary
 * object is copied into RAM, and whatever slips through faults.
 */
#include "xsAll.h"
#include "xsScript.h"
#include "host.h"
#include <signal.h>
#include <sys/mman.h>

#define ROM_BYTES (64u << 20)
#define STACK_PAINT 0x5A

/* XS 17 tells its own stack from C's. */
#if XS_MAJOR_VERSION >= 17
	#define STACK_OVERFLOWS XS_JAVASCRIPT_STACK_OVERFLOW_EXIT: case XS_NATIVE_STACK_OVERFLOW_EXIT
#else
	#define STACK_OVERFLOWS XS_STACK_OVERFLOW_EXIT
#endif

struct arena {
	uint8_t *base, *chunks, *slots, *end; /* free memory is [chunks, slots) */
	size_t peak; /* of chunks and slots, the stack not counted */
};

static struct arena arena;
static struct arena rom;
static txMachine *app;
static struct {
	size_t slots, chunks;
} start;
static uint64_t meter;
static bool promise_jobs;

/* --- memory --- */

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

void *fxAllocateChunks(txMachine *the, txSize size)
{
	struct arena *a = arena_of(the);
	txBlock *block = the->firstBlock;
	uint8_t *result;
	if (block) {
		/* The one block is made longer by what its free tail does not hold already. fxGrowChunks adds `size` to both. */
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

static void arena_map(struct arena *a, size_t size)
{
	size = (size + 4095) & ~(size_t)4095;
	a->base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (a->base == MAP_FAILED)
		finish(EXIT_MEMORY_FULL, "the desktop itself has no memory for the arena");
	a->chunks = a->base;
}

static void arena_size(struct arena *a, size_t size)
{
	a->slots = a->end = a->base + (size & ~(sizeof(txSlot) - 1));
}

/* --- ends --- */

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
	if (!app && the->context == &rom && status != XS_UNHANDLED_EXCEPTION_EXIT && status != XS_UNHANDLED_REJECTION_EXIT) {
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

static void rom_fault(int number, siginfo_t *info, void *context)
{
	const uint8_t *address = info->si_addr;
	(void)number, (void)context;
	if (address >= rom.base && address < rom.base + ROM_BYTES)
		finish(EXIT_ROM_WRITE, "a preloaded object was written: module-level state must not change after start");
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

/* --- modules: a module's name is its path below the modules' folder, without ".js" --- */

txID fxFindModule(txMachine *the, txSlot *realm, txID importer, txSlot *slot)
{
	char specifier[C_PATH_MAX];
	char path[C_PATH_MAX] = "";
	(void)realm;
	fxToStringBuffer(the, slot, specifier, sizeof specifier);
	const char *rest = specifier;
	if (specifier[0] == '.') {
		if (importer == XS_NO_ID)
			return XS_NO_ID;
		c_strncpy(path, fxGetKeyName(the, importer), sizeof path - 1);
		char *slash = strrchr(path, '/');
		*(slash ? slash : path) = 0;
	}
	while (*rest) {
		size_t length = strcspn(rest, "/");
		if (length == 2 && rest[0] == '.' && rest[1] == '.') {
			char *slash = strrchr(path, '/');
			if (!path[0])
				return XS_NO_ID; /* above the modules' folder */
			*(slash ? slash : path) = 0;
		}
		else if (length && !(length == 1 && rest[0] == '.')) {
			size_t used = strlen(path);
			if (used + length + 2 > sizeof path)
				mxRangeError("path too long");
			snprintf(path + used, sizeof path - used, "%s%.*s", used ? "/" : "", (int)length, rest);
		}
		rest += length;
		rest += *rest == '/';
	}
	size_t length = strlen(path);
	if (length > 3 && !strcmp(path + length - 3, ".js"))
		path[length - 3] = 0;
	return fxNewNameC(the, path);
}

static int file_getter(void *stream)
{
	return fgetc(stream);
}

void fxLoadModule(txMachine *the, txSlot *module, txID id)
{
	char path[C_PATH_MAX];
	txParser parser;
	txParserJump jump;
	txScript *volatile script = NULL;
	snprintf(path, sizeof path, "%s/%s.js", options.modules, fxGetKeyName(the, id));
	FILE *file = fopen(path, "r");
	if (!file) {
		fprintf(stderr, "module \"%s\" is missing\n", fxGetKeyName(the, id));
		return;
	}
	fxInitializeParser(&parser, the, the->parserBufferSize, the->parserTableModulo);
	parser.firstJump = &jump;
	if (c_setjmp(jump.jmp_buf) == 0) {
		parser.path = fxNewParserSymbol(&parser, path);
		fxParserTree(&parser, file, file_getter, 0, NULL);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	fclose(file);
	fxTerminateParser(&parser);
	if (script)
		fxResolveModule(the, module, id, script, NULL, NULL);
	else
		fprintf(stderr, "module \"%s\" does not parse\n", fxGetKeyName(the, id));
}

void fxQueuePromiseJobs(txMachine *the)
{
	(void)the;
	promise_jobs = true;
}

/* --- preloading --- */

static void freeze_instance(txSlot *instance)
{
	for (txSlot *property = instance->next; property; property = property->next) {
		if (property->kind != XS_ACCESSOR_KIND)
			property->flag |= XS_DONT_SET_FLAG;
		property->flag |= XS_DONT_DELETE_FLAG;
	}
	instance->flag |= XS_DONT_PATCH_FLAG;
}

static bool is_code(const txSlot *slot)
{
	return slot->kind == XS_CALLBACK_KIND || slot->kind == XS_CALLBACK_X_KIND || slot->kind == XS_CODE_KIND ||
		slot->kind == XS_CODE_X_KIND;
}

/* What fxPrepareHeap of the SDK's linker freezes: functions and their prototypes, environments, everything with state. */
static void freeze_prepared(txMachine *the, txSlot *instance)
{
	txSlot *internal = instance->next;
	if (!internal || !(internal->flag & XS_INTERNAL_FLAG))
		return;
	if (is_code(internal)) {
		freeze_instance(instance);
		if (instance->flag & XS_CAN_CONSTRUCT_FLAG)
			for (txSlot *property = internal->next; property; property = property->next)
				if (property->ID == mxID(_prototype) && property->kind == XS_REFERENCE_KIND)
					freeze_instance(property->value.reference);
		return;
	}
	if (internal->ID == XS_ENVIRONMENT_BEHAVIOR) {
		freeze_instance(instance);
		return;
	}
	switch (internal->kind) {
	case XS_PROMISE_KIND:
		freeze_instance(instance);
		freeze_instance(internal->next->value.reference);
		break;
	case XS_MAP_KIND:
	case XS_SET_KIND:
	case XS_WEAK_MAP_KIND:
	case XS_WEAK_SET_KIND:
	case XS_WEAK_REF_KIND:
	case XS_ARRAY_BUFFER_KIND:
	case XS_DATA_VIEW_KIND:
	case XS_TYPED_ARRAY_KIND:
	case XS_PROXY_KIND:
	case XS_REGEXP_KIND:
		freeze_instance(instance);
		break;
	case XS_CLOSURE_KIND:
		if (internal->value.closure->kind == XS_FINALIZATION_REGISTRY_KIND)
			freeze_instance(instance);
		break;
	default:
		break;
	}
}

/* A slot's chunk in ROM is not the clone's to mark, move or count. */
static void petrify(txSlot *slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND:
		slot->kind = XS_STRING_X_KIND;
		break;
	case XS_KEY_KIND:
		slot->kind = XS_KEY_X_KIND;
		break;
	case XS_CODE_KIND:
		slot->kind = XS_CODE_X_KIND;
		break;
	case XS_BIGINT_KIND:
		slot->kind = XS_BIGINT_X_KIND;
		break;
	case XS_ARRAY_KIND:
	case XS_ARGUMENTS_SLOPPY_KIND:
	case XS_ARGUMENTS_STRICT_KIND:
		if (slot->value.array.address) {
			txChunk *chunk = (txChunk *)((txByte *)slot->value.array.address - sizeof(txChunk));
			txSize count = chunk->size / (txSize)sizeof(txSlot);
			for (txSize i = 0; i < count && (txIndex)i < slot->value.array.length; i++)
				petrify(slot->value.array.address + i);
		}
		break;
	default:
		break;
	}
}

static void for_each_slot(txMachine *the, void (*visit)(txMachine *, txSlot *))
{
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++)
			visit(the, slot);
}

static void visit_freeze(txMachine *the, txSlot *slot)
{
	/* const bindings of functions need no alias: fxShare sees DONT_SET. */
	if (slot->kind == XS_INSTANCE_KIND)
		freeze_prepared(the, slot);
	else if (slot->kind == XS_CLOSURE_KIND) {
		txSlot *closure = slot->value.closure;
		if (closure->kind == XS_REFERENCE_KIND) {
			txSlot *internal = closure->value.reference->next;
			if (internal && is_code(internal))
				closure->flag |= XS_DONT_SET_FLAG;
		}
	}
}

static void visit_petrify(txMachine *the, txSlot *slot)
{
	(void)the;
	petrify(slot);
}

/* fxFreezeBuiltIns of the linker: the intrinsic objects and prototypes. */
static void freeze_intrinsics(txMachine *the)
{
	for (txInteger i = mxInstanceInspectorsStackIndex + 1; i < mxEmptyCodeStackIndex; i++) {
		txSlot *slot = &the->stackTop[-1 - i];
		if (slot->kind != XS_REFERENCE_KIND)
			continue;
		txSlot *internal = slot->value.reference->next;
		if (internal && is_code(internal))
			continue;
		freeze_instance(slot->value.reference);
	}
}

/* The global object looks its intrinsics up once and writes down where they are: all of it is written now. */
static void fill_global_cache(txMachine *the)
{
	for (txID id = XS_SYMBOL_ID_COUNT; id < XS_INTRINSICS_COUNT; id++)
		mxBehaviorGetProperty(the, mxGlobal.value.reference, id, 0, XS_OWN);
}

extern void modInstallTextDecoder(txMachine *the);
extern void modInstallTextEncoder(txMachine *the);
extern void natives_install(txMachine *the);

static txMachine *preload(void)
{
	txCreation creation = {
		.initialChunkSize = 1 << 20,
		.incrementalChunkSize = 1 << 16,
		.initialHeapCount = 1 << 16,
		.incrementalHeapCount = 1 << 12,
		.stackCount = 4096,
		.initialKeyCount = 4096,
		.incrementalKeyCount = 1024,
		.nameModulo = 127,
		.symbolModulo = 127,
		.parserBufferSize = 64 << 10,
		.parserTableModulo = 1993,
	};
	arena_map(&rom, ROM_BYTES);
	arena_size(&rom, ROM_BYTES);
	txMachine *root = fxCreateMachine(&creation, "rom", &rom, XS_NO_ID);
	if (!root)
		finish(EXIT_MEMORY_FULL, "the engine could not be made");
	modInstallTextDecoder(root);
	modInstallTextEncoder(root);
	natives_install(root);

	txMachine *the = fxBeginHost(root);
	mxTry(the)
	{
		mxPushStringC((char *)options.entry);
		fxAwaitImport(the, XS_IMPORT_NAMESPACE);
		mxPop();
	}
	mxCatch(the)
	{
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
	fxEndHost(the);
	while (promise_jobs) {
		promise_jobs = false;
		fxRunPromiseJobs(root);
	}
	fxCheckUnhandledRejections(root, 1);
	fxCollectGarbage(root);
	for_each_slot(root, visit_freeze);
	freeze_intrinsics(root);
	fill_global_cache(root);
	fxShareMachine(root);
	for_each_slot(root, visit_petrify);
	for (txSlot *slot = root->stack; slot < root->stackTop; slot++)
		petrify(slot);
	return root;
}

void *machine_start(void)
{
	arena_map(&arena, options.arena);
	arena_size(&arena, options.arena);
	txMachine *root = preload();
	struct sigaction fault = { .sa_sigaction = rom_fault, .sa_flags = SA_SIGINFO };
	sigaction(SIGSEGV, &fault, NULL);
	mprotect(rom.base, ROM_BYTES, PROT_READ);

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

void machine_settle(void *machine)
{
	txMachine *the = machine;
	while (promise_jobs) {
		promise_jobs = false;
		fxRunPromiseJobs(the);
	}
	fxEndJob(the);
	fxCheckUnhandledRejections(the, 1);
	meter += the->meterIndex;
	the->meterIndex = 0;
}

/*
 * How deep the stack has been: down from its top to the first eight slots that still have their paint. Not up from its
 * bottom, since the printing of numbers and regular expressions use the free part as scratch memory.
 */
static size_t stack_peak(txMachine *the)
{
	const uint8_t *top = (const uint8_t *)the->stackTop, *at = top, *bottom = (const uint8_t *)the->stackBottom;
	size_t painted = 0;
	while (at > bottom && painted < 8 * sizeof(txSlot)) {
		at--;
		painted = *at == STACK_PAINT ? painted + 1 : 0;
	}
	return ((size_t)(top - at) - painted + sizeof(txSlot) - 1) / sizeof(txSlot) * sizeof(txSlot);
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
