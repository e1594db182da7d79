/*
 * Runs a Moddable app for a desktop without a display. It does without a window what the SDK's simulator does with one: no GTK,
 * no X server.
 *
 *   headless mc.so                                              until the app ends the process
 *   headless mc.so --picture WIDTH HEIGHT FILE.ppm MESSAGE ...  gives the app each message, and writes its screen after them
 *
 * A message is for `screen.context.onMessage`. With --picture neither timers nor sockets run: what is to be seen is drawn at
 * once. The app's own output is on standard output. The process also ends with
 *
 *   69  the app cannot be loaded or started
 *   70  memory full; 71 stack overflow; 72 any other fatal error of the engine
 *   74  the picture cannot be written
 *
 * Linux only: built by `npm run sim` against GLib, which the SDK's timers on Linux stand on.
 */
#include "screen.h"
#include <dlfcn.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>

#define WIDTH 320
#define HEIGHT 240

enum { EXIT_NO_APP = 69, EXIT_MEMORY_FULL = 70, EXIT_STACK_OVERFLOW = 71, EXIT_ENGINE = 72, EXIT_NO_PICTURE = 74 };
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

/*
 * The frame has blue, green, red and an unused byte per pixel, each colour with the bits of RGB 565 at its top and zeros below:
 * white is 248. The zeros are filled with the topmost bits, as a panel does.
 */
static int write_picture(const txScreen *screen, const char *path)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		return 0;
	fprintf(file, "P6\n%d %d\n255\n", screen->width, screen->height);
	const unsigned char *end = screen->buffer + (size_t)screen->width * screen->height * screenBytesPerPixel;
	for (const unsigned char *pixel = screen->buffer; pixel < end; pixel += screenBytesPerPixel) {
		fputc(pixel[2] | pixel[2] >> 5, file);
		fputc(pixel[1] | pixel[1] >> 6, file);
		fputc(pixel[0] | pixel[0] >> 5, file);
	}
	return fclose(file) == 0;
}

int main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int has_picture = argc > 5 && !strcmp(argv[2], "--picture");
	int width = has_picture ? atoi(argv[3]) : WIDTH, height = has_picture ? atoi(argv[4]) : HEIGHT;
	void *app = argc == 2 || has_picture ? dlopen(argv[1], RTLD_NOW) : NULL;
	txScreenLaunchProc launch = app ? (txScreenLaunchProc)dlsym(app, "fxScreenLaunch") : NULL;
	txScreen *screen = calloc(1, sizeof *screen + (size_t)width * height * screenBytesPerPixel);
	if (!launch || !screen) {
		fprintf(stderr, "headless: expected a Moddable app, mc.so: %s\n", argc == 2 || has_picture ? dlerror() : "none is named");
		return EXIT_NO_APP;
	}
	screen->width = width;
	screen->height = height;
	screen->abort = abort_app;
	screen->bufferChanged = screen->formatChanged = screen->stop = ignore;
	screen->post = ignore_message;
	screen->start = ignore_start;
	mxCreateMutex(&screen->workersMutex);
	launch(screen);
	if (!screen->machine)
		return EXIT_NO_APP;
	if (has_picture) {
		for (int index = 6; index < argc; index++)
			screen->invoke(screen, argv[index], 0);
		return write_picture(screen, argv[5]) ? 0 : EXIT_NO_PICTURE;
	}
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
	return 0;
}
