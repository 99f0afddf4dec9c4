/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Running a program to its end. Hides pipes, polling and the time limit; knows
 * nothing of what the program is for.
 */
#ifndef LIB_SCRIPT_H
#define LIB_SCRIPT_H

#include "util/cleanup.h"


struct script_result {
	int status;	/* as waitpid() gives it */
	char *out;	/* what it wrote to its standard output, with a NUL behind it; not NULL */
	size_t out_length;
	char *err;	/* the same for standard error */
	size_t err_length;
};

void script_result_clear(struct script_result *result);

#define _cleanup_script_result_ _cleanup_(script_result_clear)

/*
 * script_run() - run a program as a direct child and wait for it
 * @argv: its arguments, ending with NULL; argv[0] is the path of the program
 * @input: what it reads from its standard input
 * @timeout_ms: how long it may run
 * @result: gets how it ended and what it wrote; but for -ENOMEM also on failure
 *
 * Output is taken until the program itself ends: a process it leaves in the
 * background with its pipes open does not hold up the caller.
 *
 * It is the leader of a process group, which is killed as a whole if it must be.
 * Signals that end the caller, unless it ignores or blocks them, are passed on to that
 * group and delivered to the caller when the program has ended.
 *
 * Return: 0 if it ran and ended, however it ended; -ETIMEDOUT or, after 16 MiB of
 * output, -EFBIG if it had to be killed; -EINTR if it had to because it went on after
 * a signal; -ENOEXEC, -EACCES and the like if it could not be started; -ENOMEM.
 */
_must_check_ int script_run(const char *const argv[], const char *input, unsigned int timeout_ms,
			    struct script_result *result);

#endif
