/* Storage for JavaScript and key slots for the signer, in the folder of a desktop port. */
#include "xsmc.h"
#include "xsHost.h"
#include "device_folder.h"
#include "signer_port.h"
#include <stdio.h>
#include <string.h>

#define VALUE_MAX 4000
#define KEY_MAX 15

/* --- storage --- */

static void entry_name(xsMachine *the, char name[3 + KEY_MAX + 1])
{
	xsStringValue key = xsmcToString(xsArg(0));
	size_t length = strlen(key);
	if (length < 1 || length > KEY_MAX || strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789._-") != length)
		xsRangeError("expected a storage key of 1 to 15 characters of [a-z0-9._-]");
	memcpy(name, "kv.", 3);
	memcpy(name + 3, key, length + 1);
}

/* read(key) → ArrayBuffer or undefined */
void xs_storage_read(xsMachine *the)
{
	char name[3 + KEY_MAX + 1];
	uint8_t bytes[VALUE_MAX];
	entry_name(the, name);
	int length = device_folder_read(name, bytes, sizeof bytes);
	if (length < 0)
		xsUnknownError("storage cannot be read");
	if (length > 0)
		xsmcSetArrayBuffer(xsResult, bytes, length);
}

/* write(key, bytes) */
void xs_storage_write(xsMachine *the)
{
	char name[3 + KEY_MAX + 1];
	void *bytes;
	xsUnsignedValue length;
	entry_name(the, name);
	xsmcGetBufferReadable(xsArg(1), &bytes, &length);
	if (length < 1 || length > VALUE_MAX)
		xsRangeError("expected a storage value of 1 to 4,000 bytes");
	if (device_folder_write(name, bytes, length))
		xsUnknownError("storage could not be written: the old value remains");
}

/* delete(key) */
void xs_storage_delete(xsMachine *the)
{
	char name[3 + KEY_MAX + 1];
	entry_name(the, name);
	if (device_folder_delete(name))
		xsUnknownError("storage could not be deleted");
}

/* --- what the signer asks of its port --- */

static void slot_name(int slot, char name[16])
{
	snprintf(name, 16, "key.%d", slot);
}

int signer_port_read(int slot, uint8_t record[SIGNER_RECORD])
{
	char name[16];
	slot_name(slot, name);
	return device_folder_read(name, record, SIGNER_RECORD);
}

int signer_port_write(int slot, const uint8_t *record, size_t length)
{
	char name[16];
	slot_name(slot, name);
	return device_folder_write(name, record, length) ? SIGNER_PORT_FAILED : SIGNER_PORT_OK;
}

int signer_port_erase(int slot)
{
	char name[16];
	slot_name(slot, name);
	return device_folder_delete(name) ? SIGNER_PORT_FAILED : SIGNER_PORT_OK;
}
