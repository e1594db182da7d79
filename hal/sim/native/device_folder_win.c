/*
 * Windows. The files belong to the owner through their place: the folder is in the user's profile, whose access list they
 * inherit.
 */
#include "device_folder.h"
#include "folder_lock.h"
#include <stdbool.h>
#include <stdio.h>
#include <windows.h>

#define TEMPORARY ".tmp"
#define PATH_SIZE 1024

static char folder[PATH_SIZE - 64];

static void path_of(const char *name, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s\\%s", folder, name);
}

int device_folder_open(const char *path, char *problem, size_t size)
{
	char name[PATH_SIZE];
	snprintf(problem, size, "cannot be opened as a folder");
	if (strlen(path) >= sizeof folder)
		return DEVICE_FOLDER_FAILED;
	strcpy(folder, path);
	CreateDirectoryA(folder, NULL);
	DWORD attributes = GetFileAttributesA(folder);
	if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY))
		return DEVICE_FOLDER_FAILED;
	/* Not shared, and open until the process ends: that is the lock. */
	path_of(FOLDER_LOCK_NAME, name);
	HANDLE lock = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
	if (lock == INVALID_HANDLE_VALUE && GetLastError() == ERROR_SHARING_VIOLATION) {
		snprintf(problem, size, "is in use by another process");
		return DEVICE_FOLDER_IN_USE;
	}
	if (lock == INVALID_HANDLE_VALUE)
		return DEVICE_FOLDER_FAILED;
	path_of(TEMPORARY, name);
	DeleteFileA(name);
	return DEVICE_FOLDER_OPEN;
}

int device_folder_write(const char *name, const uint8_t *bytes, size_t length)
{
	char temporary[PATH_SIZE], path[PATH_SIZE];
	DWORD written = 0;
	path_of(TEMPORARY, temporary);
	path_of(name, path);
	HANDLE file = CreateFileA(temporary, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return -1;
	bool ok = WriteFile(file, bytes, (DWORD)length, &written, NULL) && written == length && FlushFileBuffers(file);
	CloseHandle(file);
	ok = ok && MoveFileExA(temporary, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH);
	return ok ? 0 : -1;
}

int device_folder_read(const char *name, uint8_t *bytes, size_t size)
{
	char path[PATH_SIZE];
	DWORD length = 0;
	path_of(name, path);
	HANDLE file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return GetLastError() == ERROR_FILE_NOT_FOUND ? 0 : -1;
	bool ok = ReadFile(file, bytes, (DWORD)size, &length, NULL);
	CloseHandle(file);
	return ok ? (int)length : -1;
}

int device_folder_delete(const char *name)
{
	char path[PATH_SIZE];
	path_of(name, path);
	if (DeleteFileA(path))
		return 0;
	return GetLastError() == ERROR_FILE_NOT_FOUND ? 0 : -1;
}
