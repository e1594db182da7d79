/*
 * A turn is JavaScript's handling of one event. Code that calls into a machine ends the turn here. A failure that the engine cannot
 * recover from (fxAbort) ends the process here, with an exit code of host.h.
 */
#ifndef TURN_H
#define TURN_H

#include <stdint.h>

/* Runs promise jobs until none is left; an unhandled rejection then ends the process. */
void turn_end(void *machine);
/* Runs promise jobs until none is left. */
void turn_run_jobs(void *machine);
/* Engine steps of all turns that have ended. */
uint64_t turn_meter(void);

#endif
