/*
 * The device's end of the link (link.md): sockets, events, the owner's console. natives.c's table has the functions for
 * JavaScript.
 */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>

/* Waits for a frame until `deadline` (monotonic_now), and handles it; negative: no deadline. */
void link_poll(void *machine, double deadline);
/* True if no stream and no console is open. */
bool link_is_idle(void);
/* Sends the last frame of a run. */
void link_report(const char *json, size_t length);

#endif
