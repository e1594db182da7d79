/*
 * The device's flash on the XS host and in the simulator: a folder, laid out the same, so that it serves both. Storage key K
 * is the file "kv.K"; key slot N is "key.N", a curve byte and the key, which only the signer's C reads. Each write goes to
 * ".tmp", is made durable, and takes the old file's place: atomic and durable. The folder and its files are the owner's alone.
 */
#ifndef DEVICE_FOLDER_H
#define DEVICE_FOLDER_H

#include <stddef.h>
#include <stdint.h>

enum { DEVICE_FOLDER_OPEN = 0, DEVICE_FOLDER_IN_USE = 1, DEVICE_FOLDER_FAILED = -1 };

/*
 * Makes the folder if it does not exist, locks it for this process (folder_lock.h), and removes half-written files. If it
 * cannot be opened, `problem` says why, as the end of a sentence about the folder.
 */
int device_folder_open(const char *path, char *problem, size_t size);
/* Returns 0 once the bytes are durable under `name`; only then are the old ones gone. */
int device_folder_write(const char *name, const uint8_t *bytes, size_t length);
/* Returns the number of bytes read, at most `size`; 0 if there is no such entry; negative on failure. */
int device_folder_read(const char *name, uint8_t *bytes, size_t size);
/* Idempotent. */
int device_folder_delete(const char *name);

#endif
