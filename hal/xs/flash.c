/*
 * The device's flash: a folder. Storage key K is the file "kv.K"; key slot N is "key.N", a curve byte and the key,
 * which only the signer's C reads. Each write goes to ".tmp", then fsync, rename, fsync of the folder: atomic and durable.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "host.h"
#include "signer_port.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define VALUE_MAX 4000
#define KEY_MAX 15
#define TEMPORARY ".tmp"

static int folder = -1;

void flash_open(void)
{
	char text[512];
	mkdir(options.flash, 0700);
	folder = open(options.flash, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0) {
		snprintf(text, sizeof text, "--flash %.300s: %s", options.flash, strerror(errno));
		finish(EXIT_USAGE, text);
	}
}

/* 0 when the bytes are durable under `name`; then, and only then, the old ones are gone. */
static int write_entry(const char *name, const uint8_t *bytes, size_t length)
{
	uint32_t operation = operation_begin();
	int file = openat(folder, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		return -1;
	bool ok = write(file, bytes, length) == (ssize_t)length && fsync(file) == 0;
	close(file);
	if (operation_is_torn(operation))
		operation_end(operation);
	ok = ok && renameat(folder, TEMPORARY, folder, name) == 0 && fsync(folder) == 0;
	operation_end(operation);
	return ok ? 0 : -1;
}

/* The number of bytes read, at most `size`; 0 when there is no such entry; negative on failure. */
static int read_entry(const char *name, uint8_t *bytes, size_t size)
{
	int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT ? 0 : -1;
	ssize_t length = read(file, bytes, size);
	close(file);
	return (int)length;
}

static int delete_entry(const char *name)
{
	uint32_t operation = operation_begin();
	bool ok = unlinkat(folder, name, 0) == 0 ? fsync(folder) == 0 : errno == ENOENT;
	operation_end(operation);
	return ok ? 0 : -1;
}

/* --- storage --- */

static void entry_name(xsMachine *the, char name[3 + KEY_MAX + 1])
{
	xsStringValue key = xsmcToString(xsArg(0));
	size_t length = strlen(key);
	if (length < 1 || length > KEY_MAX || strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789._-") != length)
		xsRangeError("storage key: 1 to 15 characters of [a-z0-9._-] expected");
	memcpy(name, "kv.", 3);
	memcpy(name + 3, key, length + 1);
}

/* read(key) → ArrayBuffer or undefined */
void xs_storage_read(xsMachine *the)
{
	char name[3 + KEY_MAX + 1];
	uint8_t bytes[VALUE_MAX];
	entry_name(the, name);
	int length = read_entry(name, bytes, sizeof bytes);
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
		xsRangeError("storage value: 1 to 4,000 bytes expected");
	if (write_entry(name, bytes, length))
		xsUnknownError("storage could not be written; the old value stands");
}

/* delete(key) */
void xs_storage_delete(xsMachine *the)
{
	char name[3 + KEY_MAX + 1];
	entry_name(the, name);
	if (delete_entry(name))
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
	return read_entry(name, record, SIGNER_RECORD);
}

int signer_port_write(int slot, const uint8_t *record, size_t length)
{
	char name[16];
	slot_name(slot, name);
	return write_entry(name, record, length) ? SIGNER_PORT_FAILED : SIGNER_PORT_OK;
}

int signer_port_erase(int slot)
{
	char name[16];
	slot_name(slot, name);
	return delete_entry(name) ? SIGNER_PORT_FAILED : SIGNER_PORT_OK;
}

int signer_port_random(uint8_t *bytes, size_t length)
{
	return getrandom(bytes, length, 0) == (ssize_t)length ? SIGNER_PORT_OK : SIGNER_PORT_FAILED;
}
