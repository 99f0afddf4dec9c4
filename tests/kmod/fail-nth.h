/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failing allocations one by one, on a kernel with fault injection. An allocation is also a copy
 * from or to user space here. Programs end when the kernel does not take part.
 */
#ifndef FAIL_NTH_H
#define FAIL_NTH_H

#include <stdbool.h>

/* The n-th allocation of the calling thread from now on fails, and no other. */
void fail_nth_begin(unsigned int n);
/* Nothing fails any more. Has something? */
bool fail_nth_end(void);

/* The same for the workers of the kernel, for each of them: nobody knows which one does a work. */
void fail_nth_in_workers(unsigned int n);

/**
 * struct fault_test - an operation that has to survive the failure of any allocation
 * @operate: does it. 0 or -errno
 * @settle: checks what there is after that result, and brings all back to before
 * @other: what the kernel also makes of a failed allocation, besides ENOMEM and EFAULT, or 0
 */
struct fault_test {
	int (*operate)(void *data);
	void (*settle)(void *data, int result);
	int other;
};

/*
 * Fails the first allocation of @test, then the second, ... until it succeeds with all of them.
 * An operation may also succeed without one. Returns how many there were, at least 1.
 */
unsigned int fail_each(const struct fault_test *test, void *data);

#endif
