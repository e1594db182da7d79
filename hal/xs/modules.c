/*
 * Module names: a module's name is its path below the modules' folder, without ".js". Only the root machine ever loads one.
 */
#include "memory.h"
#include "xsScript.h"

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
