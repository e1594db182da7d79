/* As much of XS as owner_console.c needs to run without an engine: slots, functions that are C, buffers that are counted. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct xsMachine xsMachine;
typedef int xsIntegerValue;
typedef unsigned int xsUnsignedValue;
typedef struct slot {
	enum { UNDEFINED, BOOLEAN, INTEGER, BYTES, FUNCTION } kind;
	int integer;
	uint8_t bytes[4096];
	size_t length;
	void (*function)(const struct slot *argument);
} xsSlot;

struct xsMachine {
	xsSlot vars[2], arguments[3], result;
	/* How often something was remembered and not forgotten. */
	int remembered;
};

#define xsUndefined ((xsSlot){.kind = UNDEFINED})
#define xsResult the->result
#define xsArg(index) the->arguments[index]
#define xsVar(index) the->vars[index]
#define xsmcVars(count) (the->vars[0] = the->vars[1] = xsUndefined)
#define xsmcSetTrue(slot) ((slot) = (xsSlot){.kind = BOOLEAN, .integer = 1})
#define xsmcSetFalse(slot) ((slot) = (xsSlot){.kind = BOOLEAN})
#define xsmcSetInteger(slot, value) ((slot) = (xsSlot){.kind = INTEGER, .integer = (value)})
#define xsmcToInteger(slot) ((slot).integer)
#define xsmcSetArrayBuffer(slot, data, size) fake_buffer(&(slot), data, (size_t)(size))
#define xsmcGetBufferReadable(slot, data, size) (*(data) = (slot).bytes, *(size) = (xsUnsignedValue)(slot).length)
#define xsAccess(slot) (slot)
#define xsRemember(slot) ((void)(slot), the->remembered++)
#define xsForget(slot) ((void)(slot), the->remembered--)
#define xsCallFunction1(callee, self, argument) ((void)(self), (callee).function(&(argument)))
#define xsUnknownError(message) fake_throw(message)
#define xsBeginHost(machine) do { xsMachine *the = (machine);
#define xsEndHost(machine) (void)the; } while (0)

void fake_buffer(xsSlot *slot, const void *bytes, size_t length);
void fake_throw(const char *message) __attribute__((noreturn));
