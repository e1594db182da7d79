/* Timers, soonest first; of two that are due at the same moment, the one set first. */
#ifndef TIMERS_H
#define TIMERS_H

#include <stdbool.h>

/* Returns when the next one is due, in milliseconds of monotonic_now; negative if none is set. */
double timers_next(void);
/* Calls back all that are due, a turn each. */
void timers_fire(void *machine);
bool timers_are_idle(void);

#endif
