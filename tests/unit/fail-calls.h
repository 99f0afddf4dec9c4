/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System calls that fail on order; for a test linked with the --wrap options of module.mk. */
#ifndef TESTS_UNIT_FAIL_CALLS_H
#define TESTS_UNIT_FAIL_CALLS_H

#include <stdbool.h>
#include <stdint.h>

/* The @nth call from now on fails with @error, once. */
void fail_call(unsigned int nth, int error);

/* None fails any more. */
void fail_no_call(void);

/* What a test does in between, such as the small kernel's work, is not counted. */
void fail_suspend(void);
void fail_resume(void);

/* The name of the call that has failed; NULL if there were not so many. */
const char *fail_which(void);

#endif
