/*
 * Preloading. A root machine, outside the arena, stands for the flash ROM. It runs the entry's whole module graph; then what
 * the SDK's linker freezes is frozen (xslSlot.c, fxPrepareHeap), every string, key, bytecode and BigInt is marked as not to
 * be collected, the machine is shared, and its memory is made read-only. A write to a preloaded object therefore does here
 * what it does on a chip: a typed array or a Map throws, an ordinary object is copied into RAM, and whatever slips through
 * faults.
 */
#include "preload.h"
#include "natives.h"
#include "turn.h"
#include <signal.h>
#include <sys/mman.h>

#define ROM_BYTES (64u << 20)

static struct arena rom;

extern void modInstallTextDecoder(txMachine *the);
extern void modInstallTextEncoder(txMachine *the);

static void rom_fault(int number, siginfo_t *info, void *context)
{
	const uint8_t *address = info->si_addr;
	(void)number, (void)context;
	if (address >= rom.base && address < rom.base + ROM_BYTES)
		finish(EXIT_ROM_WRITE, "a preloaded object was written: module-level state must not change after start");
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

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

/* Freezes what fxPrepareHeap of the SDK's linker freezes: functions and their prototypes, environments, everything with state. */
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

txMachine *preload(void)
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
	arena_make(&rom, ROM_BYTES);
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
	turn_run_jobs(root);
	fxCheckUnhandledRejections(root, 1);
	fxCollectGarbage(root);
	for_each_slot(root, visit_freeze);
	freeze_intrinsics(root);
	fill_global_cache(root);
	fxShareMachine(root);
	for_each_slot(root, visit_petrify);
	for (txSlot *slot = root->stack; slot < root->stackTop; slot++)
		petrify(slot);
	struct sigaction fault = { .sa_sigaction = rom_fault, .sa_flags = SA_SIGINFO };
	sigaction(SIGSEGV, &fault, NULL);
	mprotect(rom.base, ROM_BYTES, PROT_READ);
	return root;
}
