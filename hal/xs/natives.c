/* The table is at the end; arguments and results are those of hal/xs/port.ts. */
#include "natives.h"
#include "xsmc.h"
#include "xsHost.h"
#include "host.h"
#include "signer_port.h"
#include <stdio.h>
#include <unistd.h>

#define CONFIGURATION_MAX 65536

/* --- clock, random, configuration, restart --- */

/* wall() → milliseconds since the epoch, or undefined */
static void xs_clock_wall(xsMachine *the)
{
	if (options.clock_set)
		xsmcSetNumber(xsResult, wall_now() + options.clock_offset);
}

/* set(milliseconds since the epoch) */
static void xs_clock_set(xsMachine *the)
{
	double wall = xsmcToNumber(xsArg(0));
	options.clock_set = true;
	options.clock_offset = wall - wall_now();
}

/* monotonic() → milliseconds */
static void xs_clock_monotonic(xsMachine *the)
{
	xsmcSetNumber(xsResult, monotonic_now());
}

/* random(buffer) */
static void xs_random(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	xsmcGetBufferWritable(xsArg(0), &bytes, &length);
	if (signer_port_random(bytes, length) != SIGNER_PORT_OK)
		xsUnknownError("the generator gave no bytes");
}

/* configuration() → ArrayBuffer of JSON text; undefined without --config */
static void xs_configuration(xsMachine *the)
{
	static uint8_t bytes[CONFIGURATION_MAX + 1];
	static size_t length;
	ssize_t count = 0;
	if (options.configuration < 0)
		return;
	while (length < sizeof bytes && (count = read(options.configuration, bytes + length, sizeof bytes - length)) > 0)
		length += (size_t)count;
	if (count < 0)
		xsUnknownError("the configuration cannot be read");
	if (length > CONFIGURATION_MAX)
		xsRangeError("the configuration has more than 65,536 bytes");
	xsmcSetArrayBuffer(xsResult, bytes, (xsIntegerValue)length);
}

/* restart(reason) */
static void xs_restart(xsMachine *the)
{
	char reason[512];
	snprintf(reason, sizeof reason, "restart: %s", xsmcToString(xsArg(0)));
	finish(EXIT_RESTART, reason);
}

/* --- the table --- */

#define SIGNER_NATIVES(X) \
	X(xs_signer_keccak256, 1) \
	X(xs_signer_sha256, 1) \
	X(xs_signer_curve, 1) \
	X(xs_signer_public_key, 1) \
	X(xs_signer_sign_digest, 2) \
	X(xs_signer_sign_message, 2) \
	X(xs_signer_create, 2) \
	X(xs_signer_import, 3) \
	X(xs_signer_erase, 2)

#define HOST_NATIVES(X) \
	X(xs_link_open, 4) \
	X(xs_link_read, 2) \
	X(xs_link_write, 2) \
	X(xs_link_close, 1) \
	X(xs_log, 1) \
	X(xs_console_wanted, 0) \
	X(xs_console_open, 1) \
	X(xs_console_read, 0) \
	X(xs_console_write, 1) \
	X(xs_console_take_key, 3) \
	X(xs_storage_read, 1) \
	X(xs_storage_write, 2) \
	X(xs_storage_delete, 1) \
	X(xs_timer_set, 2) \
	X(xs_timer_clear, 1)

#define LOCAL_NATIVES(X) \
	X(xs_clock_wall, 0) \
	X(xs_clock_set, 1) \
	X(xs_clock_monotonic, 0) \
	X(xs_random, 1) \
	X(xs_configuration, 0) \
	X(xs_restart, 1)

/* A board's own natives: its platform header defines them. */
#ifndef BOARD_NATIVES
	#define BOARD_NATIVES(X)
#endif

#define DECLARE(NAME, LENGTH) extern void NAME(xsMachine *the);
SIGNER_NATIVES(DECLARE)
HOST_NATIVES(DECLARE)
BOARD_NATIVES(DECLARE)

/* native(name) → the host function of that name, made once, in ROM: nothing is allocated by a call. */
static void xs_native(xsMachine *the)
{
	xsmcVars(1);
	xsmcGet(xsVar(0), xsGlobal, xsID("native"));
	xsmcGetAt(xsResult, xsVar(0), xsArg(0));
	if (xsmcTypeOf(xsResult) != xsReferenceType) {
		char text[96];
		snprintf(text, sizeof text, "native \"%.40s\" is missing from this port", xsmcToString(xsArg(0)));
		xsUnknownError(text);
	}
}

void natives_install(void *machine)
{
	xsBeginHost(machine);
	xsmcVars(2);
	xsVar(0) = xsNewHostFunction(xs_native, 1);
	xsmcSet(xsGlobal, xsID("native"), xsVar(0));
#define INSTALL(NAME, LENGTH) \
	xsVar(1) = xsNewHostFunction(NAME, LENGTH); \
	xsmcSet(xsVar(0), xsID(#NAME), xsVar(1));
	SIGNER_NATIVES(INSTALL)
	HOST_NATIVES(INSTALL)
	LOCAL_NATIVES(INSTALL)
	BOARD_NATIVES(INSTALL)
	xsEndHost(machine);
}
