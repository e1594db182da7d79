/*
 * Time: the system's clock, set by SNTP servers (esp_netif_sntp) or by the owner, and a monotonic clock.
 *
 * esp_netif_sntp rather than the SDK's `sntp`: if a server does not answer it asks the next, asks again every
 * CONFIG_LWIP_SNTP_UPDATE_DELAY (an hour) and lives in lwIP's task; the SDK's module asks one server once, from JavaScript.
 * Its answers are not authenticated.
 */
#ifndef WALL_CLOCK_H
#define WALL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Asks the servers, at once and from then on; call it again when the network is back. Returns false if it could not start. */
bool wall_clock_ask(void);
/* The number of times that a server has set the clock in this run. */
uint32_t wall_clock_answers(void);
/* Milliseconds since the epoch, possibly wrong. */
int64_t wall_clock_read(void);
void wall_clock_set(int64_t milliseconds);
/* Milliseconds since the start. */
int64_t wall_clock_monotonic(void);

#endif
