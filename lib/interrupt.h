/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals that end the process, and mdev_ctx_cancel(): before they act, an operation that has begun
 * is finished or undone.
 */
#ifndef LIB_INTERRUPT_H
#define LIB_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "util/cleanup.h"

/* Signals that are held back in this thread. */
struct interrupt {
	sigset_t signals, mask;	/* the signals above, and the former mask */
	sigset_t known;		/* had come before interrupt_rearm() */
	const int *cancelled;	/* the context's flag */
	bool was_cancelled;	/* before interrupt_rearm() */
	bool is_ending;		/* what runs now ends or undoes the operation: do not stop it */
	int fd;			/* can be read when a signal has come */
};

/*
 * Holds SIGHUP, SIGINT, SIGQUIT and SIGTERM back in this thread, but those that the process
 * ignores or has blocked: they mean nothing to it. Return: 0, -errno.
 */
_must_check_ int interrupt_hold(struct interrupt *interrupt, const int *cancelled);

/* Delivers the signals that have arrived, with their usual effect on the process. */
void interrupt_release(struct interrupt *interrupt);

/* Whether it is time to end. */
bool interrupt_is_pending(const struct interrupt *interrupt);

/* From now on the descriptor and the next function report only new signals and cancellations. */
void interrupt_rearm(struct interrupt *interrupt);

/* Whether mdev_ctx_cancel() was called since. */
bool interrupt_is_cancelled(const struct interrupt *interrupt);

/* Sends the signals that have come since to a process group; they stay pending here. */
void interrupt_pass_on(const struct interrupt *interrupt, pid_t group);

#endif
