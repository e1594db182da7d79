/* Bytes of a serial line, put together to lines. No allocation, and nothing left behind. */
#ifndef CONSOLE_TEXT_H
#define CONSOLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CONSOLE_LINE_LIMIT of hal.ts. */
#define CONSOLE_TEXT_LIMIT 4000

/* Zeroed at first. */
struct console_text {
	uint8_t bytes[CONSOLE_TEXT_LIMIT];
	/* Of a line that is too long, all that fitted. */
	size_t length;
	bool is_too_long, is_complete;
};

/* Takes bytes up to the end of a line (CR or LF; empty lines are passed over) and returns how many. Takes none while a
   complete line is waiting. */
size_t console_text_take(struct console_text *text, const uint8_t *bytes, size_t count);
/* Makes room for the next line, and clears this one. */
void console_text_clear(struct console_text *text);

#endif
