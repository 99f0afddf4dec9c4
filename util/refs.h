/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reference counts. They are atomic, so that a garbage collector, for instance, may drop an
 * object in any thread.
 */
#ifndef UTIL_REFS_H
#define UTIL_REFS_H

#include <stdbool.h>

static inline void refs_get(unsigned int *refs)
{
	__atomic_add_fetch(refs, 1, __ATOMIC_RELAXED);
}

/* Whether that was the last reference; the caller then sees all writes of other owners. */
static inline bool refs_put(unsigned int *refs)
{
	return __atomic_sub_fetch(refs, 1, __ATOMIC_ACQ_REL) == 0;
}

#endif
