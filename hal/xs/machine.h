/* The app's machine. */
#ifndef MACHINE_H
#define MACHINE_H

#include "memory.h"

/* In bytes; `meter` in engine steps. */
struct measure {
	size_t limit;
	size_t taken; /* chunks and slots at their highest together, and the stack as reserved: what the arena must have */
	size_t peak; /* the same with the stack's high-water mark alone */
	size_t slots_peak, chunks_peak, stack_peak;
	size_t live_slots, live_chunks; /* in use now, garbage included */
	size_t start_slots, start_chunks, rom_slots, rom_chunks, tables;
	uint64_t meter;
};

/* Runs the program until nothing is left to wait for, in a machine cloned from the one that preload() makes. */
void machine_run(void (*between_turns)(void)); /* called after each event; may be NULL */
/* Collects garbage. */
void machine_collect(void);
/* Restarts the peak: it covers only what follows. */
void machine_restart_peak(void);
/* All zero before the machine runs, except the limit. */
void machine_measure(struct measure *measure);

#endif
