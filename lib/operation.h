/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One request, from the public function to the last script. It holds a handle all the time, so the
 * checked device is the one that is written.
 */
#ifndef LIB_OPERATION_H
#define LIB_OPERATION_H

#include "backend.h"
#include "config.h"
#include "interrupt.h"
#include "journal.h"
#include "log.h"
#include "script_known.h"
#include "wait.h"

enum operation_kind {
	OPERATION_START,
	OPERATION_STOP,
	OPERATION_DEFINE,
	OPERATION_UNDEFINE,
	OPERATION_MODIFY,
	OPERATION_DESCRIBE,	/* runs no "pre" and no "post" */
};

/* Strings and objects are borrowed from the caller. */
struct operation {
	struct mdev_ctx *ctx;
	enum operation_kind kind;
	unsigned int flags;
	const struct mdev_uuid *uuid;
	const char *parent, *type;		/* NULL if not chosen */
	char *found_type;	/* the id that the parent has for it now; owned */
	const struct config *config;		/* standard input of scripts */
	const struct mdev_definition *definition;	/* NULL if it is about a device only */
	const struct mdev_device *device;		/* NULL if it is about a definition only */
	bool is_checked;	/* it was just seen not to be active, and that an instance is left */
	bool only_known;	/* the definition is removed only if it is as it was read */

	struct handle *on;	/* the parent, held from when it is found; the caller's */
	struct handle handle;	/* of the active device, once it is known or made */
	struct journal journal;	/* that the device is being started */
	size_t n_written;	/* attributes of config */
	size_t more;		/* devices of the kind, which the same call starts after it */
	struct wait *wait;	/* NULL if nothing is waited for */
	struct interrupt interrupt;
	bool holds;		/* the signals, for its context */
	struct scripts scripts;	/* who answers */
	bool begun;		/* there was a "pre" that wants its "post" */
	const char *state;	/* as scripts get it; NULL before they are known */
};

typedef int operation_fn(struct operation *operation);

/* From here to the end of the function failures are about what @operation is about. */
#define operation_call(operation) \
	log_call((operation)->ctx, .uuid = (operation)->uuid->text, .parent = (operation)->parent)

/* About a definition, or all empty for NULL. */
struct operation operation_of_definition(enum operation_kind kind,
					 const struct mdev_definition *definition,
					 unsigned int flags);

/* About a device, or all empty for NULL. */
struct operation operation_of_device(enum operation_kind kind, const struct mdev_device *device,
				     unsigned int flags);

/* Fails with -EINVAL, reported, if there are flags that the function does not take. */
_must_check_ int operation_check_flags(const struct operation *operation, unsigned int known);

/*
 * Holds the signals that end the process until operation_close(); one operation within another
 * leaves that to it. Return: 0, -errno reported.
 */
_must_check_ int operation_hold(struct operation *operation);

/* Fails with -EINTR, reported, if the operation is to end. */
_must_check_ int operation_check_interrupt(const struct operation *operation);

/*
 * From here to operation_unshield() signals that have come do not end operations: these undo what
 * came before. The result belongs to that function.
 */
_must_check_ struct interrupt *operation_shield(struct mdev_ctx *ctx);
void operation_unshield(struct mdev_ctx *ctx, struct interrupt *shielded);

/* Releases everything that it holds; signals that have arrived act now. */
void operation_close(struct operation *operation);

#define _cleanup_operation_ _cleanup_(operation_close)

#endif
