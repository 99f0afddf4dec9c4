/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system calls that no implementation can avoid, and what every process costs. */
#ifndef TESTS_BENCH_FLOOR_H
#define TESTS_BENCH_FLOOR_H

/* Does those of the work of that name in the root. Return: the status of the program. */
int floor_run(const char *name, const char *root);

#endif
