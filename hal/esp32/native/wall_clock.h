/*
 * Time: the system's clock, set by SNTP servers (esp_netif_sntp) or by the owner, and a monotonic one beside it.
 *
 * esp_netif_sntp rather than the SDK's `sntp`: it turns from a server that does not answer to the next, asks again every
 * CONFIG_LWIP_SNTP_UPDATE_DELAY (an hour) and lives in lwIP's task; the SDK's module asks one server once, from JavaScript.
 * Its answers are not authenticated.
 */
#ifndef WALL_CLOCK_H
#define WALL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Asks the servers, at once and from then on; called again when the network is back. False: it could not be begun. */
bool wall_clock_ask(void);
/* The number of times that a server has set the clock in this run. */
uint32_t wall_clock_answers(void);
/* Milliseconds since the epoch, right or not. */
int64_t wall_clock_read(void);
void wall_clock_set(int64_t milliseconds);
/* Milliseconds since the start. */
int64_t wall_clock_monotonic(void);

#endif
