/* A program of checks: each case has a name, and the program runs the one that its first argument names. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			exit(1); \
		} \
	} while (0)

struct check_case {
	const char *name;
	void (*run)(void);
};

static int check_main(int count, char **arguments, const struct check_case *cases)
{
	for (; cases->name; cases++) {
		if (count == 2 && strcmp(arguments[1], cases->name) == 0) {
			cases->run();
			return 0;
		}
	}
	fprintf(stderr, "no such case\n");
	return 2;
}
