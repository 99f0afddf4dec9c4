/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Log records on standard error, as many as the environment variable MDEVCTL_LOG asks for. */
#ifndef CLI_LOG_H
#define CLI_LOG_H

#include <stddef.h>

#include <libmdev.h>

#include "cleanup.h"

struct log {
	int level; /* an enum mdev_log_level, or less than all of them for no records */
	size_t library_warnings; /* received, shown or not */
};

/*
 * The level that @filter, in the syntax of MDEVCTL_LOG, sets for mdevctl: a list of "LEVEL",
 * "TARGET" and "TARGET=LEVEL". NULL: the variable is not set.
 */
int log_parse_level(const char *filter);

/* Reads MDEVCTL_LOG and makes @log, which must outlive @ctx, the sink of @ctx. */
void log_open(struct log *log, struct mdev_ctx *ctx);

_printf_format_(2, 3) void log_warning(const struct log *log, const char *format, ...);

#endif
