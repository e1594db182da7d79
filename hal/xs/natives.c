/* What JavaScript reaches through `native(name)`: see the table at the end. Arguments and results as hal/xs/port.ts has them. */
#include "xsmc.h"
#include "xsHost.h"
#include "host.h"
#include "signer_port.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	if (!options.configuration)
		return;
	FILE *file = fopen(options.configuration, "r");
	if (!file)
		xsUnknownError("the configuration cannot be read");
	size_t length = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
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

/* --- timers, soonest first; of two at the same moment the older one first --- */

struct timer {
	struct timer *next;
	int id;
	double when;
	xsSlot callback;
};

static struct timer *timers;
static int last_timer;

bool timers_is_idle(void)
{
	return !timers;
}

double timers_next(void)
{
	return timers ? timers->when : -1;
}

/* set(callback, milliseconds) → id */
static void xs_timer_set(xsMachine *the)
{
	double milliseconds = xsmcToNumber(xsArg(1));
	struct timer *timer = calloc(1, sizeof *timer), **at = &timers;
	if (!timer)
		xsUnknownError("no memory for a timer");
	timer->id = ++last_timer;
	timer->when = monotonic_now() + (milliseconds > 0 ? milliseconds : 0);
	timer->callback = xsArg(0);
	xsRemember(timer->callback);
	while (*at && (*at)->when <= timer->when)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
	xsmcSetInteger(xsResult, timer->id);
}

/* clear(id) */
static void xs_timer_clear(xsMachine *the)
{
	int id = xsmcToInteger(xsArg(0));
	for (struct timer **at = &timers; *at; at = &(*at)->next) {
		struct timer *timer = *at;
		if (timer->id != id)
			continue;
		*at = timer->next;
		xsForget(timer->callback);
		free(timer);
		return;
	}
}

void timers_fire(void *machine)
{
	double now = monotonic_now();
	while (timers && timers->when <= now) {
		struct timer *timer = timers;
		uint32_t operation = operation_begin();
		timers = timer->next;
		xsBeginHost(machine);
		xsmcVars(1);
		xsVar(0) = xsAccess(timer->callback);
		xsForget(timer->callback);
		free(timer);
		xsCallFunction0(xsVar(0), xsUndefined);
		xsEndHost(machine);
		machine_settle(machine);
		operation_end(operation);
	}
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
	X(xs_console_write, 1) \
	X(xs_console_take_key, 3) \
	X(xs_storage_read, 1) \
	X(xs_storage_write, 2) \
	X(xs_storage_delete, 1)

#define LOCAL_NATIVES(X) \
	X(xs_clock_wall, 0) \
	X(xs_clock_set, 1) \
	X(xs_clock_monotonic, 0) \
	X(xs_random, 1) \
	X(xs_configuration, 0) \
	X(xs_restart, 1) \
	X(xs_timer_set, 2) \
	X(xs_timer_clear, 1)

/* What a board has beside these; its platform header says it. */
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

void natives_install(xsMachine *machine);
void natives_install(xsMachine *machine)
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
