/*
 * XS on a bare rv32imc core. The engine's memory, modules and preloading, the link and the natives are those of the XS host,
 * and so are the options and the way a run ends. The link's bytes go through a UART (uart.c); files, standard output, random
 * bytes and the date are the emulator's, by semihosting.
 *
 *   xs --modules DIR --entry NAME [--flash DIR] [--config FILE] [--arena BYTES] [--stack SLOTS]
 *
 * Standard output is the program's. The report goes up the link; its instructions are the program's alone: see board.h.
 */
#include "board.h"
#include "device_folder.h"
#include "host.h"
#include "link.h"
#include "machine.h"
#include <fcntl.h>
#include <semihost.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void report(int code, const char *reason)
{
	static char json[4096];
	struct measure m;
	uint64_t count = instructions() - instructions_apart;
	machine_measure(&m);
	int n = snprintf(json, sizeof json,
		"{\"exitCode\":%d,\"heap\":{\"limit\":%lu,\"taken\":%lu,\"peak\":%lu,\"slotsPeak\":%lu,\"chunksPeak\":%lu,"
		"\"stackPeak\":%lu},"
		"\"instructions\":%llu",
		code, (unsigned long)m.limit, (unsigned long)m.taken, (unsigned long)m.peak, (unsigned long)m.slots_peak,
		(unsigned long)m.chunks_peak, (unsigned long)m.stack_peak, (unsigned long long)count);
	if (reason) {
		n += snprintf(json + n, sizeof json - (size_t)n, ",\"reason\":\"");
		for (; *reason && n + 16 < (int)sizeof json; reason++)
			n += snprintf(json + n, sizeof json - (size_t)n,
				*reason == '"' || *reason == '\\' ? "\\%c" : (unsigned char)*reason < 0x20 ? "\\u%04x" : "%c", *reason);
		json[n++] = '"';
	}
	json[n++] = '}';
	fflush(stdout);
	link_report(json, (size_t)n);
}

static void usage(const char *what)
{
	char text[256];
	snprintf(text, sizeof text, "%.100s; expected --modules DIR --entry NAME and options (see main.c)", what);
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
		else if (!strcmp(name, "--flash"))
			options.flash = value;
		else if (!strcmp(name, "--config"))
			options.configuration = open(value, O_RDONLY);
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
	on_finish = report;
	if (sys_semihost_get_cmdline(line, sizeof line))
		usage("there is no command line");
	parse_options(line);
	device_folder_open(options.flash, NULL, 0);
	machine_run(NULL);
	finish(0, NULL);
}
