/*
 * The device's folder in RAM, so that its instructions are those of a memory: an entry is loaded from the host's folder at its
 * first read and saved there at each write. Without a folder it ends with the run. Power is never cut here, so no write is
 * made atomic.
 */
#include "device_folder.h"
#include "signer_port.h"
#include <semihost.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES 128
#define ENTRY_MAX 4000
#define NAME_MAX_BYTES 24

struct entry {
	char name[NAME_MAX_BYTES]; /* "": free */
	int length;
	uint8_t bytes[ENTRY_MAX];
};

static struct entry entries[ENTRIES];
static const char *folder;

static int open_file(const char *name, int mode)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return folder ? sys_semihost_open(path, mode) : -1;
}

/* The two calls of semihosting below give the number of bytes that they did not move. */

static bool save(const struct entry *entry)
{
	int file = open_file(entry->name, SH_OPEN_W_B);
	if (file < 0)
		return !folder;
	bool ok = sys_semihost_write(file, entry->bytes, (uintptr_t)entry->length) == 0;
	return sys_semihost_close(file) == 0 && ok;
}

static struct entry *find(const char *name)
{
	for (struct entry *entry = entries; entry < entries + ENTRIES; entry++)
		if (!strcmp(entry->name, name))
			return entry;
	return NULL;
}

/* A free entry, by that name from now on. */
static struct entry *claim(const char *name)
{
	struct entry *entry = find("");
	if (entry)
		snprintf(entry->name, sizeof entry->name, "%s", name);
	return entry;
}

/* The entry, from the host's folder if it is there and not here yet. 0 if there is none; -1 if there is no room for it. */
static int look_up(const char *name, struct entry **entry)
{
	*entry = find(name);
	if (*entry)
		return 1;
	int file = open_file(name, SH_OPEN_R_B);
	if (file < 0)
		return 0;
	*entry = claim(name);
	if (*entry)
		(*entry)->length = ENTRY_MAX - (int)sys_semihost_read(file, (*entry)->bytes, ENTRY_MAX);
	sys_semihost_close(file);
	return *entry ? 1 : -1;
}

/* Without a lock: the bench and the tests give each run a folder of its own. */
int device_folder_open(const char *path, char *problem, size_t size)
{
	(void)problem, (void)size;
	folder = path;
	return DEVICE_FOLDER_OPEN;
}

int device_folder_write(const char *name, const uint8_t *bytes, size_t length)
{
	struct entry *entry = find(name);
	if (!entry)
		entry = claim(name);
	if (!entry || length > ENTRY_MAX)
		return -1;
	memcpy(entry->bytes, bytes, length);
	entry->length = (int)length;
	return save(entry) ? 0 : -1;
}

int device_folder_read(const char *name, uint8_t *bytes, size_t size)
{
	struct entry *entry;
	int found = look_up(name, &entry);
	if (found <= 0)
		return found;
	int length = entry->length < (int)size ? entry->length : (int)size;
	memcpy(bytes, entry->bytes, (size_t)length);
	return length;
}

int device_folder_delete(const char *name)
{
	struct entry *entry = find(name);
	char path[512];
	if (entry)
		memset(entry, 0, sizeof *entry);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (folder)
		sys_semihost_remove(path); /* it may never have been there */
	return 0;
}

int signer_port_random(uint8_t *bytes, size_t length)
{
	int file = sys_semihost_open("/dev/urandom", SH_OPEN_R_B);
	if (file < 0)
		return SIGNER_PORT_FAILED;
	bool ok = sys_semihost_read(file, bytes, length) == 0;
	sys_semihost_close(file);
	return ok ? SIGNER_PORT_OK : SIGNER_PORT_FAILED;
}
