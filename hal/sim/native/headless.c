/*
 * Runs a Moddable app for a desktop without a display: `headless mc.so`. What the SDK's simulator does with a window, this does
 * without: no GTK, no X server, no pixels. The app's own output is on standard output; it ends the process itself, but for:
 *
 *   69  the app cannot be loaded or started
 *   70  memory full; 71 stack overflow; 72 anything else that the engine does not go on after
 *
 * Linux alone: built by `npm run sim` against GLib, which the SDK's timers on Linux stand on.
 */
#include "screen.h"
#include <dlfcn.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <signal.h>

#define WIDTH 320
#define HEIGHT 240

enum { EXIT_NO_APP = 69, EXIT_MEMORY_FULL = 70, EXIT_STACK_OVERFLOW = 71, EXIT_ENGINE = 72 };
/* As xsCommon.h of the SDK has them. */
enum { ENGINE_MEMORY_FULL = 1, ENGINE_STACK_OVERFLOW = 2, ENGINE_NATIVE_STACK_OVERFLOW = 9 };

static int code_of(int status)
{
	switch (status) {
	case ENGINE_MEMORY_FULL:
		return EXIT_MEMORY_FULL;
	case ENGINE_STACK_OVERFLOW:
	case ENGINE_NATIVE_STACK_OVERFLOW:
		return EXIT_STACK_OVERFLOW;
	default:
		return EXIT_ENGINE;
	}
}

static void abort_app(txScreen *screen, int status)
{
	fflush(NULL);
	_Exit(code_of(status));
}

static void ignore(txScreen *screen)
{
}

static void ignore_message(txScreen *screen, char *text, int size)
{
}

static void ignore_start(txScreen *screen, double interval)
{
}

int main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	void *app = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	txScreenLaunchProc launch = app ? (txScreenLaunchProc)dlsym(app, "fxScreenLaunch") : NULL;
	txScreen *screen = calloc(1, sizeof *screen + WIDTH * HEIGHT * screenBytesPerPixel);
	if (!launch || !screen) {
		fprintf(stderr, "headless: expected a Moddable app, mc.so: %s\n", argc == 2 ? dlerror() : "none is named");
		return EXIT_NO_APP;
	}
	screen->width = WIDTH;
	screen->height = HEIGHT;
	screen->abort = abort_app;
	screen->bufferChanged = screen->formatChanged = screen->stop = ignore;
	screen->post = ignore_message;
	screen->start = ignore_start;
	mxCreateMutex(&screen->workersMutex);
	launch(screen);
	if (!screen->machine)
		return EXIT_NO_APP;
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
	return 0;
}
