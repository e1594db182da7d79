/* What signer_port.h asks of an app, for a test: two slots in memory, and a "generator" that makes the key 07…07. */
#include "signer_port.h"
#include "xsmc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	uint8_t record[SIGNER_RECORD];
	size_t length;
} slots[2];

int signer_port_read(int slot, uint8_t record[SIGNER_RECORD])
{
	if (slot > 1)
		return 0;
	memcpy(record, slots[slot].record, slots[slot].length);
	return (int)slots[slot].length;
}

int signer_port_write(int slot, const uint8_t *record, size_t length)
{
	if (slot > 1 || length > SIGNER_RECORD)
		return SIGNER_PORT_FAILED;
	memcpy(slots[slot].record, record, length);
	slots[slot].length = length;
	return SIGNER_PORT_OK;
}

int signer_port_erase(int slot)
{
	if (slot <= 1)
		slots[slot].length = 0;
	return SIGNER_PORT_OK;
}

int signer_port_random(uint8_t *bytes, size_t length)
{
	memset(bytes, 7, length);
	return SIGNER_PORT_OK;
}

void xs_signer_app_end(xsMachine *the)
{
	(void)the;
	fflush(NULL);
	_Exit(0);
}
