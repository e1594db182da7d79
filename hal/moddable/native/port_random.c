/* random(buffer), of ../random.ts. */
#include "xsmc.h"
#include "xsHost.h"
#include "signer_port.h"

void xs_port_random(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	xsmcGetBufferWritable(xsArg(0), &bytes, &length);
	if (signer_port_random(bytes, length) != SIGNER_PORT_OK)
		xsUnknownError("the generator gave no bytes");
}
