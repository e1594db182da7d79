/*
 * An application watchdog on top of ESP-IDF's task watchdog. The SDK's loop feeds the task watchdog, which catches a loop
 * that hangs. An agent that waits for an event that never comes, with no timer set, leaves that loop running; so the task
 * watchdog gets a second user, which is reset only while the agent has fed it recently (src/agent/heartbeat.ts). Either
 * way the device panics and restarts with the task watchdog as the reason (CONFIG_ESP_TASK_WDT_PANIC).
 */
#ifndef APP_WATCHDOG_H
#define APP_WATCHDOG_H

#include <stdbool.h>

/* The longest time between two feeds. Every wait feeds each ten seconds. */
#define APP_WATCHDOG_MINUTES 5

/* Reports that the agent makes progress. The first call starts the watch; false if it could not be set up. */
bool app_watchdog_feed(void);

#endif
