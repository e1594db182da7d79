/* What JavaScript reaches through `native(name)` on this board. */
#include "xsmc.h"
#include "xsHost.h"
#include "board.h"
#include "signer_port.h"
#include <stdio.h>
#include <string.h>

/* print(text): a line on standard output */
static void xs_print(xsMachine *the)
{
	puts(xsmcToString(xsArg(0)));
}

/* instructions() → instructions retired since reset */
static void xs_instructions(xsMachine *the)
{
	xsmcSetNumber(xsResult, (double)instructions());
}

/* --- what the signer asks of its port: slots in RAM, for keys that are in the sources anyway; no generator --- */

static struct {
	int slot;
	size_t length; /* 0: not taken */
	uint8_t record[SIGNER_RECORD];
} keys[4];

static int key_at(int slot)
{
	for (int i = 0; i < (int)(sizeof keys / sizeof *keys); i++)
		if (keys[i].length && keys[i].slot == slot)
			return i;
	return -1;
}

int signer_port_read(int slot, uint8_t record[SIGNER_RECORD])
{
	int at = key_at(slot);
	if (at < 0)
		return 0;
	memcpy(record, keys[at].record, keys[at].length);
	return (int)keys[at].length;
}

int signer_port_write(int slot, const uint8_t *record, size_t length)
{
	for (int i = 0; i < (int)(sizeof keys / sizeof *keys); i++) {
		if (keys[i].length)
			continue;
		keys[i].slot = slot;
		keys[i].length = length;
		memcpy(keys[i].record, record, length);
		return SIGNER_PORT_OK;
	}
	return SIGNER_PORT_FAILED;
}

int signer_port_erase(int slot)
{
	int at = key_at(slot);
	if (at >= 0)
		memset(&keys[at], 0, sizeof keys[at]);
	return SIGNER_PORT_OK;
}

int signer_port_random(uint8_t *bytes, size_t length)
{
	(void)bytes, (void)length;
	return SIGNER_PORT_FAILED;
}

/* --- the table --- */

#define NATIVES(X) \
	X(xs_print, 1) \
	X(xs_instructions, 0) \
	X(xs_signer_keccak256, 1) \
	X(xs_signer_sha256, 1) \
	X(xs_signer_curve, 1) \
	X(xs_signer_public_key, 1) \
	X(xs_signer_sign_digest, 2) \
	X(xs_signer_sign_message, 2) \
	X(xs_signer_create, 2) \
	X(xs_signer_import, 3) \
	X(xs_signer_erase, 2)

extern void xs_signer_keccak256(xsMachine *the);
extern void xs_signer_sha256(xsMachine *the);
extern void xs_signer_curve(xsMachine *the);
extern void xs_signer_public_key(xsMachine *the);
extern void xs_signer_sign_digest(xsMachine *the);
extern void xs_signer_sign_message(xsMachine *the);
extern void xs_signer_create(xsMachine *the);
extern void xs_signer_import(xsMachine *the);
extern void xs_signer_erase(xsMachine *the);

/* native(name) → the host function of that name, made once, in ROM */
static void xs_native(xsMachine *the)
{
	xsmcVars(1);
	xsmcGet(xsVar(0), xsGlobal, xsID("native"));
	xsmcGetAt(xsResult, xsVar(0), xsArg(0));
	if (xsmcTypeOf(xsResult) != xsReferenceType)
		xsUnknownError("this board has no such native");
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
	NATIVES(INSTALL)
	xsEndHost(machine);
}
