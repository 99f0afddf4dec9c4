/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records of failures to start devices automatically: a file in <root>/run/mdevctl for each
 * definition, which only root can read. Where /run cannot be written there are no records.
 */
#ifndef LIB_ATTEMPT_H
#define LIB_ATTEMPT_H

#include "ctx.h"

/* Why the last attempt failed; all zero: there is no record. */
struct attempt {
	int result;		/* -errno */
	char *time;		/* RFC 3339, in UTC */
	char *by;		/* the systemd unit, or else the process */
	char *error;		/* one line */
};

void attempt_clear(struct attempt *attempt);

/*
 * Replaces the record, whole or not at all. A failure is no error: there is no record then.
 * @definition: text of the definition, which the record is about.
 */
void attempt_record(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		    const char *definition, int result, const char *error);

/*
 * Reads the record about a definition that still is as it was. One that cannot be read or
 * understood is none; -ENOMEM, unreported.
 */
_must_check_ int attempt_read(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			      const char *parent, const char *definition, struct attempt *attempt);

/* Removes the record, if there is one. */
void attempt_forget(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent);

#endif
