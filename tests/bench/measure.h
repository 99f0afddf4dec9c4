/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a command costs that is run to its end, without its output. It has to succeed. */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

struct cost {
	double time;	/* of the processor, ms, its children's included */
	long memory;	/* most at a time, KiB */
};

struct cost measure_time(const char *const *line);

/* On one processor, its threads included, its children not. */
struct count {
	long instructions, calls;
};

struct count measure_count(const char *const *line);

#endif
