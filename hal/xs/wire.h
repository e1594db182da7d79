/* The bytes of the link. wire.c: two pipes; a board has a UART. */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void wire_write(const uint8_t *bytes, size_t length);
/* Waits for all of them. */
void wire_read(uint8_t *bytes, size_t length);
/* Waits for a byte until `deadline` (monotonic_now); negative: forever. Returns false if there is none; may return early. */
bool wire_wait(double deadline);

#endif
