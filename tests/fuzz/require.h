/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* assert() that NDEBUG does not take away. */
#ifndef TESTS_FUZZ_REQUIRE_H
#define TESTS_FUZZ_REQUIRE_H

#include <stdio.h>
#include <stdlib.h>

#define require(condition)								\
	do {										\
		if (!(condition)) {							\
			fprintf(stderr, "%s:%d: violated: %s\n", __FILE__, __LINE__, #condition); \
			abort();							\
		}									\
	} while (0)

#endif
