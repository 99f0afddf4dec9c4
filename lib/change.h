/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be done to a device on a parent. */
#ifndef LIB_CHANGE_H
#define LIB_CHANGE_H

#include "ctx.h"
#include "util/buffer.h"

/*
 * In the order in which they are carried out: a definition is there before its device is, so that
 * one that is left by a kill has its owner; and it goes last, so that it need not be restored.
 */
enum change_step {
	STEP_STOP = 1 << 0,
	STEP_DEFINE = 1 << 1,
	STEP_SET = 1 << 2, /* attributes of the active device */
	STEP_START = 1 << 3,
	STEP_MODIFY = 1 << 4,
	STEP_UNDEFINE = 1 << 5,
	STEP_END = 1 << 6,
};

struct mdev_change {
	unsigned int refs;
	struct mdev_uuid uuid;
	char *parent, *type, *owner;
	enum mdev_action action;
	unsigned int steps;
	char *words; /* the steps */
	char *reason;

	/* With its owner; NULL if it is not described. */
	struct mdev_definition *wanted;
	/* NULL if there is none; without a type if it cannot be read. */
	struct mdev_definition *defined;
	struct mdev_device *active;    /* on this parent; NULL if it is not */
	struct mdev_device *elsewhere; /* on another parent; NULL if it is not */

	/* What apply.c has done, and how it was before. */
	unsigned int done;
	struct mdev_definition *before, *modified;
};

/* The name of a step. */
const char *change_word(enum change_step step);

/*
 * What becomes of a device, decided when its steps are known. @reason is taken over, and made one
 * line. Return: 0, -ENOMEM, unreported.
 */
_must_check_ int change_settle(struct mdev_change *change, struct buffer *reason);

/* Makes a conflict of it. Return: 0, -ENOMEM, unreported. */
_must_check_ int change_refuse(struct mdev_change *change, struct buffer *reason);

#endif
