/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a program to its end. Hides pipes, polling and the time limit; does not know the purpose of
 * the program.
 */
#ifndef LIB_SCRIPT_H
#define LIB_SCRIPT_H

#include "interrupt.h"
#include "util/cleanup.h"

struct script_result {
	int status;	/* as waitpid() gives it */
	char *out;	/* its standard output, with a NUL after it; not NULL */
	size_t out_length;
	char *err;	/* the beginning of its standard error, likewise */
	size_t err_length;
	size_t err_left_out;	/* and how many bytes more that was */
};

void script_result_clear(struct script_result *result);

#define _cleanup_script_result_ _cleanup_(script_result_clear)

/* How long a program may run after a signal that ends its caller. */
#define SCRIPT_GRACE_MS 5000

/*
 * script_run() - run a program as a direct child and wait for it
 * @argv: its arguments, ending with NULL; argv[0] is the path of the program
 * @input: what it reads from its standard input
 * @timeout_ms: how long it may run
 * @interrupt: signals that are held; those that come from now on are passed on
 * @result: gets how it ended and what it wrote; but for -ENOMEM also on failure
 *
 * Output is taken until the program itself ends: a process it leaves in the
 * background with its pipes open does not hold up the caller.
 *
 * It is the leader of a process group, which is killed as a whole if it must be.
 *
 * Return: 0 if it ran and ended, however it ended; -ETIMEDOUT or, after 16 MiB of
 * output, -EFBIG if it had to be killed; -EINTR if it was still running some seconds
 * after a signal; -ENOEXEC, -EACCES and the like if it could not be started; -ENOMEM.
 */
_must_check_ int script_run(const char *const argv[], const char *input, unsigned int timeout_ms,
			    struct interrupt *interrupt, struct script_result *result);

#endif
