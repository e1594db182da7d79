/*
 * Bytecode that stays in ROM. The engine copies the code of each function it makes from a parsed script into RAM, which no
 * device does: there a function runs where the SDK's linker put it in flash. As that one does, this resolves a script's
 * names once and for all, and turns its CODE opcodes, which copy, into CODE_ARCHIVE ones, which point.
 *
 * It wraps fxResolveModule by the linker's --wrap.
 */
#include "memory.h"
#include "xsScript.h"

static txID *names_of(txMachine *the, const txScript *script)
{
	txByte *p = script->symbolsBuffer;
	txID count, *names;
	mxDecodeID(p, count);
	names = c_malloc((size_t)count * sizeof(txID));
	if (!names)
		fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
	names[0] = XS_NO_ID;
	for (txID i = 1; i < count; i++) {
		names[i] = fxNewNameC(the, (txString)p);
		p += c_strlen((char *)p) + 1;
	}
	return names;
}

/*
 * Indexed as gxCodeSizes: above 0 the opcode's length, 0 an opcode and a name, below 0 the width of the length that follows.
 */
static void map_code(const txScript *script, const txID *names)
{
	txByte *p = script->codeBuffer, *end = p + script->codeSize;
	while (p < end) {
		txU1 code = *(txU1 *)p;
		txS1 size = gxCodeSizes[code];
		if (code >= XS_CODE_CODE_1 && code <= XS_CODE_CODE_4)
			*p = (txByte)(code - XS_CODE_CODE_1 + XS_CODE_CODE_ARCHIVE_1);
		if (size > 0)
			p += size;
		else if (size == 0) {
			txByte *at = ++p;
			txID id;
			mxDecodeID(p, id);
			if (id != XS_NO_ID)
				mxEncodeID(at, names[id]);
		}
		else {
			txU4 length = 0;
			c_memcpy(&length, ++p, (size_t)-size);
			p += length + (size == -1);
		}
	}
}

static void tell_module(const char *name, const txScript *script)
{
	FILE *file = fopen(options.image, "a");
	if (!file)
		finish(EXIT_USAGE, "the file of --image cannot be written");
	fprintf(file, "%ld %s\n", (long)script->codeSize, name);
	fclose(file);
}

void __real_fxResolveModule(txMachine *the, txSlot *module, txID id, txScript *script, void *data, txDestructor destructor);
void __wrap_fxResolveModule(txMachine *the, txSlot *module, txID id, txScript *script, void *data, txDestructor destructor);

void __wrap_fxResolveModule(txMachine *the, txSlot *module, txID id, txScript *script, void *data, txDestructor destructor)
{
	if (options.image)
		tell_module(fxGetKeyName(the, id), script);
	if (script->symbolsBuffer) {
		txID *names = names_of(the, script);
		map_code(script, names);
		c_free(names);
		c_free(script->symbolsBuffer);
		script->symbolsBuffer = NULL; /* the engine's sign that a script is in ROM: it is not deleted after its run */
	}
	__real_fxResolveModule(the, module, id, script, data, destructor);
}
