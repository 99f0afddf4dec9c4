/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a command costs that is run to its end, without its output. It has to succeed. */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

struct cost {
	double time;	/* of the processor, ms, its children's included */
	long memory;	/* most at a time, KiB */
};

struct cost measure_time(const char *const *line);

/* Both on one processor, its threads included, its children not. */
long measure_instructions(const char *const *line);
long measure_calls(const char *const *line);

#endif
