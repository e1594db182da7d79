/*
 * The link's bytes through the UART of QEMU's `virt` machine, an NS16550A, and time by its CLINT. The core sleeps (`wfi`) while
 * there is nothing to do; interrupts wake it and are never taken. Each wait takes what it cost off the count of instructions,
 * and reads the counter even if there is nothing to wait for: what is counted for a byte is always the same.
 */
#include "board.h"
#include "host.h"
#include "wire.h"

#define UART ((volatile uint8_t *)0x10000000)
enum { UART_DATA = 0, UART_INTERRUPTS = 1, UART_FIFO = 2, UART_LINE = 3, UART_STATUS = 5 };
enum { LINE_8N1 = 3, LINE_DIVISOR = 0x80, FIFO_ON = 1, FIFO_TELLS_AT_14 = 0xC0, ON_RECEIVED = 1 };
enum { RECEIVED = 1, MAY_SEND = 0x20 };

/* The interrupt controller; the UART's source, for the one core in machine mode (context 0). */
#define PLIC(OFFSET) (*(volatile uint32_t *)(0x0C000000u + (OFFSET)))
enum { UART_SOURCE = 10, PLIC_PRIORITY = 4 * UART_SOURCE, PLIC_ENABLE = 0x2000, PLIC_CLAIM = 0x200004 };

#define TICKS_PER_MS 10000
static volatile uint32_t *const compare = (volatile uint32_t *)0x02004000;
static volatile uint32_t *const timer = (volatile uint32_t *)0x0200BFF8;

uint64_t instructions_apart;

static uint64_t ticks(void)
{
	uint32_t high, low;
	do {
		high = timer[1];
		low = timer[0];
	} while (high != timer[1]);
	return (uint64_t)high << 32 | low;
}

double monotonic_now(void)
{
	return (double)ticks() / TICKS_PER_MS;
}

__attribute__((constructor)) static void uart_start(void)
{
	UART[UART_LINE] = LINE_DIVISOR;
	UART[0] = 1; /* as fast as it goes: 230,400 Bd */
	UART[1] = 0;
	UART[UART_LINE] = LINE_8N1;
	UART[UART_FIFO] = FIFO_ON | FIFO_TELLS_AT_14;
	UART[UART_INTERRUPTS] = ON_RECEIVED;
	PLIC(PLIC_PRIORITY) = 1;
	PLIC(PLIC_ENABLE) = 1u << UART_SOURCE;
}

/* Waits until a byte arrives or the time has come; may also return early. */
static void sleep_until(uint64_t moment)
{
	enum { TIMER = 1 << 7, EXTERNAL = 1 << 11 };
	compare[1] = UINT32_MAX; /* no moment in between is one to wake at */
	compare[0] = (uint32_t)moment;
	compare[1] = (uint32_t)(moment >> 32);
	__asm__ volatile(".option push\n.option arch, +zicsr\ncsrw mie, %0\n wfi\n.option pop" : : "r"(TIMER | EXTERNAL) : "memory");
	PLIC(PLIC_CLAIM) = PLIC(PLIC_CLAIM);
}

static bool wait_until(uint64_t moment)
{
	uint64_t before = instructions();
	while (!(UART[UART_STATUS] & RECEIVED) && ticks() < moment)
		sleep_until(moment);
	bool received = UART[UART_STATUS] & RECEIVED;
	instructions_apart += instructions() - before;
	return received;
}

bool wire_wait(double deadline)
{
	return wait_until(deadline < 0 ? UINT64_MAX : (uint64_t)(deadline * TICKS_PER_MS) + 1);
}

void wire_read(uint8_t *bytes, size_t length)
{
	for (; length; length--) {
		wait_until(UINT64_MAX);
		*bytes++ = UART[UART_DATA];
	}
}

void wire_write(const uint8_t *bytes, size_t length)
{
	for (; length; length--) {
		uint64_t before = instructions();
		while (!(UART[UART_STATUS] & MAY_SEND)) {}
		instructions_apart += instructions() - before;
		UART[UART_DATA] = *bytes++;
	}
}
