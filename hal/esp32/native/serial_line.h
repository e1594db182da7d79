/*
 * The owner's serial line: UART 0, or the chip's USB Serial/JTAG if the board's manifest says
 * `"defines": {"console": {"usb": 1}}`. Only one task writes to it, so lines never mix.
 */
#ifndef SERIAL_LINE_H
#define SERIAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False if the line is not available: a debugger has it. */
bool serial_line_open(void);
/* Waits for bytes; returns how many arrived. */
size_t serial_line_read(uint8_t *bytes, size_t size);
/* Writes a line and its end. Without a host at the other end of USB it is dropped. */
void serial_line_write(const uint8_t *bytes, size_t length);
/* Waits until all written bytes have gone out, at most a second. */
void serial_line_flush(void);

#endif
