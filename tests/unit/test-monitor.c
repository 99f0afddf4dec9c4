// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a monitor tells: definitions from a real inotify on the fixture's root, devices and
 * parents from a libudev of our own (fake-udev.c).
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

#define U3 "33333333-3333-3333-3333-333333333333"

static const char *const kinds[] = {
	[MDEV_EVENT_DEVICE_ADDED] = "+device",
	[MDEV_EVENT_DEVICE_REMOVED] = "-device",
	[MDEV_EVENT_DEVICE_CHANGED] = "*device",
	[MDEV_EVENT_PARENT_ADDED] = "+parent",
	[MDEV_EVENT_PARENT_REMOVED] = "-parent",
	[MDEV_EVENT_DEFINITION_ADDED] = "+definition",
	[MDEV_EVENT_DEFINITION_REMOVED] = "-definition",
	[MDEV_EVENT_DEFINITION_CHANGED] = "*definition",
	[MDEV_EVENT_LOST] = "lost",
};

static bool is_readable(const struct mdev_monitor *monitor)
{
	struct pollfd polled = { .fd = mdev_monitor_get_fd(monitor), .events = POLLIN };

	return poll(&polled, 1, 0) == 1;
}

/* Takes all events: "<kind> <parent>/<first digit of the UUID>;" each. */
static void take_events(struct mdev_monitor *monitor, char *found, size_t size)
{
	struct mdev_event *event;
	int r;

	found[0] = '\0';
	while ((r = mdev_monitor_next(monitor, &event)) == 0) {
		const struct mdev_uuid *uuid = mdev_event_get_uuid(event);
		const char *parent = mdev_event_get_parent(event);
		size_t used = strlen(found);

		snprintf(found + used, size - used, "%s %s/%.1s;", kinds[mdev_event_get_kind(event)],
			 parent ? parent : "", uuid ? uuid->text : "");
		mdev_event_unref(event);
	}
	assert_int_equal(r, -EAGAIN);
}

static void take_all(struct mdev_monitor *monitor, char *found, size_t size)
{
	take_events(monitor, found, size);
	assert_false(is_readable(monitor));
}

static void assert_events(struct mdev_monitor *monitor, const char *expected)
{
	char found[4096];

	take_all(monitor, found, sizeof(found));
	assert_string_equal(found, expected);
}

static struct mdev_monitor *watch(struct fixture *f)
{
	struct mdev_monitor *monitor;

	assert_int_equal(mdev_monitor_new(f->ctx, &monitor), 0);
	return monitor;
}

static void move(struct fixture *f, const char *from, const char *to)
{
	char a[256], b[256];

	snprintf(a, sizeof(a), "%s/%s", f->root, from);
	snprintf(b, sizeof(b), "%s/%s", f->root, to);
	assert_int_equal(rename(a, b), 0);
}

/* Definitions -------------------------------------------------------------- */

static void nothing_happens_by_itself(void **state)
{
	struct fixture *f = *state;
	struct mdev_event *event = NULL;
	struct mdev_monitor *monitor;

	make_definition(f, "mtty", U1);
	monitor = watch(f);
	assert_int_equal(mdev_monitor_next(monitor, &event), -EAGAIN);
	assert_null(event);
	assert_false(is_readable(monitor));
	mdev_monitor_unref(mdev_monitor_ref(monitor));
	mdev_monitor_unref(monitor);
}

static void what_the_library_does_is_told(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *one = new_definition(f, U1, "mtty", "mtty-1", NULL);
	struct mdev_definition *two = new_definition(f, U2, "mtty", "mtty-1", NULL);
	struct mdev_monitor *monitor = watch(f);

	assert_int_equal(mdev_define(one, 0), 0);
	assert_true(is_readable(monitor));
	assert_events(monitor, "+definition mtty/1;");
	assert_int_equal(mdev_define(two, 0), 0);
	assert_events(monitor, "+definition mtty/2;");
	assert_int_equal(mdev_modify(one, 0), 0);
	assert_events(monitor, "*definition mtty/1;");
	assert_int_equal(mdev_modify(one, 0), 0);
	assert_int_equal(mdev_modify(two, 0), 0);
	assert_events(monitor, "*definition mtty/1;*definition mtty/2;");
	assert_int_equal(mdev_undefine(one, 0), 0);
	assert_events(monitor, "-definition mtty/1;");
	assert_int_equal(mdev_undefine(two, 0), 0);
	assert_events(monitor, "-definition mtty/2;");
	assert_false(exists(f, DEFS "/mtty"));
	assert_int_equal(mdev_define(two, 0), 0);
	assert_events(monitor, "+definition mtty/2;");
	mdev_monitor_unref(monitor);
	mdev_definition_unref(one);
	mdev_definition_unref(two);
}

static void what_others_write_is_told(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor;
	char found[256];

	make_definition(f, "mtty", U1);
	monitor = watch(f);
	make_definition(f, "mtty", U1);
	assert_events(monitor, "*definition mtty/1;");
	make_file(f, DEFS "/mtty/.new", "{}");
	make_file(f, DEFS "/mtty/README", "text");
	make_file(f, DEFS "/.lock", "");
	assert_events(monitor, "");
	move(f, DEFS "/mtty/.new", DEFS "/mtty/" U1);
	assert_events(monitor, "*definition mtty/1;");
	move(f, DEFS "/mtty/" U1, DEFS "/mtty/" UA);
	assert_events(monitor, "-definition mtty/1;+definition mtty/a;");
	/* It is made and then written. */
	make_definition(f, "mtty", U2);
	take_all(monitor, found, sizeof(found));
	assert_int_equal(strncmp(found, "+definition mtty/2;", 19), 0);
	mdev_monitor_unref(monitor);
}

static void the_whole_directory_may_come_later_and_go(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor = watch(f);
	char found[256];

	make_dir(f, "etc");
	make_dir(f, "etc/other");
	assert_events(monitor, "");
	make_dir(f, DEFS);
	assert_events(monitor, "");
	make_file(f, "new/mtty/" U1, "{}");
	move(f, "new/mtty", DEFS "/mtty");
	assert_events(monitor, "+definition mtty/1;");
	remove_tree(f, "etc");
	assert_events(monitor, "-definition mtty/1;");
	make_file(f, "new/mdevctl.d/a/" U2, "{}");
	move(f, "new", "etc");
	assert_events(monitor, "+definition a/2;");
	make_file(f, DEFS "/b/" U3, "{}");
	take_all(monitor, found, sizeof(found));
	move(f, DEFS, "etc/away");
	take_all(monitor, found, sizeof(found));
	assert_int_equal(strlen(found), strlen("-definition a/2;-definition b/3;"));
	assert_non_null(strstr(found, "-definition a/2;"));
	assert_non_null(strstr(found, "-definition b/3;"));
	move(f, "etc/away", DEFS);
	assert_events(monitor, "+definition a/2;+definition b/3;");
	mdev_monitor_unref(monitor);
}

static void a_parents_directory_that_moves_takes_its_definitions_along(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor;

	make_definition(f, "mtty", U1);
	make_definition(f, "scripts.d", U2);
	monitor = watch(f);
	move(f, DEFS "/mtty", DEFS "/other");
	assert_events(monitor, "-definition mtty/1;+definition other/1;");
	make_definition(f, "scripts.d", U2);
	assert_events(monitor, "");
	make_definition(f, "other", U1);
	assert_events(monitor, "*definition other/1;");
	mdev_monitor_unref(monitor);
}

static void directories_may_be_links(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor;
	char found[256];

	make_file(f, "srv/defs/mtty/" U1, "{}");
	make_file(f, "srv/other/" U2, "{}");
	make_link(f, DEFS, "../srv/defs");
	monitor = watch(f);
	make_link(f, "srv/defs/linked", "../other");
	assert_events(monitor, "+definition linked/2;");
	make_file(f, "srv/other/" U2, "{ }");
	assert_events(monitor, "*definition linked/2;");
	make_link(f, "srv/defs/twice", "../other");
	assert_events(monitor, "+definition twice/2;");
	make_file(f, "srv/other/" U2, "{  }");
	take_all(monitor, found, sizeof(found));
	assert_non_null(strstr(found, "*definition linked/2;"));
	assert_non_null(strstr(found, "*definition twice/2;"));
	remove_tree(f, "srv/defs/twice");
	assert_events(monitor, "-definition twice/2;");
	make_file(f, "srv/other/" U2, "{   }");
	assert_events(monitor, "*definition linked/2;");
	move(f, "srv/other", "srv/elsewhere");
	assert_events(monitor, "-definition linked/2;");
	mdev_monitor_unref(monitor);
}

static void another_directory_in_the_place_is_compared(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor;

	make_file(f, "srv/a/mtty/" U1, "{}");
	make_file(f, "srv/b/mtty/" U2, "{}");
	make_link(f, DEFS, "../srv/a");
	monitor = watch(f);
	make_link(f, "etc/new", "../srv/b");
	move(f, "etc/new", DEFS);
	assert_events(monitor, "-definition mtty/1;+definition mtty/2;");
	make_file(f, "srv/b/mtty/" U2, "{ }");
	assert_events(monitor, "*definition mtty/2;");
	make_file(f, "srv/a/mtty/" U1, "{ }");
	assert_events(monitor, "");
	mdev_monitor_unref(monitor);
}

static void one_event_at_a_time_keeps_the_descriptor_readable(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor = watch(f);
	struct mdev_event *event;

	make_file(f, "new/" U1, "{}");
	make_file(f, "new/" U2, "{}");
	make_dir(f, DEFS);
	move(f, "new", DEFS "/mtty");
	for (int i = 0; i < 2; i++) {
		assert_true(is_readable(monitor));
		assert_int_equal(mdev_monitor_next(monitor, &event), 0);
		mdev_event_unref(mdev_event_ref(event));
		mdev_event_unref(event);
	}
	assert_events(monitor, "");
	mdev_monitor_unref(monitor);
}

static void an_overflowing_queue_is_told(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor;
	char *limit, found[64], path[256];
	FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
	size_t size = 0;
	int fd;

	limit = NULL;
	assert_non_null(file);
	assert_true(getline(&limit, &size, file) > 0);
	fclose(file);
	make_definition(f, "mtty", U1);
	make_definition(f, "mtty", U2);
	monitor = watch(f);
	snprintf(path, sizeof(path), "%s/" DEFS "/mtty/x", f->root);
	/* Equal events in a row are merged, so they alternate. */
	for (int i = atoi(limit) / 2 + 1; i > 0; i--) {
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		close(fd);
		unlink(path);
	}
	remove_tree(f, DEFS "/mtty/" U2);
	free(limit);
	take_all(monitor, found, sizeof(found));
	/* Told once, and then what was missed. */
	assert_string_equal(found, "lost /;-definition mtty/2;");
	make_definition(f, "mtty", U1);
	assert_events(monitor, "*definition mtty/1;");
	remove_tree(f, DEFS "/mtty/" U1);
	assert_events(monitor, "-definition mtty/1;");
	mdev_monitor_unref(monitor);
}

/* A line of fdinfo begins so for each: proc(5). */
static int count_watches(void *data, int dir, const struct dirent64 *entry)
{
	int fd = openat(dir, entry->d_name, O_RDONLY | O_CLOEXEC);
	unsigned int *count = data;
	size_t length;
	char *text;

	if (fd < 0)
		return 0;
	assert_int_equal(read_all(fd, 0, 1024 * 1024, &text, &length), 0);
	close(fd);
	for (char *line = text; (line = strstr(line, "inotify wd:")); line++)
		(*count)++;
	free(text);
	return 0;
}

static unsigned int watches(void)
{
	int dir = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned int count = 0;

	assert_true(dir >= 0);
	assert_int_equal(walk_directory(dir, count_watches, &count), 0);
	close(dir);
	return count;
}

#define MANY 50

/* Each of them is written or removed, and that is told. */
static void change_each(struct fixture *f, struct mdev_monitor *monitor, bool removes)
{
	char uuid[MDEV_UUID_STRING_SIZE], path[128];
	struct mdev_event *event;
	unsigned int told = 0;

	for (int i = 0; i < MANY; i++) {
		snprintf(uuid, sizeof(uuid), "00000000-0000-4000-8000-%012d", i);
		snprintf(path, sizeof(path), DEFS "/mtty/%s", uuid);
		if (removes)
			remove_tree(f, path);
		else
			make_definition(f, "mtty", uuid);
	}
	for (; mdev_monitor_next(monitor, &event) == 0; told++) {
		assert_int_not_equal(mdev_event_get_kind(event), MDEV_EVENT_LOST);
		mdev_event_unref(event);
	}
	assert_in_range(told, MANY, 2 * MANY);
}

static void change_many(struct fixture *f, struct mdev_monitor *monitor)
{
	change_each(f, monitor, false);	/* they are new */
	change_each(f, monitor, false);
	change_each(f, monitor, true);
}

static void many_changes_leave_nothing_behind(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor;
	unsigned int watched;
	size_t used;

	make_definition(f, "mtty", U1);
	monitor = watch(f);
	watched = watches();
	assert_int_not_equal(watched, 0);
	/* Buffers get their size; what the allocator puts aside counts as used, and has a limit. */
	for (int i = 0; i < 12; i++)
		change_many(f, monitor);
	used = mallinfo2().uordblks;
	for (int i = 0; i < 6; i++)
		change_many(f, monitor);
	assert_int_equal(mallinfo2().uordblks, used);
	/* One a directory, not one a definition. */
	change_each(f, monitor, false);
	assert_int_equal(watches(), watched);
	mdev_monitor_unref(monitor);
}

static void another_root_later_does_not_change_a_monitor(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor = watch(f);
	char path[128];

	snprintf(path, sizeof(path), "%s/longer/root", f->root);
	assert_int_equal(mdev_ctx_set_root(f->ctx, path), 0);
	make_file(f, "new/" U1, "{}");
	make_dir(f, DEFS);
	move(f, "new", DEFS "/mtty");
	assert_events(monitor, "+definition mtty/1;");
	make_dir(f, "longer/root/" DEFS);
	remove_tree(f, DEFS);
	assert_events(monitor, "-definition mtty/1;");
	mdev_monitor_unref(monitor);
}

static void a_root_that_is_not_there_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor = NULL;
	char path[128];

	snprintf(path, sizeof(path), "%s/none", f->root);
	assert_int_equal(mdev_ctx_set_root(f->ctx, path), 0);
	assert_int_equal(mdev_monitor_new(f->ctx, &monitor), -ENOENT);
	assert_error_has(f, "Failed to watch ");
	assert_null(monitor);
}

/* Devices of another root ------------------------------------------------------ */

/* Waits until it can be read, then takes all events. */
static void assert_next_events(struct mdev_monitor *monitor, const char *expected)
{
	char found[4096] = "";

	while (!*found) {
		struct pollfd polled = { .fd = mdev_monitor_get_fd(monitor), .events = POLLIN };

		assert_int_equal(poll(&polled, 1, -1), 1);
		take_events(monitor, found, sizeof(found));
	}
	assert_string_equal(found, expected);
}

static void devices_of_another_root_come_and_go(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "3");
	make_type(f, "mtty", "mtty-2", "3");
	make_device(f, "mtty", "mtty-1", U1);
	monitor = watch(f);
	make_device(f, "mtty", "mtty-1", U2);
	assert_next_events(monitor, "+device mtty/2;");
	remove_device(f, "mtty", U1);
	assert_next_events(monitor, "-device mtty/1;");
	/* Another one in its place. */
	remove_device(f, "mtty", U2);
	make_device(f, "mtty", "mtty-2", U2);
	assert_next_events(monitor, "-device mtty/2;+device mtty/2;");
	remove_device(f, "mtty", U2);
	remove_tree(f, "sys/class/mdev_bus/mtty");
	assert_next_events(monitor, "-device mtty/2;-parent mtty/;");
	mdev_monitor_unref(monitor);
}

static void an_event_has_the_type_of_its_device(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor;
	struct mdev_event *event;
	int r;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "3");
	make_device(f, "mtty", "mtty-1", U1);
	monitor = watch(f);
	remove_device(f, "mtty", U1);
	while ((r = mdev_monitor_next(monitor, &event)) == -EAGAIN)
		;
	assert_int_equal(r, 0);
	assert_int_equal(mdev_event_get_kind(event), MDEV_EVENT_DEVICE_REMOVED);
	assert_string_equal(mdev_event_get_type(event), "mtty-1");
	mdev_event_unref(event);
	make_definition(f, "mtty", U1);
	assert_int_equal(mdev_monitor_next(monitor, &event), 0);
	assert_null(mdev_event_get_type(event));
	mdev_event_unref(event);
	mdev_monitor_unref(monitor);
}

/* Uevents -------------------------------------------------------------------- */

struct fake_event {
	const char *action, *subsystem, *path, *state;
	int error;
};

static struct {
	void *handle;
	struct fake_event *events;
	int *next, *open;
	void (*wake)(void);
} udev;

static int set_up_live(void **state)
{
	struct fixture *f;

	if (fixture_set_up(state) < 0)
		return -1;
	f = *state;
	/* Of the real root /etc is watched; nobody changes definitions there meanwhile. */
	assert_int_equal(mdev_ctx_set_root(f->ctx, "/"), 0);
	udev.handle = dlopen("libudev.so.1", RTLD_NOW);
	assert_non_null(udev.handle);
	udev.events = dlsym(udev.handle, "fake_udev_events");
	udev.next = dlsym(udev.handle, "fake_udev_next");
	udev.open = dlsym(udev.handle, "fake_udev_open");
	*(void **)&udev.wake = dlsym(udev.handle, "fake_udev_wake");
	assert_non_null(udev.events);
	memset(udev.events, 0, 16 * sizeof(*udev.events));
	return 0;
}

static int tear_down_live(void **state)
{
	assert_int_equal(*udev.open, 0);
	dlclose(udev.handle);
	return fixture_tear_down(state);
}

#define MTTY_PATH "/devices/virtual/mtty/mtty"

static void receive(struct mdev_monitor *monitor, const struct fake_event *event,
		    const char *expected)
{
	udev.events[0] = *event;
	*udev.next = 0;
	udev.wake();
	assert_true(is_readable(monitor));
	assert_events(monitor, expected);
}

static void devices_come_change_and_go(void **state)
{
	struct mdev_monitor *monitor = watch(*state);
	struct fake_event event = { .subsystem = "mdev", .path = MTTY_PATH "/" U1 };
	static const struct { const char *action, *expected; } cases[] = {
		{ "add", "+device mtty/1;" }, { "bind", "*device mtty/1;" },
		{ "change", "*device mtty/1;" }, { "unbind", "*device mtty/1;" },
		{ "remove", "-device mtty/1;" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		event.action = cases[i].action;
		receive(monitor, &event, cases[i].expected);
	}
	mdev_monitor_unref(monitor);
}

static void parents_register_on_any_bus(void **state)
{
	struct mdev_monitor *monitor = watch(*state);
	struct fake_event event = {
		.action = "change", .subsystem = "pci", .path = "/devices/pci0000:00/0000:00:02.0",
		.state = "registered",
	};

	receive(monitor, &event, "+parent 0000:00:02.0/;");
	event.state = "unregistered";
	receive(monitor, &event, "-parent 0000:00:02.0/;");
	event.subsystem = NULL;
	receive(monitor, &event, "-parent 0000:00:02.0/;");
	event.state = "else";
	receive(monitor, &event, "");
	mdev_monitor_unref(monitor);
}

static void other_uevents_are_passed_over(void **state)
{
	static const struct fake_event events[] = {
		{ .action = "add", .subsystem = "block", .path = "/devices/virtual/block/loop0" },
		{ .action = "add", .subsystem = "mdev", .path = MTTY_PATH "/no-uuid" },
		{ .action = "add", .subsystem = "mdev", .path = U1 },
		{ .action = "add", .subsystem = "mdev" },
	};
	struct mdev_monitor *monitor = watch(*state);

	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		receive(monitor, &events[i], "");
	mdev_monitor_unref(monitor);
}

static void dropped_uevents_are_told_in_their_place(void **state)
{
	static const struct fake_event events[] = {
		{ .action = "add", .subsystem = "mdev", .path = MTTY_PATH "/" U1 },
		{ .error = ENOBUFS },
		{ .error = ENOBUFS },
		{ .action = "add", .subsystem = "mdev", .path = MTTY_PATH "/" U2 },
	};
	struct mdev_monitor *monitor = watch(*state);

	memcpy(udev.events, events, sizeof(events));
	udev.wake();
	assert_events(monitor, "+device mtty/1;lost /;lost /;+device mtty/2;"
		      "-device mtty/2;-device mtty/1;");
	mdev_monitor_unref(monitor);
}

static void a_failure_is_told_and_counts_as_a_loss(void **state)
{
	static const struct fake_event events[] = { { .error = EIO } };
	struct fixture *f = *state;
	struct mdev_monitor *monitor = watch(f);
	struct mdev_event *event = NULL;

	memcpy(udev.events, events, sizeof(events));
	udev.wake();
	assert_int_equal(mdev_monitor_next(monitor, &event), -EIO);
	assert_error_has(f, "Failed to receive the kernel's events: Input/output error");
	assert_null(event);
	assert_true(is_readable(monitor));
	assert_events(monitor, "lost /;");
	mdev_monitor_unref(monitor);
}

static void unread_events_go_with_the_monitor(void **state)
{
	struct fixture *f = *state;
	struct mdev_monitor *monitor;
	struct mdev_event *event;

	assert_int_equal(mdev_ctx_set_root(f->ctx, f->root), 0);
	monitor = watch(f);
	make_file(f, "new/" U1, "{}");
	make_file(f, "new/" U2, "{}");
	make_dir(f, DEFS);
	move(f, "new", DEFS "/mtty");
	assert_int_equal(mdev_monitor_next(monitor, &event), 0);
	mdev_monitor_unref(monitor);
	assert_string_equal(mdev_event_get_parent(event), "mtty");
	mdev_event_unref(event);
}

#define live_test(function) cmocka_unit_test_setup_teardown(function, set_up_live, tear_down_live)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(nothing_happens_by_itself),
		fixture_test(what_the_library_does_is_told),
		fixture_test(what_others_write_is_told),
		fixture_test(the_whole_directory_may_come_later_and_go),
		fixture_test(a_parents_directory_that_moves_takes_its_definitions_along),
		fixture_test(directories_may_be_links),
		fixture_test(another_directory_in_the_place_is_compared),
		fixture_test(one_event_at_a_time_keeps_the_descriptor_readable),
		fixture_test(an_overflowing_queue_is_told),
		fixture_test(many_changes_leave_nothing_behind),
		fixture_test(another_root_later_does_not_change_a_monitor),
		fixture_test(a_root_that_is_not_there_is_an_error),
		fixture_test(devices_of_another_root_come_and_go),
		fixture_test(an_event_has_the_type_of_its_device),
		live_test(devices_come_change_and_go),
		live_test(parents_register_on_any_bus),
		live_test(other_uevents_are_passed_over),
		live_test(dropped_uevents_are_told_in_their_place),
		live_test(a_failure_is_told_and_counts_as_a_loss),
		live_test(unread_events_go_with_the_monitor),
	};

	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
