/*
 * The part of POSIX that the engine and its half of hal/xs need, on a bare core in machine mode: memory from the top of
 * RAM, its protection by the core's PMP, faults by its trap vector, and for its C library a clock that stands still.
 */
#include "board.h"
#include "host.h"
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>

/* --- memory: what the linker's memory map (build.ts) leaves of QEMU's RAM --- */

static uint8_t *map_at = (uint8_t *)BOARD_MAP_START;

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
	(void)address, (void)protection, (void)flags, (void)file, (void)offset;
	uint8_t *result = map_at;
	size = (size + 4095) & ~(size_t)4095; /* what QEMU protects without looking at each access */
	if (size > (size_t)((uint8_t *)BOARD_MAP_END - map_at))
		return MAP_FAILED;
	map_at += size;
	return result;
}

/*
 * One range, made read-only for good: the ROM is made, and what is counted begins. Entries of the PMP are locked so that they hold in machine mode too; the range is
 * [start, end) by "top of range" pairs (privileged specification 20211203, §3.7.1).
 */
int mprotect(void *address, size_t size, int protection)
{
	enum { R = 1, TOR = 1 << 3, LOCKED = 1 << 7 };
	(void)protection;
	__asm__ volatile(".option push\n.option arch, +zicsr\n"
		"csrw pmpaddr0, %0\n csrw pmpaddr1, %1\n csrw pmpcfg0, %2\n.option pop"
		: : "r"((uintptr_t)address >> 2), "r"(((uintptr_t)address + size) >> 2), "r"((LOCKED | TOR | R) << 8) : "memory");
	instructions_apart = instructions();
	return 0;
}

/* The engine's own check of the C stack: eight kilobytes are left for the code between two checks, and for fxAbort. */
char *fxCStackLimit(void);
char *fxCStackLimit(void)
{
	extern char __heap_end[]; /* set by build.ts: the stack's lowest byte */
	return __heap_end + 8192;
}

/* --- faults --- */

static void (*fault_handler)(int, siginfo_t *, void *);

int sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
	(void)number, (void)old;
	fault_handler = action->sa_sigaction;
	return 0;
}

void (*signal(int number, void (*handler)(int)))(int)
{
	(void)number, (void)handler;
	fault_handler = NULL;
	return SIG_DFL;
}

int raise(int number)
{
	return number; /* the trap goes on to its own end */
}

/* No trap is ever returned from. */
static __attribute__((aligned(4), noreturn)) void trap(void)
{
	uintptr_t cause, at, value;
	char text[96];
	__asm__ volatile(".option push\n.option arch, +zicsr\n"
		"csrr %0, mcause\n csrr %1, mepc\n csrr %2, mtval\n.option pop"
		: "=r"(cause), "=r"(at), "=r"(value));
	enum { STORE_FAULT = 7 };
	if (cause == STORE_FAULT && fault_handler) {
		siginfo_t info = { .si_addr = (void *)value };
		fault_handler(SIGSEGV, &info, NULL);
	}
	snprintf(text, sizeof text, "trap %lu at 0x%08lx, address 0x%08lx", (unsigned long)cause, (unsigned long)at,
		(unsigned long)value);
	finish(EXIT_TRAP, text);
}

__attribute__((constructor)) static void trap_install(void)
{
	__asm__ volatile(".option push\n.option arch, +zicsr\ncsrw mtvec, %0\n.option pop" : : "r"(trap));
}

/* --- time: none, so that a run repeats to the instruction --- */

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	(void)zone;
	now->tv_sec = 0;
	now->tv_usec = 0;
	return 0;
}
