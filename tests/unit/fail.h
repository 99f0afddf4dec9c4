/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that fail on order. The linker sends those of our objects that module.mk names in its
 * --wrap options to fail-calls.c (system calls) or fail-memory.c (allocations) instead.
 */
#ifndef TESTS_UNIT_FAIL_H
#define TESTS_UNIT_FAIL_H

#include <stdbool.h>

/* The @nth call from now on fails with @error, once. */
void fail_nth(unsigned int nth, int error);

/* None fails any more. */
void fail_none(void);

/* What a test does in between, such as the small kernel's work, is not counted. */
void fail_suspend(void);
void fail_resume(void);

/* The name of the call that has failed; NULL if there were not so many. */
const char *fail_which(void);

/* For those that stand in: whether this call of @name is to fail, with errno set then. */
bool fail_now(const char *name);

#define WRAP(type, failure, name, parameters, arguments)                                \
	type __real_##name parameters;                                                  \
	type __wrap_##name parameters;                                                  \
	type __wrap_##name parameters                                                   \
	{                                                                               \
		return fail_now(#name) ? (type)(failure) : __real_##name arguments;     \
	}

#endif
