// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "option_table.h"
#include "out.h"
#include "util/array.h"
#include "util/buffer.h"

struct status_values {
	struct mdev_uuid uuid;
	const char *parent;
	bool json, watch;
};

static const struct cli_option status_options[] = {
	OPTION(status_values, uuid, "u", OPTION_UUID, .help = "Only the device of this UUID"),
	OPTION(status_values, parent, "p", OPTION_PARENT, .help = "Only devices of this parent"),
	OPTION(status_values, json, NULL, OPTION_FLAG, .help = "Print JSON"),
	OPTION(status_values, watch, NULL, OPTION_FLAG, .excludes = { "json" },
	       .help = "Follow the changes until a signal ends the command"),
	{ 0 }
};

/* The text has a place for the type even if it is not known, so that columns can be counted. */
enum {
	STATUS_UUID,
	STATUS_PARENT,
	STATUS_TYPE,
	STATUS_KNOWN_TYPE,
	STATUS_STATE,
	STATUS_VERDICT,
	STATUS_OWNER,
	STATUS_REASON,
	STATUS_ATTEMPT_TEXT,
	STATUS_ATTEMPT,
	STATUS_ATTEMPT_TIME,
	STATUS_ATTEMPT_BY,
	STATUS_ADVICE,
	STATUS_COLUMNS
};

static const struct out_column status_columns[STATUS_COLUMNS] = {
	[STATUS_UUID] = { .key = "uuid" },
	[STATUS_PARENT] = { .key = "parent" },
	[STATUS_TYPE] = { .kind = OUT_STRING },
	[STATUS_KNOWN_TYPE] = { .kind = OUT_JOINED, .key = "type" },
	[STATUS_STATE] = { .kind = OUT_JOINED, .key = "state" },
	[STATUS_VERDICT] = { .key = "verdict" },
	[STATUS_OWNER] = { .kind = OUT_JOINED, .key = "owner" },
	[STATUS_REASON] = { .kind = OUT_BELOW, .key = "reason" },
	[STATUS_ATTEMPT_TEXT] = { .kind = OUT_BELOW },
	[STATUS_ATTEMPT] = { .kind = OUT_JOINED, .key = "attempt" },
	[STATUS_ATTEMPT_TIME] = { .kind = OUT_JOINED, .key = "attempt_time" },
	[STATUS_ATTEMPT_BY] = { .kind = OUT_JOINED, .key = "attempt_by" },
	[STATUS_ADVICE] = { .kind = OUT_BELOW, .key = "advice" },
};

/* All devices as they were at one time. The rows point into the other members. */
struct status_view {
	struct mdev_status **statuses;
	struct strings texts;
	struct out out;
	bool is_well;
};

static void status_view_clear(struct status_view *view)
{
	mdev_status_list_free(view->statuses);
	strings_clear(&view->texts);
	out_clear(&view->out);
}

/* @text: belongs to the view; NULL if no attempt has failed. */
static int describe_attempt(struct status_view *view, const struct mdev_status *status,
			    const char **text)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	*text = NULL;
	if (!mdev_status_get_attempt(status))
		return 0;
	buffer_add_format(&buffer, "The last automatic start failed at %s, by %s: %s",
			  mdev_status_get_attempt_time(status), mdev_status_get_attempt_by(status),
			  mdev_status_get_attempt(status));
	if (buffer.failed || strings_add(&view->texts, buffer.text) < 0)
		return -ENOMEM;
	*text = view->texts.items[view->texts.count - 1];
	return 0;
}

static int add_status(struct status_view *view, const struct mdev_status *status)
{
	const char *type = mdev_status_get_type(status), *attempt;
	int r = describe_attempt(view, status, &attempt);
	const union out_cell row[STATUS_COLUMNS] = {
		[STATUS_UUID].string = mdev_status_get_uuid(status)->text,
		[STATUS_PARENT].string = mdev_status_get_parent(status),
		[STATUS_TYPE].string = type ?: "-",
		[STATUS_KNOWN_TYPE].string = type,
		[STATUS_STATE].string = mdev_status_is_active(status) ? "active" : "inactive",
		[STATUS_VERDICT].string = mdev_status_get_word(status),
		[STATUS_OWNER].string = mdev_status_get_owner(status),
		[STATUS_REASON].string = mdev_status_get_reason(status),
		[STATUS_ATTEMPT_TEXT].string = attempt,
		[STATUS_ATTEMPT].string = mdev_status_get_attempt(status),
		[STATUS_ATTEMPT_TIME].string = mdev_status_get_attempt_time(status),
		[STATUS_ATTEMPT_BY].string = mdev_status_get_attempt_by(status),
		[STATUS_ADVICE].string = mdev_status_get_advice(status),
	};

	return r < 0 ? r : out_add(&view->out, row);
}

/* The exit status. */
static int read_view(struct cli *cli, const struct status_values *wanted, unsigned int flags,
		     struct status_view *view)
{
	int r;

	*view = (struct status_view){ .out = OUT_NEW(status_columns), .is_well = true };
	if (mdev_status_list(cli->ctx, option_uuid(&wanted->uuid), wanted->parent, flags,
			     &view->statuses) < 0)
		return cli_failed(cli);
	for (size_t i = 0; view->statuses[i]; i++) {
		view->is_well = view->is_well && mdev_status_is_well(view->statuses[i]);
		r = add_status(view, view->statuses[i]);
		if (r < 0)
			return cli_written(r);
	}
	return EXIT_SUCCESS;
}

/* Whatever is or is not listed, without a parent nothing can be started. */
static int explain_machine(struct cli *cli)
{
	_cleanup_(freep) char *text = NULL;
	char *rest, *line;

	if (mdev_ctx_explain_parents(cli->ctx, &text) < 0)
		return cli_failed(cli);
	for (rest = text; *text && (line = strsep(&rest, "\n"));)
		log_warning(&cli->log, "%s", line);
	return EXIT_SUCCESS;
}

/* --watch -------------------------------------------------------------------- */

/* Types, instances and attributes change without an event. */
#define LOOK_AGAIN_MS 1000

/* Moves to the upper left corner and clears the terminal. */
#define CLEAR_TERMINAL "\033[H\033[2J"

/* The row of the same device, or NULL. */
static const union out_cell *find_row(const struct status_view *view, const union out_cell *row)
{
	for (size_t i = 0; i < view->out.row_count; i++) {
		const union out_cell *other = &view->out.cells[i * STATUS_COLUMNS];

		if (strcmp(other[STATUS_UUID].string, row[STATUS_UUID].string) == 0 &&
		    strcmp(other[STATUS_PARENT].string, row[STATUS_PARENT].string) == 0)
			return other;
	}
	return NULL;
}

static bool is_same_row(const union out_cell *a, const union out_cell *b)
{
	for (size_t i = 0; i < STATUS_COLUMNS; i++)
		if (strcmp(a[i].string ?: "", b[i].string ?: "") != 0)
			return false;
	return true;
}

/* The rows that are new or different, then those that have gone. */
static int add_changes(const struct status_view *former, const struct status_view *view,
		       struct out *changes)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < view->out.row_count; i++) {
		const union out_cell *row = &view->out.cells[i * STATUS_COLUMNS];
		const union out_cell *other = find_row(former, row);

		if (!other || !is_same_row(row, other))
			r = out_add(changes, row);
	}
	for (size_t i = 0; r == 0 && i < former->out.row_count; i++) {
		const union out_cell *row = &former->out.cells[i * STATUS_COLUMNS];
		const union out_cell gone[STATUS_COLUMNS] = {
			[STATUS_UUID] = row[STATUS_UUID],
			[STATUS_PARENT] = row[STATUS_PARENT],
			[STATUS_TYPE] = row[STATUS_TYPE],
			[STATUS_VERDICT].string = "gone",
		};

		if (!find_row(view, row))
			r = out_add(changes, gone);
	}
	return r;
}

/* A terminal is drawn anew, anything else gets what has changed. Return: 0, -errno. */
static int print_changes(const struct status_view *former, const struct status_view *view,
			 bool is_first)
{
	_cleanup_(out_clear) struct out changes = OUT_NEW(status_columns);
	int r;

	r = add_changes(former, view, &changes);
	if (r < 0 || (changes.row_count == 0 && !is_first))
		return r;
	if (!out_is_terminal())
		return out_print(&changes, OUT_LINES);
	r = out_write(CLEAR_TERMINAL, strlen(CLEAR_TERMINAL));
	return r < 0 ? r : out_print(&view->out, OUT_LINES);
}

/* Until something may have changed. Return: 0, -errno; the library's are reported to @failed. */
static int await_change(struct mdev_monitor *monitor, bool *failed)
{
	struct mdev_event *event;
	int r;

	r = out_wait(mdev_monitor_get_fd(monitor), LOOK_AGAIN_MS);
	if (r < 0)
		return r;
	while ((r = mdev_monitor_next(monitor, &event)) == 0)
		mdev_event_unref(event);
	*failed = r != -EAGAIN;
	return *failed ? r : 0;
}

/* The exit status. */
static int follow(struct cli *cli, const struct status_values *wanted,
		  struct mdev_monitor *monitor)
{
	_cleanup_(status_view_clear) struct status_view former = { .out = OUT_NEW(status_columns) };
	bool failed = false, is_first = true;
	int r, status;

	for (;;) {
		struct status_view view;

		/* Scripts are not run once a second. */
		status = read_view(cli, wanted, MDEV_OP_NO_CALLOUTS, &view);
		r = status == EXIT_SUCCESS ? print_changes(&former, &view, is_first) : 0;
		is_first = false;
		status_view_clear(&former);
		former = view;
		if (status != EXIT_SUCCESS)
			return status;
		if (r == 0)
			r = await_change(monitor, &failed);
		if (r < 0)
			return failed ? cli_failed(cli) : cli_written(r);
	}
}

static int status_watch(struct cli *cli, const struct status_values *wanted)
{
	struct mdev_monitor *monitor;
	int status = out_probe();

	if (status < 0)
		return cli_written(status);
	if (mdev_monitor_new(cli->ctx, &monitor) < 0)
		return cli_failed(cli);
	status = follow(cli, wanted, monitor);
	mdev_monitor_unref(monitor);
	return status;
}

static int status_run(struct cli *cli, const void *values)
{
	_cleanup_(status_view_clear) struct status_view view = { 0 };
	const struct status_values *wanted = values;
	int status;

	if (wanted->watch)
		return status_watch(cli, wanted);
	status = read_view(cli, wanted, 0, &view);
	if (status == EXIT_SUCCESS)
		status = explain_machine(cli);
	if (status == EXIT_SUCCESS)
		status = cli_written(out_print(&view.out, wanted->json ? OUT_JSON_ROWS : OUT_LINES));
	if (status != EXIT_SUCCESS)
		return status;
	return view.is_well ? EXIT_SUCCESS : EXIT_ATTENTION;
}

const struct cmd cmd_status = {
	.name = "status",
	.summary = "Check whether devices are active as defined, and say why not",
	.options = status_options,
	.values_size = sizeof(struct status_values),
	.run = status_run,
};
