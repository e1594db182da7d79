/* Linux and macOS. */
#include "device_folder.h"
#include "folder_lock.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".tmp"

static int folder = -1;

/* On macOS fsync leaves the bytes in the drive's own memory. */
static bool make_durable(int file)
{
#ifdef F_FULLFSYNC
	if (fcntl(file, F_FULLFSYNC) == 0)
		return true;
#endif
	return fsync(file) == 0;
}

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
	int file = openat(folder, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		return -1;
	bool ok = write(file, bytes, length) == (ssize_t)length && make_durable(file);
	close(file);
	ok = ok && renameat(folder, TEMPORARY, folder, name) == 0 && make_durable(folder);
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
	if (unlinkat(folder, name, 0) != 0)
		return errno == ENOENT ? 0 : -1;
	return make_durable(folder) ? 0 : -1;
}
