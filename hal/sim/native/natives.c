/* The functions that JavaScript calls by `native(name)` in the simulator; natives.ts has arguments and results. */
#include "xsmc.h"
#include "xsHost.h"
#include "desktop.h"
#include "device_folder.h"
#include "signer_slot.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 65536
#define EXIT_USAGE 64
#define EXIT_FLASH_IN_USE 78

static double wall_offset;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "micropayer: %s %s\n", what, why);
	exit(EXIT_USAGE);
}

/* open(folder) */
void xs_sim_open(xsMachine *the)
{
	char path[1024], problem[256];
	xsmcToStringBuffer(xsArg(0), path, sizeof path);
	desktop_open();
	int result = device_folder_open(path, problem, sizeof problem);
	if (result != DEVICE_FOLDER_OPEN) {
		fprintf(stderr, "micropayer: the flash %s %s\n", path, problem);
		exit(result == DEVICE_FOLDER_IN_USE ? EXIT_FLASH_IN_USE : EXIT_USAGE);
	}
}

/* setting(name) → the environment variable of that name, or undefined; "HOME" is the owner's folder */
void xs_sim_setting(xsMachine *the)
{
	char name[64];
	xsmcToStringBuffer(xsArg(0), name, sizeof name);
	const char *value = strcmp(name, "HOME") ? getenv(name) : desktop_home();
	if (value && value[0])
		xsmcSetString(xsResult, (xsStringValue)value);
}

/* readFile(path) → ArrayBuffer, at most 65,536 bytes */
void xs_sim_read_file(xsMachine *the)
{
	static uint8_t bytes[FILE_MAX + 1];
	char path[1024];
	xsmcToStringBuffer(xsArg(0), path, sizeof path);
	FILE *file = fopen(path, "rb");
	if (!file)
		fail(path, "cannot be read");
	size_t length = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	if (length > FILE_MAX)
		fail(path, "has more than 65,536 bytes");
	xsmcSetArrayBuffer(xsResult, bytes, (xsIntegerValue)length);
}

/* writeLine(text), whole, on standard output */
void xs_sim_write_line(xsMachine *the)
{
	printf("%s\n", xsmcToString(xsArg(0)));
	fflush(stdout);
}

/* exit(code, reason) */
void xs_sim_exit(xsMachine *the)
{
	int code = xsmcToInteger(xsArg(0));
	if (xsmcTest(xsArg(1)))
		fprintf(stderr, "micropayer: %s\n", xsmcToString(xsArg(1)));
	fflush(NULL);
	_Exit(code);
}

/* --- clock, network --- */

/* wall() → milliseconds since the epoch */
void xs_sim_wall(xsMachine *the)
{
	xsmcSetNumber(xsResult, desktop_wall() + wall_offset);
}

/* setWall(milliseconds) */
void xs_sim_set_wall(xsMachine *the)
{
	wall_offset = xsmcToNumber(xsArg(0)) - desktop_wall();
}

/* monotonic() → milliseconds */
void xs_sim_monotonic(xsMachine *the)
{
	xsmcSetNumber(xsResult, desktop_monotonic());
}

/* nameServers() → the IPv4 addresses, each followed by a space */
void xs_sim_name_servers(xsMachine *the)
{
	char text[256];
	desktop_name_servers(text, sizeof text);
	xsmcSetString(xsResult, text);
}

/* --- keys --- */

/* importKey(slot, curve, line) → 0 or an error of signer_slot.h; clears the line */
void xs_sim_import_key(xsMachine *the)
{
	void *line;
	xsUnsignedValue length;
	int slot = xsmcToInteger(xsArg(0)), curve = xsmcToInteger(xsArg(1));
	xsmcGetBufferWritable(xsArg(2), &line, &length);
	xsmcSetInteger(xsResult, signer_slot_import(slot, curve, line, length));
}

int signer_port_random(uint8_t *bytes, size_t length)
{
	return desktop_random(bytes, length) ? SIGNER_PORT_FAILED : SIGNER_PORT_OK;
}
