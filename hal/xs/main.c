/*
 * The XS host: a desktop process that behaves like a small board. See README.md, host.h for its layers and link.md for its
 * world.
 *
 *   xs --modules DIR --entry NAME --flash DIR [--config DESCRIPTOR] [--arena BYTES] [--stack SLOTS]
 *      [--clock unset|+SECONDS|-SECONDS] [--cut N[:before|:during|:after]] [--refuse-every N] [--console yes]
 *
 * With --image FILE it runs nothing and writes FILE, a line for each module in ROM: the size of its bytecode and its name.
 * SIGUSR1 asks for a report while the program runs: the heap after a garbage collection, and its peak since the last one.
 * The configuration comes on a descriptor, since it may hold API keys, which are not to lie in a file.
 *
 * It talks to its helper on descriptors 3 (in) and 4 (out) and writes nothing on standard output.
 */
#include "device_folder.h"
#include "host.h"
#include "link.h"
#include "machine.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static size_t quote(char *to, size_t size, const char *text)
{
	size_t n = 0;
	to[n++] = '"';
	for (; *text && n + 8 < size; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			n += (size_t)snprintf(to + n, size - n, "\\%c", c);
		else if (c < 0x20)
			n += (size_t)snprintf(to + n, size - n, "\\u%04x", c);
		else
			to[n++] = (char)c;
	}
	to[n++] = '"';
	to[n] = 0;
	return n;
}

static volatile sig_atomic_t is_report_wanted;

static void want_report(int number)
{
	(void)number;
	is_report_wanted = 1;
}

static void between_turns(void)
{
	char json[256];
	struct measure m;
	if (!is_report_wanted)
		return;
	is_report_wanted = 0;
	machine_collect();
	machine_measure(&m);
	int n = snprintf(json, sizeof json, "{\"heap\":{\"live\":%lu,\"peak\":%lu,\"limit\":%lu},\"operations\":%lu}",
		(unsigned long)(m.live_slots + m.live_chunks), (unsigned long)m.peak, (unsigned long)m.limit,
		(unsigned long)operation_count());
	machine_restart_peak();
	link_report(json, (size_t)n);
}

static void report(int code, const char *reason)
{
	static char json[8192];
	struct measure m;
	machine_measure(&m);
	int n = snprintf(json, sizeof json,
		"{\"exitCode\":%d,\"bits\":%d,\"heap\":{\"limit\":%lu,\"taken\":%lu,\"peak\":%lu,\"slotsPeak\":%lu,\"chunksPeak\":%lu,"
		"\"stackPeak\":%lu,\"startSlots\":%lu,\"startChunks\":%lu,\"romSlots\":%lu,\"romChunks\":%lu,\"tables\":%lu},"
		"\"meter\":%.0f,\"operations\":%lu,\"refusedWrites\":%lu",
		code, (int)(sizeof(void *) * CHAR_BIT), (unsigned long)m.limit, (unsigned long)m.taken,
		(unsigned long)m.peak, (unsigned long)m.slots_peak, (unsigned long)m.chunks_peak, (unsigned long)m.stack_peak,
		(unsigned long)m.start_slots, (unsigned long)m.start_chunks, (unsigned long)m.rom_slots,
		(unsigned long)m.rom_chunks, (unsigned long)m.tables, (double)m.meter, (unsigned long)operation_count(),
		(unsigned long)refused_write_count());
	if (reason) {
		n += snprintf(json + n, sizeof json - (size_t)n, ",\"reason\":");
		n += (int)quote(json + n, sizeof json - (size_t)n - 2, reason);
	}
	json[n++] = '}';
	link_report(json, (size_t)n);
}

static void usage(const char *what)
{
	char text[512];
	snprintf(text, sizeof text, "%s; expected --modules DIR --entry NAME --flash DIR and options (see hal/xs/main.c)", what);
	finish(EXIT_USAGE, text);
}

static unsigned long number_option(const char *name, const char *text, unsigned long least, unsigned long most)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (errno || *end || end == text || value < least || value > most) {
		char message[256];
		snprintf(message, sizeof message, "%s must be %lu to %lu, not \"%.60s\"", name, least, most, text);
		usage(message);
	}
	return value;
}

static void cut_option(const char *value)
{
	char text[32];
	snprintf(text, sizeof text, "%s", value);
	char *colon = strchr(text, ':');
	if (colon) {
		*colon++ = 0;
		if (!strcmp(colon, "before"))
			options.cut_phase = CUT_BEFORE;
		else if (!strcmp(colon, "during"))
			options.cut_phase = CUT_DURING;
		else if (!strcmp(colon, "after"))
			options.cut_phase = CUT_AFTER;
		else
			usage("--cut N[:before|:during|:after]");
	}
	options.cut = (uint32_t)number_option("--cut", text, 1, UINT32_MAX);
}

static void clock_option(const char *value)
{
	char *end;
	if (!strcmp(value, "unset")) {
		options.clock_set = false;
		return;
	}
	options.clock_offset = strtod(value, &end) * 1000;
	if (*end || end == value || (*value != '+' && *value != '-'))
		usage("--clock unset|+SECONDS|-SECONDS");
}

static void parse_options(int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		const char *name = argv[i], *value = argv[i + 1];
		if (i + 1 == argc)
			usage("an option has no value");
		if (!strcmp(name, "--modules"))
			options.modules = value;
		else if (!strcmp(name, "--entry"))
			options.entry = value;
		else if (!strcmp(name, "--flash"))
			options.flash = value;
		else if (!strcmp(name, "--config"))
			options.configuration = (int)number_option(name, value, 5, 255);
		else if (!strcmp(name, "--arena"))
			options.arena = number_option(name, value, 16384, 16u << 20);
		else if (!strcmp(name, "--stack"))
			options.stack_slots = (int)number_option(name, value, 128, 65536);
		else if (!strcmp(name, "--clock"))
			clock_option(value);
		else if (!strcmp(name, "--cut"))
			cut_option(value);
		else if (!strcmp(name, "--refuse-every"))
			options.refuse_every = (uint32_t)number_option(name, value, 1, UINT32_MAX);
		else if (!strcmp(name, "--image"))
			options.image = value;
		else if (!strcmp(name, "--console") && !strcmp(value, "yes"))
			options.console = true;
		else
			usage("unknown option");
	}
	if (!options.modules || !options.entry || !options.flash)
		usage("an option is missing");
}

static void open_flash(void)
{
	char problem[256], text[640];
	int result = device_folder_open(options.flash, problem, sizeof problem);
	if (result == DEVICE_FOLDER_OPEN)
		return;
	snprintf(text, sizeof text, "the flash %.300s %s", options.flash, problem);
	finish(result == DEVICE_FOLDER_IN_USE ? EXIT_FLASH_IN_USE : EXIT_USAGE, text);
}

int main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* no device outlives its bench */
	on_finish = report;
	parse_options(argc, argv);
	open_flash();
	struct sigaction action = { .sa_handler = want_report, .sa_flags = SA_RESTART };
	sigaction(SIGUSR1, &action, NULL);
	machine_run(between_turns);
	finish(0, NULL);
}
