/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIB_STATUS_H
#define LIB_STATUS_H

#include "attempt.h"
#include "ctx.h"
#include "util/buffer.h"

struct mdev_status {
	unsigned int refs;
	struct mdev_uuid uuid;
	char *parent, *type, *owner;
	bool active;
	enum mdev_verdict verdict;
	char *reason, *advice;
	struct attempt attempt;	/* the last one, if it failed */
};

/* A list that is being made. */
struct status_listing {
	struct mdev_ctx *ctx;
	unsigned int flags;
	struct mdev_definition **definitions;	/* of all parents: a device may be on another */
	struct mdev_definition **by_uuid;	/* the same, once they are needed */
	size_t definition_count;
	struct mdev_device **devices;
	struct mdev_status **items;
	size_t count;
	const char *there;			/* the parent that was seen last */
};

/* How a device is named to the command, on the one parent that is meant. */
#define STATUS_NAME	    "-u %s -p %s"
#define STATUS_NAME_ARGS(s) (s)->uuid.text, (s)->parent

/*
 * Gives a verdict. @reason, which is taken over, and the advice may be empty. Values of attributes
 * and names come from outside: each text is made one line. Return: 0, -ENOMEM reported.
 */
_must_check_ _printf_format_(5, 6) int status_judge(struct mdev_ctx *ctx,
						    struct mdev_status *status,
						    enum mdev_verdict verdict,
						    struct buffer *reason, const char *format, ...);

/* Of a definition that says nothing of use: its file is read again, which says why. */
_must_check_ int status_judge_file(struct mdev_ctx *ctx, struct mdev_status *status);

/* Of a device that is defined and not active. Return: 0, -errno reported. */
_must_check_ int status_judge_inactive(struct status_listing *list, struct mdev_status *status,
				       const struct mdev_definition *definition);

/* Of an active one; @definition: NULL if it has none for its parent. Return: 0, -errno reported. */
_must_check_ int status_judge_active(struct status_listing *list, struct mdev_status *status,
				     const struct mdev_device *device,
				     const struct mdev_definition *definition);

#endif
