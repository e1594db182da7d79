/* Lines put together from bytes, against a plain second opinion. */
#include "line_buffer.h"
#include "check.h"

static struct line_buffer text;

static void feed(const char *bytes, size_t count)
{
	CHECK(line_buffer_take(&text, (const uint8_t *)bytes, count) == count);
}

static bool is_line(const char *expected)
{
	return text.is_complete && !text.is_too_long && text.length == strlen(expected) && memcmp(text.bytes, expected, text.length) == 0;
}

static void ends(void)
{
	feed("help\n", 5);
	CHECK(is_line("help"));
	CHECK(line_buffer_take(&text, (const uint8_t *)"x", 1) == 0);
	line_buffer_clear(&text);
	feed("\n\r\n\rstatus\r", 11);
	CHECK(is_line("status"));
	line_buffer_clear(&text);
	feed("\na\0b\n", 5);
	CHECK(text.is_complete && text.length == 3 && memcmp(text.bytes, "a\0b", 3) == 0);
}

static void limit(void)
{
	static uint8_t bytes[LINE_BUFFER_LIMIT + 2];
	memset(bytes, 'x', sizeof bytes);
	for (size_t length = LINE_BUFFER_LIMIT - 1; length <= LINE_BUFFER_LIMIT + 1; length++) {
		feed((char *)bytes, length);
		CHECK(!text.is_complete);
		feed("\n", 1);
		CHECK(text.is_complete && text.is_too_long == (length > LINE_BUFFER_LIMIT));
		line_buffer_clear(&text);
		CHECK(!text.is_too_long && text.length == 0);
		for (size_t i = 0; i < LINE_BUFFER_LIMIT; i++)
			CHECK(text.bytes[i] == 0);
	}
}

/* Random bytes in random pieces: the lines are those between the ends, in their order, and nothing else. */
static void fuzz(void)
{
	static uint8_t bytes[100000];
	srand(1);
	for (size_t i = 0; i < sizeof bytes; i++) {
		int dice = rand() % 1000;
		bytes[i] = i > 50000 && i < 60000 ? 'x' : dice < 5 ? '\n' : dice < 8 ? '\r' : (uint8_t)rand();
	}
	size_t at = 0, line = 0, lines = 0, too_long = 0;
	while (at < sizeof bytes) {
		size_t piece = (size_t)rand() % 300 + 1;
		at += line_buffer_take(&text, bytes + at, piece < sizeof bytes - at ? piece : sizeof bytes - at);
		if (!text.is_complete)
			continue;
		while (bytes[line] == '\r' || bytes[line] == '\n')
			line++;
		size_t length = at - 1 - line, kept = length < LINE_BUFFER_LIMIT ? length : LINE_BUFFER_LIMIT;
		CHECK(text.is_too_long == (length > LINE_BUFFER_LIMIT) && text.length == kept);
		CHECK(memcmp(text.bytes, bytes + line, kept) == 0);
		lines++;
		too_long += text.is_too_long;
		line = at;
		line_buffer_clear(&text);
	}
	CHECK(lines > 500 && too_long >= 1);
}

int main(int count, char **arguments)
{
	return check_main(count, arguments, (const struct check_case[]){{"ends", ends}, {"limit", limit}, {"fuzz", fuzz}, {0}});
}
