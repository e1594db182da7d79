/* Shared by the files of this board, beside hal/xs/host.h. The addresses are those of QEMU's `virt` with 128 MB. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Above what build.ts gives the linker. */
#define BOARD_MAP_START 0x81000000u
#define BOARD_MAP_END 0x88000000u

enum { EXIT_TRAP = 77 }; /* in addition to those of host.h: the core raised an exception */

/* Instructions retired since reset. Exact under `-icount shift=0`. */
static inline uint64_t instructions(void)
{
	uint32_t high, low, again;
	do
		__asm__ volatile(".option push\n.option arch, +zicsr\n"
			"csrr %0, minstreth\n csrr %1, minstret\n csrr %2, minstreth\n.option pop"
			: "=r"(high), "=r"(low), "=r"(again) : : "memory");
	while (high != again);
	return (uint64_t)high << 32 | low;
}

/* Instructions that are not the program's: all until the ROM is made, which a device's linker does (posix.c), and
   those of the waits for the link, however long the world makes them (uart.c). */
extern uint64_t instructions_apart;

#endif
