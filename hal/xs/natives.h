/* The functions that JavaScript calls by `native(name)`. */
#ifndef NATIVES_H
#define NATIVES_H

/* Gives a machine the global function `native`. */
void natives_install(void *machine);

#endif
