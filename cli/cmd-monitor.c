// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "option_table.h"
#include "out.h"

struct monitor_values {
	struct mdev_uuid uuid;
	const char *parent;
	bool devices, parents, definitions;
	bool added, removed, changed;
	bool initial, once, json;
	struct option_seconds timeout;
};

static const struct cli_option monitor_options[] = {
	OPTION(monitor_values, uuid, "u", OPTION_UUID,
	       .help = "Only the device and the definitions of this UUID"),
	OPTION(monitor_values, parent, "p", OPTION_PARENT,
	       .help = "Only this parent, its devices and their definitions"),
	OPTION(monitor_values, devices, NULL, OPTION_FLAG, .help = "Only devices"),
	OPTION(monitor_values, parents, NULL, OPTION_FLAG, .excludes = { "uuid" },
	       .help = "Only parents"),
	OPTION(monitor_values, definitions, NULL, OPTION_FLAG,
	       .help = "Only definitions"),
	OPTION(monitor_values, added, NULL, OPTION_FLAG, .help = "Only what is added"),
	OPTION(monitor_values, removed, NULL, OPTION_FLAG,
	       .help = "Only what is removed"),
	OPTION(monitor_values, changed, NULL, OPTION_FLAG,
	       .help = "Only what is changed"),
	OPTION(monitor_values, initial, NULL, OPTION_FLAG, .help = "First print what exists"),
	OPTION(monitor_values, once, NULL, OPTION_FLAG, .help = "End after the first line"),
	OPTION(monitor_values, timeout, NULL, OPTION_SECONDS,
	       .help = "Seconds after which to end; with --once, this is an error"),
	OPTION(monitor_values, json, NULL, OPTION_FLAG, .help = "Print JSON, an object per line"),
	{ 0 }
};

/* The text has a place for what is not known, so that columns can be counted. */
enum {
	MONITOR_TIME,
	MONITOR_EVENT,
	MONITOR_OBJECT_TEXT,
	MONITOR_OBJECT,
	MONITOR_UUID_TEXT,
	MONITOR_UUID,
	MONITOR_PARENT_TEXT,
	MONITOR_PARENT,
	MONITOR_TYPE_TEXT,
	MONITOR_TYPE,
	MONITOR_START,
	MONITOR_COLUMNS
};

static const struct out_column monitor_columns[MONITOR_COLUMNS] = {
	[MONITOR_TIME] = { .kind = OUT_JOINED, .key = "time" },
	[MONITOR_EVENT] = { .key = "event" },
	[MONITOR_OBJECT_TEXT] = { .kind = OUT_STRING },
	[MONITOR_OBJECT] = { .kind = OUT_JOINED, .key = "object" },
	[MONITOR_UUID_TEXT] = { .kind = OUT_STRING },
	[MONITOR_UUID] = { .kind = OUT_JOINED, .key = "uuid" },
	[MONITOR_PARENT_TEXT] = { .kind = OUT_STRING },
	[MONITOR_PARENT] = { .kind = OUT_JOINED, .key = "parent" },
	[MONITOR_TYPE_TEXT] = { .kind = OUT_STRING },
	[MONITOR_TYPE] = { .kind = OUT_JOINED, .key = "type" },
	[MONITOR_START] = { .key = "start" },
};

enum monitor_object { OBJECT_NONE, OBJECT_DEVICE, OBJECT_PARENT, OBJECT_DEFINITION };
enum monitor_change { CHANGE_NONE, CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED };

static const char *const object_words[] = {
	[OBJECT_DEVICE] = "device",
	[OBJECT_PARENT] = "parent",
	[OBJECT_DEFINITION] = "definition",
};

static const char *const change_words[] = {
	[CHANGE_ADDED] = "added",
	[CHANGE_REMOVED] = "removed",
	[CHANGE_CHANGED] = "changed",
};

static const struct {
	enum monitor_object object;
	enum monitor_change change;
} monitor_kinds[] = {
	[MDEV_EVENT_DEVICE_ADDED] = { OBJECT_DEVICE, CHANGE_ADDED },
	[MDEV_EVENT_DEVICE_REMOVED] = { OBJECT_DEVICE, CHANGE_REMOVED },
	[MDEV_EVENT_DEVICE_CHANGED] = { OBJECT_DEVICE, CHANGE_CHANGED },
	[MDEV_EVENT_PARENT_ADDED] = { OBJECT_PARENT, CHANGE_ADDED },
	[MDEV_EVENT_PARENT_REMOVED] = { OBJECT_PARENT, CHANGE_REMOVED },
	[MDEV_EVENT_DEFINITION_ADDED] = { OBJECT_DEFINITION, CHANGE_ADDED },
	[MDEV_EVENT_DEFINITION_REMOVED] = { OBJECT_DEFINITION, CHANGE_REMOVED },
	[MDEV_EVENT_DEFINITION_CHANGED] = { OBJECT_DEFINITION, CHANGE_CHANGED },
};

/* A line of output. NULL: it is about none, or that is not known. */
struct monitor_line {
	const char *event;
	enum monitor_object object;
	const struct mdev_uuid *uuid;
	const char *parent, *type, *start;
};

/* RFC 3339. Lines of one moment share it. */
struct monitor_time {
	char text[sizeof("2026-11-29T16:54:58.123Z")];
};

struct monitor_session {
	struct cli *cli;
	const struct monitor_values *wanted;
	struct mdev_monitor *monitor;
	int64_t end;	/* of --timeout */
	bool is_over;
};

/* Choice --------------------------------------------------------------------- */

static bool wants_object(const struct monitor_values *wanted, enum monitor_object object)
{
	if (!wanted->devices && !wanted->parents && !wanted->definitions)
		return true;
	return (object == OBJECT_DEVICE && wanted->devices) ||
	       (object == OBJECT_PARENT && wanted->parents) ||
	       (object == OBJECT_DEFINITION && wanted->definitions);
}

static bool wants_change(const struct monitor_values *wanted, enum monitor_change change)
{
	if (!wanted->added && !wanted->removed && !wanted->changed)
		return true;
	return (change == CHANGE_ADDED && wanted->added) ||
	       (change == CHANGE_REMOVED && wanted->removed) ||
	       (change == CHANGE_CHANGED && wanted->changed);
}

static bool wants_line(const struct monitor_values *wanted, const struct monitor_line *line)
{
	const struct mdev_uuid *uuid = option_uuid(&wanted->uuid);

	if (uuid && (!line->uuid || strcmp(line->uuid->text, uuid->text) != 0))
		return false;
	return wants_object(wanted, line->object) &&
	       (!wanted->parent || strcmp(line->parent, wanted->parent) == 0);
}

/* Lines ---------------------------------------------------------------------- */

static void tell_time(struct monitor_time *now)
{
	struct timespec time;
	struct tm utc;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &time);
	length = strftime(now->text, sizeof(now->text), "%Y-%m-%dT%H:%M:%S",
			  gmtime_r(&time.tv_sec, &utc));
	snprintf(now->text + length, sizeof(now->text) - length, ".%03dZ",
		 (int)(time.tv_nsec / 1000000));
}

static int add_line(struct out *out, const struct monitor_time *now,
		    const struct monitor_line *line)
{
	const char *object = object_words[line->object];
	const char *uuid = line->uuid ? line->uuid->text : NULL;
	const union out_cell row[MONITOR_COLUMNS] = {
		[MONITOR_TIME].string = now->text,
		[MONITOR_EVENT].string = line->event,
		[MONITOR_OBJECT_TEXT].string = object ?: "-",
		[MONITOR_OBJECT].string = object,
		[MONITOR_UUID_TEXT].string = uuid ?: "-",
		[MONITOR_UUID].string = uuid,
		[MONITOR_PARENT_TEXT].string = line->parent ?: "-",
		[MONITOR_PARENT].string = line->parent,
		[MONITOR_TYPE_TEXT].string = line->type ?: "-",
		[MONITOR_TYPE].string = line->type,
		[MONITOR_START].string = line->start,
	};

	return out_add(out, row);
}

/* The exit status. */
static int print_lines(const struct monitor_session *session, const struct out *out)
{
	return cli_written(out_print(out, session->wanted->json ? OUT_JSON_LINES : OUT_LINES));
}

static int print_line(const struct monitor_session *session, const struct monitor_line *line)
{
	_cleanup_(out_clear) struct out out = OUT_NEW(monitor_columns);
	struct monitor_time now;
	int r;

	tell_time(&now);
	r = add_line(&out, &now, line);
	return r < 0 ? cli_written(r) : print_lines(session, &out);
}

static void describe_definition(const struct mdev_definition *definition,
				struct monitor_line *line)
{
	line->type = mdev_definition_get_type(definition);
	if (line->type)
		line->start = mdev_definition_get_start(definition) == MDEV_START_AUTO ? "auto" :
											 "manual";
}

/* What there is -------------------------------------------------------------- */

/* All of it, in lists that the lines point into. */
struct monitor_state {
	struct mdev_parent **parents;
	struct mdev_device **devices;
	struct mdev_definition **definitions;
};

static void monitor_state_clear(struct monitor_state *state)
{
	mdev_parent_list_free(state->parents);
	mdev_device_list_free(state->devices);
	mdev_definition_list_free(state->definitions);
}

static int read_state(const struct monitor_session *session, struct monitor_state *state)
{
	const struct monitor_values *wanted = session->wanted;
	const struct mdev_uuid *uuid = option_uuid(&wanted->uuid);
	struct mdev_ctx *ctx = session->cli->ctx;
	int r;

	r = mdev_parent_list(ctx, &state->parents);
	if (r == 0)
		r = mdev_device_list(ctx, uuid, wanted->parent, &state->devices);
	if (r == 0)
		r = mdev_definition_list_all(ctx, uuid, wanted->parent, &state->definitions);
	return r;
}

static int add_present(const struct monitor_session *session, struct out *out,
		       const struct monitor_time *now, struct monitor_line *line)
{
	line->event = "present";
	/* One line is all that --once wants. */
	if (!wants_line(session->wanted, line) || (session->wanted->once && out->row_count > 0))
		return 0;
	return add_line(out, now, line);
}

static int add_state(const struct monitor_session *session, struct out *out,
		     const struct monitor_time *now, const struct monitor_state *state)
{
	int r = 0;

	for (size_t i = 0; r == 0 && state->parents[i]; i++) {
		struct monitor_line line = { .object = OBJECT_PARENT };

		line.parent = mdev_parent_get_name(state->parents[i]);
		r = add_present(session, out, now, &line);
	}
	for (size_t i = 0; r == 0 && state->devices[i]; i++) {
		struct monitor_line line = { .object = OBJECT_DEVICE };

		line.uuid = mdev_device_get_uuid(state->devices[i]);
		line.parent = mdev_device_get_parent(state->devices[i]);
		line.type = mdev_device_get_type(state->devices[i]);
		r = add_present(session, out, now, &line);
	}
	for (size_t i = 0; r == 0 && state->definitions[i]; i++) {
		struct monitor_line line = { .object = OBJECT_DEFINITION };

		line.uuid = mdev_definition_get_uuid(state->definitions[i]);
		line.parent = mdev_definition_get_parent(state->definitions[i]);
		describe_definition(state->definitions[i], &line);
		r = add_present(session, out, now, &line);
	}
	return r;
}

/* What there is when the changes are watched already. The exit status. */
static int print_state(struct monitor_session *session)
{
	_cleanup_(monitor_state_clear) struct monitor_state state = { 0 };
	_cleanup_(out_clear) struct out out = OUT_NEW(monitor_columns);
	struct monitor_time now;
	int r, status;

	if (read_state(session, &state) < 0)
		return cli_failed(session->cli);
	tell_time(&now);
	r = wants_change(session->wanted, CHANGE_ADDED) ? add_state(session, &out, &now, &state) : 0;
	status = r < 0 ? cli_written(r) : print_lines(session, &out);
	if (status != EXIT_SUCCESS)
		return status;
	session->is_over = session->wanted->once && out.row_count > 0;
	if (session->wanted->once)
		return EXIT_SUCCESS;
	return print_line(session, &(struct monitor_line){ .event = "watching" });
}

/* Changes -------------------------------------------------------------------- */

/* Its differences follow as events. --once waits for one of those. */
static int print_lost(const struct monitor_session *session)
{
	if (!session->wanted->once)
		return print_line(session, &(struct monitor_line){ .event = "lost" });
	log_warning(&session->cli->log, "Events were lost: objects that changed meanwhile, or came "
		    "and went again, are not reported");
	return EXIT_SUCCESS;
}

static int print_change(struct monitor_session *session, struct monitor_line *line)
{
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *definition = NULL;
	struct cli *cli = session->cli;

	/* It may have gone again, or be malformed: that is a change, too. */
	if (line->object == OBJECT_DEFINITION &&
	    mdev_definition_lookup(cli->ctx, line->uuid, line->parent, &definition) == 0)
		describe_definition(definition, line);
	session->is_over = session->wanted->once;
	return print_line(session, line);
}

static int handle_event(struct monitor_session *session, const struct mdev_event *event)
{
	size_t kind = mdev_event_get_kind(event);
	struct monitor_line line = {
		.uuid = mdev_event_get_uuid(event),
		.parent = mdev_event_get_parent(event),
		.type = mdev_event_get_type(event),
	};

	if (kind == MDEV_EVENT_LOST)
		return print_lost(session);
	/* A later version of the library may have others. */
	if (kind >= ARRAY_SIZE(monitor_kinds))
		return EXIT_SUCCESS;
	line.event = change_words[monitor_kinds[kind].change];
	line.object = monitor_kinds[kind].object;
	if (!wants_line(session->wanted, &line) ||
	    !wants_change(session->wanted, monitor_kinds[kind].change))
		return EXIT_SUCCESS;
	return print_change(session, &line);
}

static int handle_events(struct monitor_session *session)
{
	int r = 0, status = EXIT_SUCCESS;

	while (r == 0 && status == EXIT_SUCCESS && !session->is_over) {
		struct mdev_event *event;

		r = mdev_monitor_next(session->monitor, &event);
		if (r < 0)
			break;
		status = handle_event(session, event);
		mdev_event_unref(event);
	}
	return r < 0 && r != -EAGAIN ? cli_failed(session->cli) : status;
}

/* The time is over, and nothing more has come. */
static int end_in_vain(const struct monitor_session *session)
{
	unsigned int seconds;

	if (!session->wanted->once)
		return EXIT_SUCCESS;
	seconds = session->wanted->timeout.milliseconds / 1000;
	return cli_error("No such change within %u second%s", seconds, seconds == 1 ? "" : "s");
}

/* Also while the machine sleeps. */
static int64_t get_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What is left of --timeout; -1: no limit. */
static int get_time_left(const struct monitor_session *session)
{
	int64_t left = session->end - get_milliseconds();

	if (!session->wanted->timeout.given)
		return -1;
	if (left < 0)
		return 0;
	return left < INT_MAX ? (int)left : INT_MAX;
}

static int watch(struct monitor_session *session)
{
	int fd = mdev_monitor_get_fd(session->monitor), status, r;

	for (;;) {
		int left = get_time_left(session);

		r = out_wait(fd, left);
		if (r < 0)
			return cli_written(r);
		status = r > 0 ? handle_events(session) : EXIT_SUCCESS;
		if (status != EXIT_SUCCESS || session->is_over)
			return status;
		if (left == 0)
			return end_in_vain(session);
	}
}

static int monitor_run(struct cli *cli, const void *values)
{
	const struct monitor_values *wanted = values;
	struct monitor_session session = { .cli = cli, .wanted = wanted };
	int status = EXIT_SUCCESS, r;

	r = out_probe();
	if (r < 0)
		return cli_written(r);
	session.end = get_milliseconds() + wanted->timeout.milliseconds;
	if (mdev_monitor_new(cli->ctx, &session.monitor) < 0)
		status = cli_failed(cli);
	if (status == EXIT_SUCCESS && wanted->initial)
		status = print_state(&session);
	if (status == EXIT_SUCCESS)
		status = watch(&session);
	mdev_monitor_unref(session.monitor);
	return status;
}

const struct cmd cmd_monitor = {
	.name = "monitor",
	.summary = "Report when devices, parents and definitions come, change and go",
	.options = monitor_options,
	.values_size = sizeof(struct monitor_values),
	.run = monitor_run,
};
