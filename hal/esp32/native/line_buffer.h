/* Assembles the bytes of a serial line into lines. Allocates nothing, and wipes lines after use. */
#ifndef LINE_BUFFER_H
#define LINE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CONSOLE_LINE_LIMIT of src/device/console_line.ts. */
#define LINE_BUFFER_LIMIT 4000

/* Initialise to zero. */
struct line_buffer {
	uint8_t bytes[LINE_BUFFER_LIMIT];
	/* Too long: only the bytes that fitted. */
	size_t length;
	bool is_too_long, is_complete;
};

/* Consumes bytes up to the end of a line (CR or LF; skips empty lines) and returns their number; 0 while a complete line
   waits. */
size_t line_buffer_take(struct line_buffer *text, const uint8_t *bytes, size_t count);
/* Wipes the line and makes room for the next. */
void line_buffer_clear(struct line_buffer *text);

#endif
