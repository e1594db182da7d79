/*
 * What the files of the XS host share. One process is one device with one machine, so its state is one struct. A bare board
 * (hal/rv32) has the same machine, link and natives, and its own of the rest.
 *
 *   main.c      options, how a run ends, time
 *   machine.c, memory.c, modules.c, preload.c   all that touches the engine's insides
 *   link.c      sockets, events and the console over the framed link of link.md
 *   wire.c      the bytes of that link
 *   device_folder.c   the folder that is its flash; hal/xs/folder/flash.c is what lies in it
 *   natives.c   random, clock, timers, configuration, restart
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit codes. 0: the program ran to its end (nothing left to wait for). */
enum {
	EXIT_USAGE = 64,
	EXIT_MEMORY_FULL = 70,
	EXIT_STACK_OVERFLOW = 71,
	EXIT_UNHANDLED = 72, /* an exception or a rejection that nobody took */
	EXIT_CUT = 73, /* --cut */
	EXIT_LINK_LOST = 74, /* the helper at the other end of the link is gone */
	EXIT_RESTART = 75, /* the program asked for a restart */
	EXIT_ROM_WRITE = 76, /* the program wrote to a preloaded object */
};

struct options {
	const char *modules; /* folder of the transpiled modules */
	const char *entry; /* module name below it, without its ending */
	const char *flash;
	const char *configuration;
	size_t arena;
	int stack_slots;
	const char *image; /* a file that is told what is in ROM, a line for each module; nothing is run then */
	bool console; /* whether the owner's console is at the other end of the link */
	bool clock_set;
	double clock_offset; /* milliseconds */
	uint32_t cut; /* 0: never */
	enum cut_phase { CUT_BEFORE, CUT_DURING, CUT_AFTER } cut_phase;
};

extern struct options options;

/* --- main.c --- */

/* Counts a host operation and, when it is the one to cut before, ends the process. Returns its number. */
uint32_t operation_begin(void);
/* True for the operation that is to be cut in its middle: storage leaves its temporary file, a send half its bytes. */
bool operation_is_torn(uint32_t number);
/* Ends the process after a torn operation, or after the one to cut after. */
void operation_end(uint32_t number);
/* Ends the process: the report goes up the link, `reason` to stderr when the code is not 0 or EXIT_CUT. */
void finish(int code, const char *reason) __attribute__((noreturn));
/* Milliseconds, since the epoch and since some moment. */
double wall_now(void);
double monotonic_now(void);

/* --- machine.c --- */

struct measure {
	size_t limit, peak, slots_peak, chunks_peak, stack_peak;
	size_t start_slots, start_chunks, rom_slots, rom_chunks, tables;
	uint64_t meter;
};

/* Runs the program until nothing is left to wait for, in the app's machine: cloned from one in which every module of the
   entry's graph has been run and frozen. */
void machine_run(void);
/* Runs promise jobs until none is left; then an unhandled rejection ends the process. */
void machine_settle(void *machine);
void machine_measure(struct measure *measure);

/* --- link.c --- */

void link_poll(void *machine, double deadline); /* waits for a frame until `deadline`, of monotonic_now; negative: for ever */
bool link_is_idle(void);
void link_report(const char *json, size_t length);

/* --- wire.c --- */

void wire_write(const uint8_t *bytes, size_t length);
void wire_read(uint8_t *bytes, size_t length); /* waits for all of them */
bool wire_wait(double deadline); /* for a byte, as link_poll; false if there is none, which it may say early */

/* --- natives.c --- */

double timers_next(void); /* monotonic milliseconds, or a negative number */
void timers_fire(void *machine);
bool timers_is_idle(void);

#endif
