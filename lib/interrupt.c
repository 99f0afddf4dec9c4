// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <sys/signalfd.h>

#include "interrupt.h"

static const int ending_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

int interrupt_hold(struct interrupt *interrupt, const int *cancelled)
{
	struct sigaction action;

	*interrupt = (struct interrupt){ .cancelled = cancelled, .fd = -1 };
	sigemptyset(&interrupt->signals);
	sigemptyset(&interrupt->known);
	pthread_sigmask(SIG_BLOCK, NULL, &interrupt->mask);
	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++)
		if (sigaction(ending_signals[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN &&
		    !sigismember(&interrupt->mask, ending_signals[i]))
			sigaddset(&interrupt->signals, ending_signals[i]);
	interrupt->fd = signalfd(-1, &interrupt->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (interrupt->fd < 0)
		return -errno;
	pthread_sigmask(SIG_BLOCK, &interrupt->signals, NULL);
	return 0;
}

void interrupt_release(struct interrupt *interrupt)
{
	if (interrupt->fd < 0)
		return;
	/* Nothing was read from the descriptor, so they are still pending. */
	pthread_sigmask(SIG_SETMASK, &interrupt->mask, NULL);
	util_close(TAKE_FD(interrupt->fd));
}

/* Those of the held signals that have come. */
static sigset_t interrupt_get_pending(const struct interrupt *interrupt)
{
	sigset_t pending, found;

	sigpending(&pending);
	sigandset(&found, &pending, &interrupt->signals);
	return found;
}

static bool interrupt_read_flag(const struct interrupt *interrupt)
{
	return __atomic_load_n(interrupt->cancelled, __ATOMIC_RELAXED);
}

bool interrupt_is_cancelled(const struct interrupt *interrupt)
{
	return !interrupt->was_cancelled && interrupt_read_flag(interrupt);
}

bool interrupt_is_pending(const struct interrupt *interrupt)
{
	sigset_t pending = interrupt_get_pending(interrupt);

	return !sigisemptyset(&pending) || interrupt_read_flag(interrupt);
}

/* The held signals that are not among @others. */
static sigset_t interrupt_without(const struct interrupt *interrupt, const sigset_t *others)
{
	sigset_t rest = interrupt->signals;

	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++)
		if (sigismember(others, ending_signals[i]) == 1)
			sigdelset(&rest, ending_signals[i]);
	return rest;
}

void interrupt_rearm(struct interrupt *interrupt)
{
	sigset_t awaited;

	interrupt->known = interrupt_get_pending(interrupt);
	awaited = interrupt_without(interrupt, &interrupt->known);
	signalfd(interrupt->fd, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
	interrupt->was_cancelled = interrupt_read_flag(interrupt);
}

void interrupt_pass_on(const struct interrupt *interrupt, pid_t group)
{
	sigset_t pending = interrupt_get_pending(interrupt);
	sigset_t awaited = interrupt_without(interrupt, &interrupt->known);

	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++)
		if (sigismember(&pending, ending_signals[i]) == 1 &&
		    sigismember(&awaited, ending_signals[i]) == 1)
			kill(-group, ending_signals[i]);
	if (interrupt_is_cancelled(interrupt))
		kill(-group, SIGTERM);
}
