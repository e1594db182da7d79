#define _DEFAULT_SOURCE
#include "desktop.h"
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define RANDOM_PIECE 256

void desktop_open(void)
{
	/* The SDK writes to sockets whose peer may be gone. */
	signal(SIGPIPE, SIG_IGN);
}

static double milliseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1000 + (double)(now.tv_nsec / 1000000);
}

double desktop_wall(void)
{
	return milliseconds(CLOCK_REALTIME);
}

double desktop_monotonic(void)
{
	return milliseconds(CLOCK_MONOTONIC);
}

/* getentropy(3) gives no more than 256 bytes at once. */
int desktop_random(uint8_t *bytes, size_t length)
{
	while (length > 0) {
		size_t piece = length < RANDOM_PIECE ? length : RANDOM_PIECE;
		if (getentropy(bytes, piece) != 0)
			return -1;
		bytes += piece;
		length -= piece;
	}
	return 0;
}

void desktop_name_servers(char *text, size_t size)
{
	char line[256], address[64];
	struct in_addr parsed;
	size_t used = 0;
	text[0] = 0;
	FILE *file = fopen("/etc/resolv.conf", "r");
	if (!file)
		return;
	while (fgets(line, sizeof line, file)) {
		if (sscanf(line, "nameserver %63s", address) != 1 || inet_pton(AF_INET, address, &parsed) != 1)
			continue;
		if (used + strlen(address) + 2 > size)
			break;
		used += (size_t)snprintf(text + used, size - used, "%s ", address);
	}
	fclose(file);
}

const char *desktop_home(void)
{
	return getenv("HOME");
}
