/*
 * The owner's serial line: UART 0, or the chip's USB Serial/JTAG where the board's manifest says
 * `"defines": {"console": {"usb": 1}}`. Written by one task alone, so a line is never broken by another.
 */
#ifndef SERIAL_LINE_H
#define SERIAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False when the line is not ours: a debugger has it. */
bool serial_line_open(void);
/* Waits for bytes; returns how many came. */
size_t serial_line_read(uint8_t *bytes, size_t size);
/* Writes a line and its end. Without a host at the other end of USB it is dropped. */
void serial_line_write(const uint8_t *bytes, size_t length);
/* Waits until all that was written has gone out, a second at most. */
void serial_line_flush(void);

#endif
