/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Notes of starts that are under way: a file in <root>/run/mdevctl for each device, locked as
 * long as its process lives. One without a lock was left by a process that was killed: the
 * device may lack attributes. Where /run cannot be written there are no notes.
 */
#ifndef LIB_JOURNAL_H
#define LIB_JOURNAL_H

#include "backend.h"

/* A note; all zero: none. */
struct journal {
	char *path;
	int fd;
	bool stays;	/* when it is closed: its device is neither whole nor gone */
};

/* Notes that a device is about to be made. A failure is no error: it is noted nowhere then. */
void journal_begin(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		   const char *type, struct journal *journal);

/* Notes which one it is. Another one of its UUID, made later, is not meant. */
void journal_add_device(struct journal *journal, const struct handle *device);

/* Removes the note, unless it stays. */
void journal_close(struct journal *journal);

/* What the notes say of a device that is active. */
enum journal_state {
	JOURNAL_WHOLE,
	JOURNAL_STARTING,	/* by another process */
	JOURNAL_LEFT,		/* half started, by one that is gone */
};

/* @journal: gets the note, which stays, if the device was left; -ENOMEM, unreported. */
_must_check_ int journal_look(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			      const char *parent, const char *type, const struct handle *device,
			      struct journal *journal, enum journal_state *state);

/* The same without taking the lock or touching the note, for a look only; -ENOMEM, unreported. */
_must_check_ int journal_peek(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			      const char *parent, const char *type, const struct handle *device,
			      enum journal_state *state);

/* Removes what was left of a device that is gone. */
void journal_forget(struct mdev_ctx *ctx, const struct mdev_uuid *uuid);

#endif
