// SPDX-License-Identifier: LGPL-2.1-or-later
#include <signal.h>
#include <stdio.h>

#include "fixture.h"
#include "../../lib/interrupt.h"
#include "../../lib/wait.h"

static void waiting_ends_with_the_timeout(void **state)
{
	struct fixture *f = *state;
	struct wait wait = { .ctx = f->ctx };

	mdev_ctx_set_timeout(f->ctx, 1000);
	while (wait_a_little(&wait))
		;
	assert_int_equal(wait.used_ms, 1000);
	assert_true(f->sleeps >= 10 && f->sleeps <= 100);
}

static void all_waits_share_one_budget(void **state)
{
	struct fixture *f = *state;
	struct wait wait = { .ctx = f->ctx };
	unsigned int total = 0;

	mdev_ctx_set_timeout(f->ctx, 1000);
	for (int i = 0; i < 3; i++) {
		wait_begin(&wait, "wait %d", i);
		for (unsigned int end = total + 400; total < end && wait_a_little(&wait);)
			total = wait.used_ms;
	}
	assert_int_equal(total, 1000);
}

static void each_wait_begins_with_short_pauses(void **state)
{
	struct fixture *f = *state;
	struct wait wait = { .ctx = f->ctx };
	unsigned int before;

	while (wait.used_ms < 500)
		assert_true(wait_a_little(&wait));
	before = wait.used_ms;
	wait_begin(&wait, "something");
	assert_true(wait_a_little(&wait));
	assert_int_equal(wait.used_ms, before + 1);
}

static void a_timeout_of_zero_does_not_wait(void **state)
{
	struct fixture *f = *state;
	struct wait wait = { .ctx = f->ctx };

	mdev_ctx_set_timeout(f->ctx, 0);
	assert_false(wait_a_little(&wait));
	assert_int_equal(f->sleeps, 0);
}

static void a_signal_ends_a_wait(void **state)
{
	struct interrupt interrupt;
	struct fixture *f = *state;
	struct wait wait = { .ctx = f->ctx };

	assert_int_equal(interrupt_hold(&interrupt, &f->ctx->cancelled), 0);
	f->ctx->interrupt = &interrupt;
	assert_true(wait_a_little(&wait));
	raise(SIGTERM);
	assert_false(wait_a_little(&wait));
	assert_true(wait_is_interrupted(f->ctx));
	/* An ignored signal is discarded where it is pending. */
	signal(SIGTERM, SIG_IGN);
	assert_false(wait_is_interrupted(f->ctx));
	f->ctx->interrupt = NULL;
	interrupt_release(&interrupt);
	signal(SIGTERM, SIG_DFL);
}

static void cancelling_ends_a_wait(void **state)
{
	struct interrupt interrupt;
	struct fixture *f = *state;
	struct wait wait = { .ctx = f->ctx };

	assert_int_equal(interrupt_hold(&interrupt, &f->ctx->cancelled), 0);
	f->ctx->interrupt = &interrupt;
	mdev_ctx_cancel(f->ctx);
	assert_false(wait_a_little(&wait));
	f->ctx->interrupt = NULL;
	interrupt_release(&interrupt);
}

/* What mdev_ctx_set_wait() was told. */
struct heard {
	unsigned int count, ends, waited, limit;
	char what[64];
};

static void hear(void *data, const char *what, unsigned int waited, unsigned int limit)
{
	struct heard *heard = data;

	if (!what) {
		heard->ends++;
		return;
	}
	heard->count++;
	heard->waited = waited;
	heard->limit = limit;
	snprintf(heard->what, sizeof(heard->what), "%s", what);
}

static void an_application_is_told_of_waits_and_of_their_ends(void **state)
{
	struct fixture *f = *state;
	struct wait wait = { .ctx = f->ctx };
	struct heard heard = { 0 };

	mdev_ctx_set_timeout(f->ctx, 1000);
	mdev_ctx_set_wait(f->ctx, hear, &heard);
	wait_begin(&wait, "parent %s", "mtty");
	wait_end(&wait);
	assert_int_equal(heard.ends, 0);
	assert_true(wait_a_little(&wait));
	assert_string_equal(heard.what, "parent mtty");
	assert_int_equal(heard.waited, 0);
	assert_int_equal(heard.limit, 1000);
	/* What comes next has its own name, and the former one is over. */
	wait_begin(&wait, "device %d", 1);
	assert_int_equal(heard.ends, 1);
	while (wait_a_little(&wait))
		;
	assert_string_equal(heard.what, "device 1");
	assert_true(heard.count > 2 && heard.waited > 900);
	wait_end(&wait);
	wait_end(&wait);
	assert_int_equal(heard.ends, 2);
	mdev_ctx_set_wait(f->ctx, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(waiting_ends_with_the_timeout),
		fixture_test(all_waits_share_one_budget),
		fixture_test(each_wait_begins_with_short_pauses),
		fixture_test(a_timeout_of_zero_does_not_wait),
		fixture_test(a_signal_ends_a_wait),
		fixture_test(cancelling_ends_a_wait),
		fixture_test(an_application_is_told_of_waits_and_of_their_ends),
	};

	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
