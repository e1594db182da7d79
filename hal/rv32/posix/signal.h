/* The part of signals that hal/xs/preload.c uses: a fault and its address. In posix.c, from the core's traps. */
#ifndef RV32_SIGNAL_H
#define RV32_SIGNAL_H

#define SIGSEGV 11
#define SIG_DFL ((void (*)(int))0)
#define SA_SIGINFO 2

typedef struct {
	void *si_addr;
} siginfo_t;

struct sigaction {
	void (*sa_sigaction)(int, siginfo_t *, void *);
	int sa_flags;
};

int sigaction(int number, const struct sigaction *action, struct sigaction *old);
void (*signal(int number, void (*handler)(int)))(int);
int raise(int number);

#endif
