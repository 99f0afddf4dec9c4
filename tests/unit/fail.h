/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Allocations that fail on order; for a test linked with the --wrap options of module.mk. */
#ifndef TESTS_UNIT_FAIL_H
#define TESTS_UNIT_FAIL_H

#include <stdbool.h>

/* The @nth allocation from now on fails, once. */
void fail_allocation(unsigned int nth);

/* None fails any more. */
void fail_pause(void);

/* Whether the one that was to fail has failed. */
bool fail_happened(void);

#endif
