#include "line_buffer.h"
#include "signer_slot.h"

size_t line_buffer_take(struct line_buffer *text, const uint8_t *bytes, size_t count)
{
	size_t taken = 0;
	while (taken < count && !text->is_complete) {
		uint8_t byte = bytes[taken++];
		if (byte == '\r' || byte == '\n')
			text->is_complete = text->length > 0;
		else if (text->length < LINE_BUFFER_LIMIT)
			text->bytes[text->length++] = byte;
		else
			text->is_too_long = true;
	}
	return taken;
}

void line_buffer_clear(struct line_buffer *text)
{
	signer_slot_clear(text->bytes, text->length);
	text->length = 0;
	text->is_too_long = text->is_complete = false;
}
