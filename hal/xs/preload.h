/* The machine in ROM. */
#ifndef PRELOAD_H
#define PRELOAD_H

#include "memory.h"

/* Makes a shared machine, read-only from then on, in which the entry's module graph has been run and frozen. */
txMachine *preload(void);

#endif
