/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call of one script, in the protocol that mdevctl(8) describes under CALLOUTS. */
#ifndef LIB_SCRIPT_CALL_H
#define LIB_SCRIPT_CALL_H

#include "ctx.h"
#include "script.h"

/* A word of the protocol. */
struct script_word {
	const char *name;	/* as scripts get it */
	const char *title;	/* as messages say it */
};

/* A request to a script. It owns nothing. */
struct script_call {
	const struct script_word *event, *action;
	const char *uuid, *parent, *type;
	const char *state;
	const char *input;	/* JSON for its standard input */
};

/* Whether the result of script_call() means that the file is not a script, or has gone. */
bool script_is_none(int r);

/*
 * Runs @path. Signals must be held: see operation_hold().
 *
 * Return: 0 if it ran, however it ended, -errno, unreported, as script_run().
 */
_must_check_ int script_call(struct mdev_ctx *ctx, const char *path,
			     const struct script_call *call, struct script_result *result);

/* Logs the standard error of a script, under its name. */
void script_show(struct mdev_ctx *ctx, const char *path, struct script_result *result);

/* Reports that a script could not be run, or not to its end. Return: @r. */
int script_fail(struct mdev_ctx *ctx, const char *path, int r);

/* Fails with -ECANCELED, reported, if a script ended with a failure. */
int script_check(struct mdev_ctx *ctx, const char *path, int status);

#endif
