/* The services of the machine that the simulator runs on. desktop_posix.c: Linux and macOS; desktop_win.c: Windows. */
#ifndef DESKTOP_H
#define DESKTOP_H

#include <stddef.h>
#include <stdint.h>

/* Called once, before anything else. */
void desktop_open(void);
/* Milliseconds since the epoch, and milliseconds that only go forward. */
double desktop_wall(void);
double desktop_monotonic(void);
/* 0, or -1 when the system's generator gives nothing. */
int desktop_random(uint8_t *bytes, size_t length);
/* The IPv4 addresses of the name servers that this machine asks, with a space after each. */
void desktop_name_servers(char *text, size_t size);
/* The owner's folder, or NULL. */
const char *desktop_home(void);

#endif
