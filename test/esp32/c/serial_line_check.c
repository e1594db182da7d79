/* Lines over USB to a host that reads, does not read, and is not there (built with MODDEF_CONSOLE_USB). */
#include "serial_line.h"
#include "check.h"
#include "esp_driver_usb_serial_jtag/include/driver/usb_serial_jtag.h"

/* What the host has read, and how much more it takes. */
static char heard[10000];
static size_t length, room;
static bool is_connected = true, is_installed;
static usb_serial_jtag_driver_config_t sizes;

esp_err_t usb_serial_jtag_driver_install(usb_serial_jtag_driver_config_t *settings)
{
	sizes = *settings;
	is_installed = true;
	return ESP_OK;
}

bool usb_serial_jtag_is_driver_installed(void)
{
	return is_installed;
}

bool usb_serial_jtag_is_connected(void)
{
	return is_connected;
}

/* All or nothing goes into the driver's buffer, so a piece may not be larger than that. */
int usb_serial_jtag_write_bytes(const void *bytes, size_t size, uint32_t ticks)
{
	CHECK(is_connected && ticks < 1000 && size <= sizes.tx_buffer_size);
	if (size > room)
		return 0;
	memcpy(heard + length, bytes, size);
	length += size;
	room -= size;
	return (int)size;
}

int usb_serial_jtag_read_bytes(void *bytes, uint32_t size, uint32_t ticks)
{
	(void)bytes, (void)size, (void)ticks;
	return -1;
}

esp_err_t usb_serial_jtag_wait_tx_done(uint32_t ticks)
{
	(void)ticks;
	return ESP_OK;
}

static void write_line(const char *line)
{
	serial_line_write((const uint8_t *)line, strlen(line));
}

static void usb(void)
{
	static char line[4001];
	memset(line, 'x', 4000);
	CHECK(serial_line_open() && !serial_line_open());
	room = sizeof heard;
	write_line("{}");
	write_line(line);
	CHECK(length == 2 + 1 + 4000 + 1 && memcmp(heard, "{}\nxxx", 6) == 0 && heard[length - 1] == '\n');

	/* The host stops in the middle of a line, is away for a while, and comes back: the next line is whole, on its own. */
	length = 0;
	room = 1000;
	write_line(line);
	room = 0;
	write_line("lost");
	is_connected = false;
	write_line("lost");
	is_connected = true;
	room = sizeof heard;
	write_line("{\"event\":1}");
	const char *last = "\n{\"event\":1}\n";
	CHECK(length > strlen(last) && memcmp(heard + length - strlen(last), last, strlen(last)) == 0);
	CHECK(!memmem(heard, length, "lost", 4));

	CHECK(serial_line_read((uint8_t *)line, 10) == 0);
}

int main(int count, char **arguments)
{
	return check_main(count, arguments, (const struct check_case[]){{"usb", usb}, {0}});
}
