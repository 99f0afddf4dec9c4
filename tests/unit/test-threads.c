// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Nothing is shared between contexts: threads that have one each, on roots of their own, do
 * everything at once and see their own only. "make check-tsan" looks for races.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#define THREADS 4
#define ROUNDS  20

/* What is not as it should be is counted: cmocka's assertions are for the main thread. */
struct worker {
	struct fixture *f;
	pthread_t thread;
	char parent[16];
	unsigned int wrong;
};

#define expect(worker, condition) ((worker)->wrong += !(condition))

static void take_events(struct worker *worker, struct mdev_monitor *monitor)
{
	struct mdev_event *event;
	unsigned int count = 0;

	while (mdev_monitor_next(monitor, &event) == 0) {
		expect(worker, strcmp(mdev_event_get_parent(event), worker->parent) == 0);
		mdev_event_unref(event);
		count++;
	}
	expect(worker, count > 0);
}

static void store_and_list(struct worker *worker, struct mdev_definition *definition,
			   struct mdev_monitor *monitor)
{
	struct mdev_ctx *ctx = worker->f->ctx;
	struct mdev_definition **list = NULL;
	char *text = NULL;

	expect(worker, mdev_define(definition, 0) == 0);
	expect(worker, mdev_modify(definition, 0) == 0);
	take_events(worker, monitor);
	expect(worker, mdev_definition_list(ctx, NULL, NULL, &list) == 0);
	expect(worker, list && list[0] && !list[1] && mdev_definition_equal(list[0], definition));
	expect(worker, list && mdev_definition_list_format(ctx, list, &text) == 0);
	expect(worker, text && strstr(text, worker->parent));
	expect(worker, mdev_undefine(definition, 0) == 0);
	mdev_definition_list_free(list);
	free(text);
}

static void start_and_stop(struct worker *worker, struct mdev_definition *definition)
{
	struct mdev_device **list = NULL;
	struct mdev_device_info *info = NULL;
	struct mdev_ctx *ctx = worker->f->ctx;

	expect(worker, mdev_start(definition, 0) == 0);
	expect(worker, mdev_start(definition, 0) == -EEXIST);
	expect(worker, strstr(mdev_ctx_last_error(ctx), worker->parent) != NULL);
	expect(worker, mdev_device_list(ctx, NULL, NULL, &list) == 0);
	expect(worker, list && list[0] && !list[1]);
	if (list && list[0]) {
		expect(worker, strcmp(mdev_device_get_parent(list[0]), worker->parent) == 0);
		expect(worker, mdev_device_get_info(list[0], &info) == 0);
		expect(worker, mdev_stop(list[0], 0) == 0);
	}
	expect(worker, mdev_ctx_last_error_number(ctx) == -EEXIST);
	mdev_device_info_unref(info);
	mdev_device_list_free(list);
}

static void *work(void *data)
{
	struct worker *worker = data;
	struct mdev_definition *definition = NULL;
	struct mdev_monitor *monitor = NULL;

	expect(worker, mdev_definition_new(worker->f->ctx, UUID(U1), &definition) == 0);
	expect(worker, mdev_definition_set_parent(definition, worker->parent) == 0);
	expect(worker, mdev_definition_set_type(definition, "mtty-1") == 0);
	expect(worker, mdev_monitor_new(worker->f->ctx, &monitor) == 0);
	for (int i = 0; worker->wrong == 0 && i < ROUNDS; i++) {
		store_and_list(worker, definition, monitor);
		start_and_stop(worker, definition);
		remove_tree(worker->f, "sys/devices/virtual/mtty");
		make_type(worker->f, worker->parent, "mtty-1", "4");
		worker->f->written[0] = '\0';
	}
	mdev_monitor_unref(monitor);
	mdev_definition_unref(definition);
	return NULL;
}

static void threads_with_contexts_of_their_own_do_not_meet(void **state)
{
	struct worker workers[THREADS] = { 0 };

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(fixture_set_up((void **)&workers[i].f), 0);
		snprintf(workers[i].parent, sizeof(workers[i].parent), "parent-%d", i);
		make_parent(workers[i].f, workers[i].parent);
		make_type(workers[i].f, workers[i].parent, "mtty-1", "4");
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		if (workers[i].wrong)
			fail_msg("thread %d: %s", i, mdev_ctx_last_error(workers[i].f->ctx));
		fixture_tear_down((void **)&workers[i].f);
	}
}

/* One store --------------------------------------------------------------- */

/* A context of its own on the root of all. */
struct changer {
	const char *root;
	pthread_t thread;
	int number;
	unsigned int wrong;
};

/* Reads and changes again until nobody else was faster. */
static int add_one(struct mdev_ctx *ctx, const char *name)
{
	struct mdev_definition *definition;
	int r;

	do {
		r = mdev_definition_lookup(ctx, UUID(U1), NULL, &definition);
		if (r < 0)
			return r;
		r = mdev_definition_set_attr(definition, name, "1");
		if (r == 0)
			r = mdev_modify(definition, 0);
		mdev_definition_unref(definition);
	} while (r == -ESTALE);
	return r;
}

static void *change(void *data)
{
	struct changer *changer = data;
	struct mdev_ctx *ctx;
	char name[32];

	expect(changer, mdev_ctx_new(&ctx) == 0);
	expect(changer, mdev_ctx_set_root(ctx, changer->root) == 0);
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "a%d-%d", changer->number, i);
		expect(changer, add_one(ctx, name) == 0);
	}
	mdev_ctx_unref(ctx);
	return NULL;
}

static void every_change_of_one_definition_that_succeeded_is_there(void **state)
{
	struct changer changers[THREADS] = { 0 };
	struct fixture *f = *state;
	struct mdev_definition *definition;

	make_definition(f, "mtty", U1);
	for (int i = 0; i < THREADS; i++) {
		changers[i].root = f->root;
		changers[i].number = i;
		assert_int_equal(pthread_create(&changers[i].thread, NULL, change, &changers[i]),
				 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(changers[i].thread, NULL), 0);
		assert_int_equal(changers[i].wrong, 0);
	}
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), 0);
	assert_int_equal(mdev_definition_count_attrs(definition), THREADS * ROUNDS);
	mdev_definition_unref(definition);
}

/* One list ------------------------------------------------------------------ */

/* More than are read at once, and the rest is worth several threads, too. */
#define LONG   2100
#define BROKEN 700

static void make_long_list(struct fixture *f)
{
	char path[128];

	for (int i = 0; i < LONG; i++) {
		snprintf(path, sizeof(path), DEFS "/mtty/%08x-1111-4111-8111-111111111111", i);
		make_file(f, path, i % BROKEN == 1 ? "broken" :
			  "{\"mdev_type\":\"mtty-2\",\"start\":\"manual\",\"attrs\":[{\"a\":\"1\"}]}");
	}
}

static void assert_long_list(struct fixture *f)
{
	struct mdev_definition **list;
	const char *warning = f->warnings;
	char expected[128];
	size_t count = 0;

	f->warnings[0] = '\0';
	assert_int_equal(mdev_definition_list(f->ctx, NULL, NULL, &list), 0);
	for (int i = 0; i < LONG; i++) {
		snprintf(expected, sizeof(expected), "%08x-1111-4111-8111-111111111111", i);
		if (i % BROKEN == 1) {
			warning = strstr(warning, expected);
			assert_non_null(warning);
			continue;
		}
		assert_non_null(list[count]);
		assert_string_equal(mdev_definition_get_uuid(list[count])->text, expected);
		assert_int_equal(mdev_definition_count_attrs(list[count]), 1);
		count++;
	}
	assert_null(list[count]);
	mdev_definition_list_free(list);
}

/* Where the process may use one processor only, one thread reads all. */
static void a_long_list_has_its_order_whoever_reads_it(void **state)
{
	struct fixture *f = *state;
	cpu_set_t all, one;

	make_long_list(f);
	assert_long_list(f);
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_long_list(f);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_with_contexts_of_their_own_do_not_meet),
		fixture_test(every_change_of_one_definition_that_succeeded_is_there),
		fixture_test(a_long_list_has_its_order_whoever_reads_it),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
