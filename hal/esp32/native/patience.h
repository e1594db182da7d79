/*
 * The watchdog's half that knows the firmware. The machine's task is watched by ESP-IDF's task watchdog, which the SDK's
 * loop feeds: that ends a loop that hangs. A firmware that waits for something that never comes, with no timer set, leaves
 * the loop running; so the task watchdog has a second user, which is reset as long as the firmware has fed lately
 * (src/agent/heartbeat.ts). Either way the device panics and starts anew, and the reason it gives is the task watchdog
 * (CONFIG_ESP_TASK_WDT_PANIC).
 */
#ifndef PATIENCE_H
#define PATIENCE_H

#include <stdbool.h>

/* The longest that a firmware may go without feeding. Every wait feeds it each ten seconds. */
#define PATIENCE_MINUTES 5

/* The firmware is alive. Watched from the first call on; false when that could not be set up. */
bool patience_feed(void);

#endif
