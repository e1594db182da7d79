#include "timers.h"
#include "xsmc.h"
#include "xsHost.h"
#include "host.h"
#include "turn.h"
#include <stdlib.h>

struct timer {
	struct timer *next;
	int id;
	double when;
	xsSlot callback;
};

static struct timer *timers;
static int last_timer;

bool timers_are_idle(void)
{
	return !timers;
}

double timers_next(void)
{
	return timers ? timers->when : -1;
}

/* set(callback, milliseconds) → id */
void xs_timer_set(xsMachine *the)
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
void xs_timer_clear(xsMachine *the)
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
		turn_end(machine);
		operation_end(operation);
	}
}
