/* The part of mmap that hal/xs/memory.c and preload.c use: memory, all zero, never given back. In posix.c. */
#ifndef RV32_SYS_MMAN_H
#define RV32_SYS_MMAN_H

#include <stddef.h>
#include <sys/types.h>

#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_PRIVATE 2
#define MAP_ANONYMOUS 0x20
#define MAP_NORESERVE 0x4000
#define MAP_FAILED ((void *)-1)

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset);
int mprotect(void *address, size_t size, int protection);

#endif
