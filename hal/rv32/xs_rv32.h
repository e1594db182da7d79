/*
 * The platform header of this board (`-DXSPLATFORM="xs_rv32.h"`), read by every XS source. What hal/xs/xs_host.h says,
 * without threads, sockets and atomic instructions: rv32imc has none, and neither has an ESP32-C3.
 */
#ifndef XS_RV32_H
#define XS_RV32_H

#undef mxLittleEndian
#define mxLittleEndian 1
#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef mxFallThrough
	#define mxFallThrough __attribute__((fallthrough))
#endif
#define C_PATH_MAX 256

typedef int txSocket;
#define mxNoSocket -1
#define mxCESU8 1

#define mxMachinePlatform \
	txSocket connection; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultCStackLimit 0 /* posix.c has it */
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1

/* In addition to those of hal/xs/natives.c; in measure.c. */
#define BOARD_NATIVES(X) \
	X(xs_print, 1) \
	X(xs_instructions, 0)

#endif
