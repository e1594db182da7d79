/*
 * The platform header of the XS host (`-DXSPLATFORM="xs_host.h"`), read by every XS source and by ours. It says what a
 * small device's one says: CESU-8 strings, parser and debugger left to the host, memory from one arena (memory.c).
 */
#ifndef XS_HOST_H
#define XS_HOST_H

#undef mxLittleEndian
#define mxLittleEndian 1
#undef mxLinux
#define mxLinux 1
#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int txSocket;
#define mxNoSocket -1
#define mxCESU8 1
#if INTPTR_MAX == INT64_MAX
	#define mx32bitID 1
#endif

#define mxMachinePlatform \
	txSocket connection; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1

#endif
