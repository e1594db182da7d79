/* Two pipes to the helper. */
#include "wire.h"
#include "host.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define LINK_IN 3
#define LINK_OUT 4

void wire_write(const uint8_t *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(LINK_OUT, bytes, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(EXIT_LINK_LOST); /* nobody is there to read a report */
		bytes += n;
		length -= (size_t)n;
	}
}

void wire_read(uint8_t *bytes, size_t length)
{
	while (length) {
		ssize_t n = read(LINK_IN, bytes, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			finish(EXIT_LINK_LOST, "the other end of the link is gone");
		bytes += n;
		length -= (size_t)n;
	}
}

bool wire_wait(double deadline)
{
	struct pollfd in = { .fd = LINK_IN, .events = POLLIN };
	double wait = deadline < 0 ? -1 : deadline - monotonic_now();
	int timeout = deadline < 0 ? -1 : wait <= 0 ? 0 : wait > 60000 ? 60000 : (int)wait + 1;
	return poll(&in, 1, timeout) > 0;
}
