/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waits for objects that the kernel supplies late. inotify does not report new files of sysfs, so
 * this looks for them again and again.
 */
#ifndef LIB_WAIT_H
#define LIB_WAIT_H

#include "ctx.h"

/* Of a name and what it is of, cut if they are longer. */
#define WAIT_WHAT_SIZE 256

/* One budget, as mdev_ctx_set_timeout() says, for all that an operation waits for. */
struct wait {
	struct mdev_ctx *ctx;
	unsigned int used_ms;
	unsigned int pause_ms;	/* the next one; 0 at the beginning of each wait */
	unsigned int limit_ms;	/* its own budget, whatever the application has set; 0: none */
	unsigned int usual_ms;	/* its own budget if the application has set none; 0: none */
	bool never;		/* MDEV_OP_NO_WAIT */
	bool told;		/* the application, that there is a wait */
	char what[WAIT_WHAT_SIZE]; /* is waited for, for people */
};

/* The whole budget. */
unsigned int wait_limit(const struct wait *wait);

/* Begins to wait for something else, from the same budget. */
_printf_format_(2, 3) void wait_begin(struct wait *wait, const char *format, ...);

/* Says what else is waited for now, in the same wait. */
_printf_format_(2, 3) void wait_name(struct wait *wait, const char *format, ...);

/* What is waited for has come, or will not: tells the application, before it hears anything else. */
void wait_end(struct wait *wait);

/*
 * Lets a little time pass.
 *
 * Return: whether it is worth looking again; false once the budget is used up or the operation
 * is to end.
 */
bool wait_a_little(struct wait *wait);

/*
 * The same, but no longer than until @fd can be read.
 *
 * Return: 1 if it can, 0 if it is worth looking again, -ETIMEDOUT, -EINTR.
 */
_must_check_ int wait_for_input(struct wait *wait, int fd);

/* Whether the operation is to end: by a signal or by mdev_ctx_cancel(). */
bool wait_is_interrupted(const struct mdev_ctx *ctx);

#endif
