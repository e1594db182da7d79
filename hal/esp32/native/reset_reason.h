/*
 * The reason of the last reset, and a count of crashes, in RTC memory, which survives a restart and not a power cut. A
 * restart that the firmware asks for carries its own reason and does not count as a crash.
 */
#ifndef RESET_REASON_H
#define RESET_REASON_H

#include <stdint.h>

/* Call once, before the others. */
void reset_reason_open(void);
/* "power on", "brown-out", "watchdog", …; after reset_reason_restart, the reason given to it. */
const char *reset_reason_text(void);
/* Crashes since the count was last set or the power was cut. */
uint32_t reset_reason_count(void);
void reset_reason_set_count(uint32_t count);
/* Restarts the chip; keeps `reason` for the next run. */
void reset_reason_restart(const char *reason) __attribute__((noreturn));

#endif
