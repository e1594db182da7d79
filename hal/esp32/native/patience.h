/*
 * The watchdog's half that knows the agent. The machine's task is watched by ESP-IDF's task watchdog, which the SDK's loop
 * feeds: that ends a loop that hangs. An agent that waits for something that never comes leaves the loop running; so the
 * task watchdog has a second user, the agent, which is reset as long as the agent has fed lately. Either way the device
 * panics and starts anew, and the reason it gives is the task watchdog (CONFIG_ESP_TASK_WDT_PANIC).
 */
#ifndef PATIENCE_H
#define PATIENCE_H

#include <stdbool.h>

/* The longest that an agent at work may go without feeding: longer than any purchase waits. */
#define PATIENCE_MINUTES 30

/* The agent is alive. Watched from its first call on; false when that could not be set up. */
bool patience_feed(void);

#endif
