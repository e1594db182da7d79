/* Stands for xs/platforms/esp/xsHost.h of the Moddable SDK: what hal/esp32/native uses of it. Read after xsmc.h. */
#pragma once
#include <stdint.h>
typedef void (*modMessageDeliver)(void *the, void *refcon, uint8_t *message, uint16_t messageLength);
int modMessagePostToMachine(xsMachine *the, uint8_t *message, uint16_t messageLength, modMessageDeliver callback, void *refcon);
