/* Linux and macOS. */
#include "folder_lock.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define NOTE 64

/* Any other text is not repeated: the folder may come from anywhere. */
static void read_holder(int file, char *holder, size_t size)
{
	char note[NOTE] = "";
	long process;
	char started[32];
	ssize_t length = pread(file, note, sizeof note - 1, 0);
	if (length > 0 && sscanf(note, "%ld %31[0-9TZ:.-]", &process, started) == 2)
		snprintf(holder, size, "process %ld, started %s", process, started);
	else
		snprintf(holder, size, "another process");
}

static void write_holder(int file)
{
	char note[NOTE], started[32];
	time_t now = time(NULL);
	struct tm utc;
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	int length = snprintf(note, sizeof note, "%ld %s\n", (long)getpid(), started);
	if (ftruncate(file, 0) != 0 || pwrite(file, note, (size_t)length, 0) != length)
		return; /* the lock is held all the same */
}

int folder_lock_take(int folder, char *holder, size_t size)
{
	int file = openat(folder, FOLDER_LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return FOLDER_LOCK_FAILED;
	if (flock(file, LOCK_EX | LOCK_NB) != 0) {
		int error = errno;
		read_holder(file, holder, size);
		close(file);
		errno = error;
		return error == EWOULDBLOCK ? FOLDER_LOCK_BUSY : FOLDER_LOCK_FAILED;
	}
	write_holder(file); /* `file` stays open until the process ends: that is the lock */
	return FOLDER_LOCK_TAKEN;
}
