/* The natives of the bench's programs, in addition to those of every program. */
#include "xsmc.h"
#include "xsHost.h"
#include "board.h"
#include <stdio.h>

/* print(text): a line on standard output */
void xs_print(xsMachine *the)
{
	puts(xsmcToString(xsArg(0)));
}

/* instructions() → instructions retired since reset */
void xs_instructions(xsMachine *the)
{
	xsmcSetNumber(xsResult, (double)instructions());
}
