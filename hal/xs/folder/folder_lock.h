/*
 * One agent for one flash. A device's folder has a file, ".lock", that the process that runs the device holds locked by
 * flock(2) (Windows: by opening it exclusively). The operating system releases the lock when that process ends, however
 * it ends; the file stays, and its text, a process's number and when it took the lock, is for people. hal/node/flash_lock.ts
 * takes the same lock.
 */
#ifndef FOLDER_LOCK_H
#define FOLDER_LOCK_H

#include <stddef.h>

#define FOLDER_LOCK_NAME ".lock"

enum { FOLDER_LOCK_TAKEN = 0, FOLDER_LOCK_BUSY = 1, FOLDER_LOCK_FAILED = -1 };

/* `folder` is its descriptor. If another process has the lock, `holder` becomes "process N, started …". */
int folder_lock_take(int folder, char *holder, size_t size);

#endif
