#include "desktop.h"
#include <winsock2.h>
#include <windows.h>
#include <bcrypt.h>
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma comment(lib, "bcrypt.lib")
#pragma comment(lib, "iphlpapi.lib")

/* From 1601, in 100 ns, to 1970, in ms. */
#define EPOCH 11644473600000.0

void desktop_open(void)
{
}

double desktop_wall(void)
{
	FILETIME now;
	GetSystemTimeAsFileTime(&now);
	return ((double)now.dwHighDateTime * 4294967296.0 + (double)now.dwLowDateTime) / 10000 - EPOCH;
}

double desktop_monotonic(void)
{
	return (double)GetTickCount64();
}

int desktop_random(uint8_t *bytes, size_t length)
{
	return BCryptGenRandom(NULL, bytes, (ULONG)length, BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0 ? 0 : -1;
}

void desktop_name_servers(char *text, size_t size)
{
	ULONG length = 0;
	size_t used = 0;
	text[0] = 0;
	if (GetNetworkParams(NULL, &length) != ERROR_BUFFER_OVERFLOW)
		return;
	FIXED_INFO *information = malloc(length);
	if (information && GetNetworkParams(information, &length) == NO_ERROR) {
		for (IP_ADDR_STRING *server = &information->DnsServerList; server; server = server->Next) {
			const char *address = server->IpAddress.String;
			if (address[0] && used + strlen(address) + 2 <= size)
				used += (size_t)snprintf(text + used, size - used, "%s ", address);
		}
	}
	free(information);
}

const char *desktop_home(void)
{
	return getenv("USERPROFILE");
}
