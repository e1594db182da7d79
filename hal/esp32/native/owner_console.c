/*
 * The owner's console for XS (serial_console.ts). A reader task assembles lines, posts each to the machine as a message, and reads
 * on once the machine has taken it. A line that carries a private key goes from here straight to its slot: its digits never
 * enter the JavaScript heap. The driver's receive buffer keeps them until the next bytes arrive.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "line_buffer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "serial_line.h"
#include "signer_slot.h"

#define READER_STACK 3072
#define READER_PRIORITY 5
#define CHUNK 64

static struct {
	struct line_buffer line;
	xsMachine *machine;
	SemaphoreHandle_t taken;
	xsSlot on_line, on_key;
	bool wants_key, is_readable;
	int slot, curve;
} console;

static void deliver_key(xsMachine *the)
{
	int error = SIGNER_SLOT_KEY_OUT_OF_RANGE;
	if (!console.line.is_too_long)
		error = signer_slot_import(console.slot, console.curve, console.line.bytes, console.line.length);
	line_buffer_clear(&console.line);
	xSemaphoreGive(console.taken);
	console.wants_key = false;
	xsmcVars(2);
	xsVar(0) = xsAccess(console.on_key);
	xsForget(console.on_key);
	xsmcSetInteger(xsVar(1), error);
	xsCallFunction1(xsVar(0), xsUndefined, xsVar(1));
}

static void deliver_line(xsMachine *the)
{
	xsmcVars(2);
	xsVar(0) = xsAccess(console.on_line);
	xsmcSetInteger(xsVar(1), console.line.is_too_long ? INT32_MAX : (xsIntegerValue)console.line.length);
	console.is_readable = !console.line.is_too_long;
	xsCallFunction1(xsVar(0), xsUndefined, xsVar(1));
	console.is_readable = false;
	line_buffer_clear(&console.line);
	xSemaphoreGive(console.taken);
}

static void deliver(void *machine, void *refcon, uint8_t *message, uint16_t length)
{
	(void)refcon, (void)message, (void)length;
	xsBeginHost(machine);
	if (console.wants_key)
		deliver_key(the);
	else
		deliver_line(the);
	xsEndHost(machine);
}

static void reader(void *nothing)
{
	uint8_t chunk[CHUNK];
	(void)nothing;
	for (;;) {
		size_t count = serial_line_read(chunk, sizeof chunk), taken = 0;
		while (taken < count) {
			taken += line_buffer_take(&console.line, chunk + taken, count - taken);
			if (!console.line.is_complete)
				continue;
			while (modMessagePostToMachine(console.machine, NULL, 0, deliver, NULL) != 0)
				vTaskDelay(1);
			xSemaphoreTake(console.taken, portMAX_DELAY);
		}
		signer_slot_clear(chunk, count);
	}
}

/* start() → true if the serial line is available */
void xs_owner_console_start(xsMachine *the)
{
	if (serial_line_open())
		xsmcSetTrue(xsResult);
	else
		xsmcSetFalse(xsResult);
}

/* open(onLine): calls onLine(length); for a line that was too long, with more than any limit */
void xs_owner_console_open(xsMachine *the)
{
	if (console.taken)
		xsUnknownError("the console is already open");
	console.machine = the;
	console.on_line = xsArg(0);
	xsRemember(console.on_line);
	console.taken = xSemaphoreCreateBinary();
	if (!console.taken || xTaskCreate(reader, "console", READER_STACK, NULL, READER_PRIORITY, NULL) != pdPASS)
		xsUnknownError("no memory for the console's reader");
}

/* read() → the bytes of the line for which onLine is called */
void xs_owner_console_read(xsMachine *the)
{
	if (!console.is_readable)
		xsUnknownError("no line to read");
	xsmcSetArrayBuffer(xsResult, console.line.bytes, (xsIntegerValue)console.line.length);
}

/* takeKey(slot, curve, done): done(error of signer_slot.h, or 0) */
void xs_owner_console_take_key(xsMachine *the)
{
	if (console.wants_key)
		xsUnknownError("another key import is pending");
	console.slot = xsmcToInteger(xsArg(0));
	console.curve = xsmcToInteger(xsArg(1));
	console.on_key = xsArg(2);
	xsRemember(console.on_key);
	console.wants_key = true;
}

/* write(bytes) */
void xs_owner_console_write(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(0), &bytes, &length);
	serial_line_write(bytes, length);
}
