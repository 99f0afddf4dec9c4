/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The definition directory: <root>/etc/mdevctl.d/<parent>/<uuid>. Hides its place
 * and names, locking and durable writing; does not look into the files. Failures
 * are reported where they are found.
 */
#ifndef LIB_STORE_H
#define LIB_STORE_H

#include "ctx.h"
#include "util/array.h"

/* The contents of a definition's file when it was read or written. */
struct store_text {
	bool known;	/* it was read or written */
	bool unreadable;	/* it could not be read: too large, for instance */
	char *bytes;	/* NULL: not what is in the file */
	size_t length;
};

void store_text_clear(struct store_text *text);

/* More than MDEV_JSON_SIZE_MAX bytes. */
#define STORE_TOO_LARGE "too large (limit 1 MiB)"

/* A file that is named as a definition is. */
struct store_entry {
	struct mdev_uuid uuid;
	bool is_file;	/* the directory said so: it need not be looked at before it is opened */
	char *other;	/* its real name if that is another form of the UUID; else NULL */
};

static inline const char *store_file_of(const struct store_entry *entry)
{
	return entry->other ?: entry->uuid.text;
}

struct store_entries {
	struct store_entry *items;
	size_t count;
};

void store_entries_clear(struct store_entries *entries);

/* The path of the definition directory, with the root; -ENOMEM, unreported. */
_must_check_ int store_get_path(const struct mdev_ctx *ctx, char **path);

/* Whether definitions could be in the directory of that name. */
bool store_is_parent(const char *name);

/*
 * Names of the directories that may hold definitions, sorted. One that cannot be a parent's is
 * warned about and left out.
 */
_must_check_ int store_list_parents(struct mdev_ctx *ctx, struct strings *parents);

/* Opens a parent's directory; -ENOENT, unreported, if there is none. */
_must_check_ int store_open_parent(struct mdev_ctx *ctx, const char *parent, int *dir);

/* Definitions in a parent's directory, sorted, once each. @uuid: only this one; NULL for all. */
_must_check_ int store_list(struct mdev_ctx *ctx, int dir, const char *parent,
			    const struct mdev_uuid *uuid, struct store_entries *entries);

/*
 * How many definitions of other devices than @uuid the parent has, as far as that can be seen;
 * reports nothing.
 */
size_t store_count_others(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid);

/* What came of reading a definition's file; all but @r and what was read is for the report. */
struct store_result {
	int r;			/* 0, -errno */
	const char *fault;	/* what is wrong with the file; NULL: the system call failed */
	bool gone;		/* since it was listed */
	char *bytes;
	size_t length;
};

void store_result_clear(struct store_result *result);

/* Reads a definition's file and reports nothing, in any thread. */
void store_read_quietly(int dir, const struct store_entry *entry, struct store_result *result);

/* Reports what failed, unless the file is gone. Return: what came of it. */
_must_check_ int store_report(struct mdev_ctx *ctx, const char *parent,
			      const struct store_entry *entry, const struct store_result *result);

/*
 * Reads a definition's file; -ENOENT, unreported, if it has gone since it was listed, -EBADMSG
 * if it is too large or no file.
 */
_must_check_ int store_read(struct mdev_ctx *ctx, int dir, const char *parent,
			    const struct store_entry *entry, char **text, size_t *length);

/* Reports a @problem with what a definition's file says. Return: @r. */
int store_fault(struct mdev_ctx *ctx, int r, const char *parent,
		const char *file, const char *problem);

/* Fails with -EFBIG, reported, for a text so long that it could not be read again. */
_must_check_ int store_check_size(struct mdev_ctx *ctx, const char *parent, const char *file,
				  size_t length);

/* Makes a definition's file, whole or not at all; -EEXIST, unreported, if there is one. */
_must_check_ int store_create(struct mdev_ctx *ctx, const char *parent,
			       const struct mdev_uuid *uuid, const char *text);

/* Whether something is in the place of a definition's file, readable or not; -errno reported. */
_must_check_ int store_exists(struct mdev_ctx *ctx, const char *parent,
			       const struct mdev_uuid *uuid);

/*
 * Whether there is a definition's file that says what is @known of it.
 *
 * Return: 0, -ENOENT, unreported, if there is none, -ESTALE if it says something else, -errno.
 */
_must_check_ int store_check(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid,
			     const struct store_text *known);

/*
 * Replaces what a definition's file says, whole or not at all, if it says what is @known of it;
 * errors as of store_check(). What is attached to the file, as its owner and mode, stays, a
 * symbolic link stays one.
 */
_must_check_ int store_replace(struct mdev_ctx *ctx, const char *parent,
				const struct mdev_uuid *uuid, const char *text,
				const struct store_text *known);

/*
 * Removes a definition's file, if it says what is @known of it, and the parent's directory with the
 * last one; errors as of store_check().
 */
_must_check_ int store_remove(struct mdev_ctx *ctx, const char *parent,
			       const struct mdev_uuid *uuid, const struct store_text *known);

#endif
