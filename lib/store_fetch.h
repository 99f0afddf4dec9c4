/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading many files of definitions. Hides that several threads do it; what is found, and what is
 * wrong with it, is told in the caller's only.
 */
#ifndef LIB_STORE_FETCH_H
#define LIB_STORE_FETCH_H

#include "config.h"
#include "store.h"

/* As many are fetched at once, which bounds the memory. */
#define FETCH_MAX 1024

/* What a file says. */
struct fetched {
	struct store_result file;
	/* If the file could be read: 0, -EBADMSG with a problem, -ENOMEM. */
	int r;
	struct config config;
	char *problem;
};

void fetched_clear(struct fetched *fetched);

/* Reads @entries, FETCH_MAX at most, of the directory @dir into the elements of @fetched. */
void fetch_definitions(int dir, const struct store_entry *entries, size_t count,
		       struct fetched *fetched);

#endif
