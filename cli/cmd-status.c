// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "option_table.h"
#include "out.h"

struct status_values {
	struct mdev_uuid uuid;
	const char *parent;
	bool json;
};

static const struct cli_option status_options[] = {
	OPTION(status_values, uuid, "u", OPTION_UUID, .help = "Only the device of this UUID"),
	OPTION(status_values, parent, "p", OPTION_PARENT, .help = "Only devices of this parent"),
	OPTION(status_values, json, NULL, OPTION_FLAG, .help = "Print JSON"),
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
	[STATUS_ADVICE] = { .kind = OUT_BELOW, .key = "advice" },
};

static int add_status(struct out *out, const struct mdev_status *status)
{
	const char *type = mdev_status_get_type(status);
	const union out_cell row[STATUS_COLUMNS] = {
		[STATUS_UUID].string = mdev_status_get_uuid(status)->text,
		[STATUS_PARENT].string = mdev_status_get_parent(status),
		[STATUS_TYPE].string = type ?: "-",
		[STATUS_KNOWN_TYPE].string = type,
		[STATUS_STATE].string = mdev_status_is_active(status) ? "active" : "inactive",
		[STATUS_VERDICT].string = mdev_status_get_word(status),
		[STATUS_OWNER].string = mdev_status_get_owner(status),
		[STATUS_REASON].string = mdev_status_get_reason(status),
		[STATUS_ADVICE].string = mdev_status_get_advice(status),
	};

	return out_add(out, row);
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

static int status_run(struct cli *cli, const void *values)
{
	const struct status_values *wanted = values;
	_cleanup_(mdev_status_list_freep) struct mdev_status **statuses = NULL;
	_cleanup_(out_clear) struct out out = OUT_NEW(status_columns);
	bool is_well = true;
	int r;

	r = mdev_status_list(cli->ctx, option_uuid(&wanted->uuid), wanted->parent, 0, &statuses);
	if (r < 0)
		return cli_failed(cli);
	if (explain_machine(cli) != EXIT_SUCCESS)
		return EXIT_FAILURE;
	for (size_t i = 0; r == 0 && statuses[i]; i++) {
		is_well = is_well && mdev_status_is_well(statuses[i]);
		r = add_status(&out, statuses[i]);
	}
	r = cli_written(r < 0 ? r : out_print(&out, wanted->json ? OUT_JSON_ROWS : OUT_LINES));
	if (r != EXIT_SUCCESS)
		return r;
	return is_well ? EXIT_SUCCESS : EXIT_ATTENTION;
}

const struct cmd cmd_status = {
	.name = "status",
	.summary = "Check whether devices are active as defined, and say why not",
	.options = status_options,
	.values_size = sizeof(struct status_values),
	.run = status_run,
};
