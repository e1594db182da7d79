/*
 * Why this run began, and a count of the runs before it that ended before their time, in a crash or by a restart that the
 * firmware itself asked for, in memory of the RTC that a restart leaves as it is and a power cut does not.
 */
#ifndef RESTARTS_H
#define RESTARTS_H

#include <stdint.h>

/* To be called first. */
void restarts_open(void);
/* In words: "power on", "brown-out", "watchdog", …; after restarts_begin, its reason. */
const char *restarts_reason(void);
/* In a row, as far as nobody has set the count. */
uint32_t restarts_count(void);
void restarts_set_count(uint32_t count);
/* Starts anew. Does not return. */
void restarts_begin(const char *reason) __attribute__((noreturn));

#endif
