/* The device's folder on the XS host. Each write and each deletion is an operation at which the power may be cut. */
#include "device_folder.h"
#include "folder_lock.h"
#include "host.h"
#include "signer_port.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".tmp"

static int folder = -1;

int device_folder_open(const char *path, char *problem, size_t size)
{
	char holder[128];
	mkdir(path, 0700);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int lock = folder < 0 ? FOLDER_LOCK_FAILED : folder_lock_take(folder, holder, sizeof holder);
	if (lock == FOLDER_LOCK_BUSY) {
		snprintf(problem, size, "is in use by %s", holder);
		return DEVICE_FOLDER_IN_USE;
	}
	if (lock == FOLDER_LOCK_FAILED) {
		snprintf(problem, size, "cannot be opened: %s", strerror(errno));
		return DEVICE_FOLDER_FAILED;
	}
	unlinkat(folder, TEMPORARY, 0);
	return DEVICE_FOLDER_OPEN;
}

int device_folder_write(const char *name, const uint8_t *bytes, size_t length)
{
	uint32_t operation = operation_begin();
	if (write_is_refused())
		return -1;
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

int device_folder_read(const char *name, uint8_t *bytes, size_t size)
{
	int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT ? 0 : -1;
	ssize_t length = read(file, bytes, size);
	close(file);
	return (int)length;
}

int device_folder_delete(const char *name)
{
	uint32_t operation = operation_begin();
	bool ok = unlinkat(folder, name, 0) == 0 ? fsync(folder) == 0 : errno == ENOENT;
	operation_end(operation);
	return ok ? 0 : -1;
}

int signer_port_random(uint8_t *bytes, size_t length)
{
	return getrandom(bytes, length, 0) == (ssize_t)length ? SIGNER_PORT_OK : SIGNER_PORT_FAILED;
}
