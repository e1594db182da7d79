/*
 * XS on a bare rv32imc core. The engine's memory, modules and preloading are those of the XS host (machine.c, memory.c,
 * modules.c, preload.c), and so are the options and the way a run ends; files and standard output are the emulator's, by
 * semihosting.
 *
 *   xs --modules DIR --entry NAME [--arena BYTES] [--stack SLOTS]
 *
 * Lines on standard output are the program's. The last one is the report, JSON.
 */
#include "board.h"
#include "host.h"
#include <semihost.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = { .arena = 94208, .stack_slots = 1024 };

void finish(int code, const char *reason)
{
	static bool finishing;
	struct measure m;
	if (finishing) /* a failure while failing */
		_Exit(code);
	finishing = true;
	uint64_t count = instructions();
	machine_measure(&m);
	printf("{\"exitCode\":%d,\"heap\":{\"limit\":%lu,\"peak\":%lu,\"slotsPeak\":%lu,\"chunksPeak\":%lu,\"stackPeak\":%lu},"
		"\"instructions\":%llu",
		code, (unsigned long)m.limit, (unsigned long)m.peak, (unsigned long)m.slots_peak, (unsigned long)m.chunks_peak,
		(unsigned long)m.stack_peak, (unsigned long long)count);
	if (reason) {
		printf(",\"reason\":\"");
		for (; *reason; reason++)
			printf(*reason == '"' || *reason == '\\' ? "\\%c" : (unsigned char)*reason < 0x20 ? "\\u%04x" : "%c", *reason);
		printf("\"");
	}
	printf("}\n");
	fflush(stdout);
	sys_semihost_exit_extended((uintptr_t)code);
	for (;;) {}
}

static void usage(const char *what)
{
	char text[256];
	snprintf(text, sizeof text, "%.100s; expected --modules DIR --entry NAME [--arena BYTES] [--stack SLOTS]", what);
	finish(EXIT_USAGE, text);
}

/* The emulator gives the command line as one string; no value has a space in it. */
static void parse_options(char *line)
{
	strtok(line, " "); /* the program's name */
	for (char *name; (name = strtok(NULL, " "));) {
		const char *value = strtok(NULL, " ");
		if (!value)
			usage("an option has no value");
		else if (!strcmp(name, "--modules"))
			options.modules = value;
		else if (!strcmp(name, "--entry"))
			options.entry = value;
		else if (!strcmp(name, "--arena"))
			options.arena = strtoul(value, NULL, 10);
		else if (!strcmp(name, "--stack"))
			options.stack_slots = atoi(value);
		else
			usage("unknown option");
	}
	if (!options.modules || !options.entry || options.arena < 16384 || options.stack_slots < 128)
		usage("an option is missing or too small");
}

int main(void)
{
	static char line[1024];
	if (sys_semihost_get_cmdline(line, sizeof line))
		usage("there is no command line");
	parse_options(line);
	machine_start();
	finish(0, NULL);
}
