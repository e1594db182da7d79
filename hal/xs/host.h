/*
 * The bottom layer of the XS host: its options, the count of host operations, time, and how a run ends. One process is one
 * device with one machine, so its state is one struct. Each layer has a header and uses those below it alone:
 *
 *   main.c              reads the options, runs the machine, writes the report
 *   machine.h           the app's machine: starts it, runs it, measures it
 *   preload.h           the machine in ROM
 *   natives.h           the functions that JavaScript calls by `native(name)`
 *   link.h, timers.h    the sources of events: sockets, events and the console over the link of link.md; timers
 *   turn.h              a turn of JavaScript and its end; failures of the engine
 *   memory.h            the engine's arena; modules.c and archive.c are engine hooks beside it
 *   wire.h, folder/device_folder.h   the bytes of the link; the folder that is the device's flash
 *   host.h
 *
 * A bare board (hal/rv32) has the same layers and brings its own host, wire and device folder.
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
	EXIT_UNHANDLED = 72, /* an exception or a rejection that nothing handled */
	EXIT_CUT = 73, /* --cut */
	EXIT_LINK_LOST = 74, /* the helper at the other end of the link is gone */
	EXIT_RESTART = 75, /* the program asked for a restart */
	EXIT_ROM_WRITE = 76, /* the program wrote to a preloaded object */
	EXIT_FLASH_IN_USE = 78, /* another process has the folder that is to be the flash */
};

struct options {
	const char *modules; /* folder of the transpiled modules */
	const char *entry; /* module name below it, without its ending */
	const char *flash;
	int configuration; /* a descriptor, read once; negative: the console sets it */
	size_t arena;
	int stack_slots;
	const char *image; /* a file that gets a line for each module in ROM; then nothing is run */
	bool console; /* the owner's console is at the other end of the link */
	bool clock_set;
	double clock_offset; /* milliseconds */
	uint32_t cut; /* 0: never */
	enum cut_phase { CUT_BEFORE, CUT_DURING, CUT_AFTER } cut_phase;
	uint32_t refuse_every; /* flash refuses every n-th write; 0: none */
};

extern struct options options;

/* Counts a host operation and returns its number. Ends the process if the power is to be cut before it. */
uint32_t operation_begin(void);
/* True for the operation to be cut halfway: storage leaves its temporary file, a send half of its bytes. */
bool operation_is_torn(uint32_t number);
/* Ends the process after a torn operation, or after the one to cut after. */
void operation_end(uint32_t number);
/* True for a write that flash is to refuse, like one that is full or worn. */
bool write_is_refused(void);
/* Host operations so far. */
uint32_t operation_count(void);
uint32_t refused_write_count(void);

/* Ends the process with `code`, once `on_finish` has reported it. `reason` goes to stderr unless the code is 0 or EXIT_CUT. */
void finish(int code, const char *reason) __attribute__((noreturn));
/* Set by main.c before anything can fail. */
extern void (*on_finish)(int code, const char *reason);

/* Milliseconds since the epoch, and since some fixed moment. */
double wall_now(void);
double monotonic_now(void);

#endif
