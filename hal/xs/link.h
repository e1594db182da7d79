/* The device's end of the link (link.md): sockets, events, the owner's console. What JavaScript calls is in natives.c's table. */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>

/* Waits for a frame until `deadline`, of monotonic_now, and handles it; a negative deadline is none. */
void link_poll(void *machine, double deadline);
/* No stream and no console is open. */
bool link_is_idle(void);
/* Sends the last frame of a run. */
void link_report(const char *json, size_t length);

#endif
