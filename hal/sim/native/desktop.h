/* Services of the machine that runs the simulator. desktop_posix.c: Linux and macOS; desktop_win.c: Windows. */
#ifndef DESKTOP_H
#define DESKTOP_H

#include <stddef.h>
#include <stdint.h>

/* Called once, before anything else. */
void desktop_open(void);
/* Milliseconds since the epoch, and milliseconds that never go back. */
double desktop_wall(void);
double desktop_monotonic(void);
/* Returns 0, or -1 if the system's generator fails. */
int desktop_random(uint8_t *bytes, size_t length);
/* Returns the IPv4 addresses of this machine's name servers, each followed by a space. */
void desktop_name_servers(char *text, size_t size);
/* Returns the owner's folder, or NULL. */
const char *desktop_home(void);

#endif
