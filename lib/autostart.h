/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIB_AUTOSTART_H
#define LIB_AUTOSTART_H

#include "lock.h"
#include "start.h"

/* A definition that is to be started. */
struct candidate {
	struct mdev_definition *definition;
	struct operation start;	/* under way while is_begun */
	struct wait wait;	/* of this attempt */
	unsigned int pause;	/* between the last attempt and the next; 0 before the first */
	unsigned int next;	/* no attempt before so much was waited */
	int result;		/* of the last attempt */
	bool is_begun, is_settled;
	bool has_lock;		/* its parent's */
	bool is_absent;		/* no device of its UUID was active when that was looked for */
	uint64_t registration;	/* of its parent, when the result was settled */
	struct run_parent *parent;
};

/* Shared by the candidates of one parent. */
struct run_parent {
	const char *name;
	uint64_t registration;	/* as it was when all were looked at last; 0 without */
	/* Both are opened for the first of its candidates and closed after the last one. */
	struct handle handle;
	int lock;
	unsigned int lock_users; /* candidates that are begun */
};

struct autostart {
	struct mdev_ctx *ctx;
	unsigned int flags;
	mdev_autostart_fn *fn;
	void *data;
	struct candidate *candidates;
	size_t n_candidates;
	struct run_parent *parents;
	size_t n_parents;
	struct wait wait;	/* for all together, as all become late together */
	bool is_last;		/* there is no time left to wait */
	bool is_stopped;	/* by the callback */
	size_t n_failed;
};

/* Closes the parent, and its lock unless a start that is under way needs that. */
void run_parent_close(struct run_parent *parent);

bool candidate_has_failed(const struct candidate *candidate);

/* Return: 1 if it is active as it is defined, 0 if not, -errno reported. */
int candidate_is_active(struct mdev_ctx *ctx, const struct candidate *candidate);

/* Ends an attempt that is under way, and undoes it unless @r is 0. Return: @r, -errno reported. */
int candidate_end(struct candidate *candidate, int r);

/* The result is final: it is recorded and told to the caller. Return: 0, -ENOMEM reported. */
int candidate_settle(struct autostart *run, struct candidate *candidate, int result);

/*
 * Begins an attempt or goes on with it. The candidate is settled afterwards, under way, or put off.
 * Return: 0, -ENOMEM reported.
 */
int candidate_try(struct autostart *run, struct candidate *candidate);

#endif
