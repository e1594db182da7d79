#include "serial_line.h"
#include "freertos/FreeRTOS.h"
#include "mc.defines.h"

#define RECEIVE_BUFFER 512
#define SEND_BUFFER 1024
#define FLUSH_MS 1000

#if MODDEF_CONSOLE_USB

#include "esp_driver_usb_serial_jtag/include/driver/usb_serial_jtag.h"

#define WRITE_MS 200

/* True after a partial write: the next line must begin with a line end. */
static bool is_broken;

bool serial_line_open(void)
{
	usb_serial_jtag_driver_config_t sizes = {.tx_buffer_size = SEND_BUFFER, .rx_buffer_size = RECEIVE_BUFFER};
	return !usb_serial_jtag_is_driver_installed() && usb_serial_jtag_driver_install(&sizes) == ESP_OK;
}

size_t serial_line_read(uint8_t *bytes, size_t size)
{
	int count = usb_serial_jtag_read_bytes(bytes, size, portMAX_DELAY);
	return count > 0 ? (size_t)count : 0;
}

static bool write_all(const uint8_t *bytes, size_t length)
{
	while (length) {
		size_t part = length < SEND_BUFFER / 2 ? length : SEND_BUFFER / 2;
		int count = usb_serial_jtag_is_connected() ? usb_serial_jtag_write_bytes(bytes, part, pdMS_TO_TICKS(WRITE_MS)) : 0;
		if (count <= 0)
			return false;
		bytes += count;
		length -= (size_t)count;
	}
	return true;
}

void serial_line_write(const uint8_t *bytes, size_t length)
{
	if (is_broken && !write_all((const uint8_t *)"\n", 1))
		return;
	is_broken = !write_all(bytes, length) || !write_all((const uint8_t *)"\n", 1);
}

void serial_line_flush(void)
{
	usb_serial_jtag_wait_tx_done(pdMS_TO_TICKS(FLUSH_MS));
}

#else

#include "driver/uart.h"
#include "soc/uart_pins.h"

#ifdef MODDEF_CONSOLE_BAUD
	#define BAUD MODDEF_CONSOLE_BAUD
#else
	#define BAUD 115200
#endif

bool serial_line_open(void)
{
	uart_config_t settings = {
		.baud_rate = BAUD,
		.data_bits = UART_DATA_8_BITS,
		.parity = UART_PARITY_DISABLE,
		.stop_bits = UART_STOP_BITS_1,
		.flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
		.source_clk = UART_SCLK_DEFAULT,
	};
	return !uart_is_driver_installed(UART_NUM_0) &&
	       uart_driver_install(UART_NUM_0, RECEIVE_BUFFER, SEND_BUFFER, 0, NULL, 0) == ESP_OK &&
	       uart_param_config(UART_NUM_0, &settings) == ESP_OK &&
	       uart_set_pin(UART_NUM_0, U0TXD_GPIO_NUM, U0RXD_GPIO_NUM, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE) == ESP_OK;
}

size_t serial_line_read(uint8_t *bytes, size_t size)
{
	/* Waits for the first byte, and takes all others that are there. */
	size_t more = 0;
	if (uart_read_bytes(UART_NUM_0, bytes, 1, portMAX_DELAY) != 1)
		return 0;
	uart_get_buffered_data_len(UART_NUM_0, &more);
	int count = more && size > 1 ? uart_read_bytes(UART_NUM_0, bytes + 1, (uint32_t)(more < size - 1 ? more : size - 1), 0) : 0;
	return 1 + (size_t)(count > 0 ? count : 0);
}

void serial_line_write(const uint8_t *bytes, size_t length)
{
	uart_write_bytes(UART_NUM_0, bytes, length);
	uart_write_bytes(UART_NUM_0, "\n", 1);
}

void serial_line_flush(void)
{
	uart_wait_tx_done(UART_NUM_0, pdMS_TO_TICKS(FLUSH_MS));
}

#endif
