/* At most four sockets, each with a receive window and a write credit. */
#include "link.h"
#include "xsmc.h"
#include "xsHost.h"
#include "host.h"
#include "signer_slot.h"
#include "turn.h"
#include "wire.h"
#include <stdio.h>
#include <string.h>

#define SOCKETS 4
#define WINDOW 2048
#define FRAME_MAX 0xFFFF
#define LINE_MAX_BYTES 4000
/* Streams opened beyond the limit live only until the program is notified. */
#define STREAMS (2 * SOCKETS)

enum { /* to the helper */
	FRAME_OPEN = 1,
	FRAME_DATA = 2, /* both ways */
	FRAME_CREDIT = 3, /* both ways */
	FRAME_CLOSE = 4,
	FRAME_EVENT = 5,
	FRAME_REPORT = 6,
	/* to the device */
	FRAME_END = 7,
	FRAME_ERROR = 8,
	FRAME_LINE = 9, /* both ways */
};

struct stream {
	uint8_t id; /* 0: free */
	bool refused, ended, failed;
	uint16_t received; /* bytes in `buffer` */
	uint16_t credit; /* bytes the program may write */
	uint8_t buffer[WINDOW];
	char reason[256]; /* of the failure */
	xsSlot options; /* the program's object with onReadable, onWritable and onError */
};

static struct stream streams[STREAMS];
static uint8_t last_id;

/* The owner's console. */
static struct {
	bool is_open, takes_key;
	int slot, curve; /* of the key that the next line is */
	xsSlot on_line, on_key;
	uint8_t *line; /* while onLine is called for it */
	size_t length;
} console;

/* --- frames --- */

static void send_frame(uint8_t type, uint8_t id, const void *data, size_t length)
{
	static uint8_t frame[2 + FRAME_MAX]; /* one write a frame: a small one reaches a pipe whole or not at all */
	frame[0] = (uint8_t)(length + 2);
	frame[1] = (uint8_t)((length + 2) >> 8);
	frame[2] = type;
	frame[3] = id;
	memcpy(frame + 4, data, length);
	wire_write(frame, length + 4);
}

static void send_credit(uint8_t id, uint16_t count)
{
	uint8_t data[2] = { (uint8_t)count, (uint8_t)(count >> 8) };
	send_frame(FRAME_CREDIT, id, data, 2);
}

void link_report(const char *json, size_t length)
{
	send_frame(FRAME_REPORT, 0, json, length);
}

/* --- streams --- */

static struct stream *find_stream(int id)
{
	for (int i = 0; id > 0 && i < STREAMS; i++)
		if (streams[i].id == id)
			return &streams[i];
	return NULL;
}

static int count_open(void)
{
	int count = 0;
	for (int i = 0; i < STREAMS; i++)
		count += streams[i].id && !streams[i].refused;
	return count;
}

bool link_is_idle(void)
{
	if (console.is_open)
		return false;
	for (int i = 0; i < STREAMS; i++)
		if (streams[i].id)
			return false;
	return true;
}

static void free_stream(xsMachine *the, struct stream *s)
{
	xsForget(s->options);
	s->id = 0;
}

static void notify(xsMachine *machine, struct stream *s, const char *method, int count)
{
	xsBeginHost(machine);
	xsmcVars(2);
	xsVar(0) = xsAccess(s->options);
	xsmcSetInteger(xsVar(1), count);
	xsmcCall_noResult(xsVar(0), xsID(method), &xsVar(1), NULL);
	xsEndHost(machine);
	turn_end(machine);
}

/* Makes the last call of a stream. An orderly end has no reason. */
static void notify_error(xsMachine *machine, struct stream *s, const char *reason)
{
	xsBeginHost(machine);
	xsmcVars(2);
	xsVar(0) = xsAccess(s->options);
	free_stream(the, s);
	if (reason)
		xsmcSetString(xsVar(1), (char *)reason);
	xsmcCall_noResult(xsVar(0), xsID("onError"), &xsVar(1), NULL);
	xsEndHost(machine);
	turn_end(machine);
}

/* Reports an end whose bytes have all been read. Returns true if there was one. */
static bool deliver_end(xsMachine *machine)
{
	for (int i = 0; i < STREAMS; i++) {
		struct stream *s = &streams[i];
		if (s->id && s->ended && !s->received) {
			char reason[sizeof s->reason];
			memcpy(reason, s->reason, sizeof reason);
			notify_error(machine, s, s->failed ? reason : NULL);
			return true;
		}
	}
	return false;
}

/* Handles the owner's line. The digits of a key stay in this buffer, which the import clears. */
static void receive_line(xsMachine *machine, uint8_t *line, size_t length)
{
	bool is_key = console.takes_key;
	int error = is_key ? signer_slot_import(console.slot, console.curve, line, length) : 0;
	if (!console.is_open)
		return;
	console.takes_key = false;
	xsBeginHost(machine);
	xsmcVars(2);
	if (is_key) {
		xsVar(0) = xsAccess(console.on_key);
		xsForget(console.on_key);
		xsmcSetInteger(xsVar(1), error);
	}
	else {
		xsVar(0) = xsAccess(console.on_line);
		xsmcSetInteger(xsVar(1), (xsIntegerValue)length);
		console.line = line;
		console.length = length;
	}
	xsCallFunction1(xsVar(0), xsUndefined, xsVar(1));
	console.line = NULL;
	xsEndHost(machine);
	turn_end(machine);
}

static void receive_frame(xsMachine *machine)
{
	uint8_t head[4], data[LINE_MAX_BYTES + 1];
	wire_read(head, 4);
	size_t length = (size_t)(head[0] | head[1] << 8) - 2;
	if (length > (head[2] == FRAME_LINE ? sizeof data : WINDOW))
		finish(EXIT_LINK_LOST, "a frame on the link is longer than the window");
	wire_read(data, length);
	if (head[2] == FRAME_LINE) {
		receive_line(machine, data, length);
		return;
	}
	struct stream *s = find_stream(head[3]);
	if (!s)
		return; /* closed by the program while this was on its way */
	switch (head[2]) {
	case FRAME_DATA:
		if (length > (size_t)(WINDOW - s->received))
			finish(EXIT_LINK_LOST, "the helper sent more than the window");
		memcpy(s->buffer + s->received, data, length);
		s->received = (uint16_t)(s->received + length);
		notify(machine, s, "onReadable", s->received);
		break;
	case FRAME_CREDIT:
		s->credit = (uint16_t)(s->credit + (data[0] | data[1] << 8));
		notify(machine, s, "onWritable", s->credit);
		break;
	case FRAME_END:
		s->ended = true;
		break;
	case FRAME_ERROR:
		s->ended = s->failed = true;
		snprintf(s->reason, sizeof s->reason, "%.*s", (int)length, (const char *)data);
		break;
	default:
		finish(EXIT_LINK_LOST, "a frame of an unknown type on the link");
	}
}

void link_poll(void *machine, double deadline)
{
	if (deliver_end(machine))
		return;
	if (link_is_idle() && deadline < 0)
		return;
	if (wire_wait(deadline))
		receive_frame(machine);
}

/* --- natives --- */

/* open(options, host, port, secure) → id */
void xs_link_open(xsMachine *the)
{
	uint8_t data[260];
	struct stream *s = NULL;
	xsStringValue host = xsmcToString(xsArg(1));
	size_t length = strlen(host);
	int port = xsmcToInteger(xsArg(2));
	if (length < 1 || length > 255)
		xsRangeError("expected a host of 1 to 255 bytes");
	if (port < 1 || port > 65535)
		xsRangeError("port: 1 to 65535 expected");
	for (int i = 0; i < STREAMS && !s; i++)
		if (!streams[i].id)
			s = &streams[i];
	if (!s)
		xsRangeError("too many streams opened at once");
	uint32_t operation = operation_begin();
	memset(s, 0, sizeof *s);
	s->refused = count_open() >= SOCKETS;
	do
		last_id = (uint8_t)(last_id + 1);
	while (!last_id || find_stream(last_id));
	s->id = last_id;
	s->options = xsArg(0);
	xsRemember(s->options);
	if (s->refused) {
		s->ended = s->failed = true;
		snprintf(s->reason, sizeof s->reason, "no socket is free: at most %d at a time", SOCKETS);
	}
	else {
		data[0] = (uint8_t)port;
		data[1] = (uint8_t)(port >> 8);
		data[2] = xsmcTest(xsArg(3)) ? 1 : 0;
		data[3] = (uint8_t)WINDOW;
		data[4] = WINDOW >> 8;
		host = xsmcToString(xsArg(1));
		memcpy(data + 5, host, length);
		send_frame(FRAME_OPEN, s->id, data, length + 5);
	}
	operation_end(operation);
	xsmcSetInteger(xsResult, s->id);
}

/* read(id, count) → ArrayBuffer or undefined */
void xs_link_read(xsMachine *the)
{
	struct stream *s = find_stream(xsmcToInteger(xsArg(0)));
	int wanted = xsmcToInteger(xsArg(1));
	if (!s || !s->received || wanted <= 0)
		return;
	uint16_t count = wanted < s->received ? (uint16_t)wanted : s->received;
	uint32_t operation = operation_begin();
	xsmcSetArrayBuffer(xsResult, s->buffer, count);
	s->received = (uint16_t)(s->received - count);
	memmove(s->buffer, s->buffer + count, s->received);
	if (!s->ended)
		send_credit(s->id, count);
	operation_end(operation);
}

/* write(id, bytes) */
void xs_link_write(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	struct stream *s = find_stream(xsmcToInteger(xsArg(0)));
	xsmcGetBufferReadable(xsArg(1), &bytes, &length);
	if (!s)
		xsUnknownError("write to a closed stream");
	if (length > s->credit)
		xsRangeError("write of more than onWritable announced");
	if (!length)
		return;
	uint32_t operation = operation_begin();
	s->credit = (uint16_t)(s->credit - length);
	send_frame(FRAME_DATA, s->id, bytes, operation_is_torn(operation) ? length / 2 : length);
	operation_end(operation);
}

/* close(id) */
void xs_link_close(xsMachine *the)
{
	struct stream *s = find_stream(xsmcToInteger(xsArg(0)));
	if (!s)
		return;
	if (!s->refused)
		send_frame(FRAME_CLOSE, s->id, "", 0);
	free_stream(the, s);
}

/* log(text) */
void xs_log(xsMachine *the)
{
	xsStringValue text = xsmcToString(xsArg(0));
	size_t length = strlen(text);
	if (length > FRAME_MAX - 2)
		xsRangeError("an event may have at most 65,533 bytes");
	send_frame(FRAME_EVENT, 0, text, length);
}

/* --- the owner's console --- */

/* wanted() → true if the helper provides a console */
void xs_console_wanted(xsMachine *the)
{
	xsmcSetBoolean(xsResult, options.console);
}

/* open(onLine): onLine gets each line's length; a line of more than LINE_MAX_BYTES must not be read */
void xs_console_open(xsMachine *the)
{
	console.on_line = xsArg(0);
	xsRemember(console.on_line);
	console.is_open = true;
}

/* read() → the bytes of the line for which onLine is called */
void xs_console_read(xsMachine *the)
{
	if (!console.line || console.length > LINE_MAX_BYTES)
		xsRangeError("no line to read");
	xsmcSetArrayBuffer(xsResult, console.line, (xsIntegerValue)console.length);
}

/* write(text) */
void xs_console_write(xsMachine *the)
{
	xsStringValue text = xsmcToString(xsArg(0));
	size_t length = strlen(text);
	if (length > LINE_MAX_BYTES)
		xsRangeError("a line has at most 4,000 bytes");
	send_frame(FRAME_LINE, 0, text, length);
}

/* takeKey(slot, curve, done): done is called with 0 or an error of signer_slot.h */
void xs_console_take_key(xsMachine *the)
{
	console.slot = xsmcToInteger(xsArg(0));
	console.curve = xsmcToInteger(xsArg(1));
	console.on_key = xsArg(2);
	xsRemember(console.on_key);
	console.takes_key = true;
}
