// SPDX-License-Identifier: LGPL-2.1-or-later
#include "document.h"
#include "out.h"

static const struct cli_option plan_options[] = { OPTION(document_values, json, NULL, OPTION_FLAG,
							 .help = "Print JSON"),
						  DOCUMENT_OPTIONS,
						  { 0 } };

/* The text has a place for the steps even if there are none, so that columns can be counted. */
enum {
	PLAN_UUID,
	PLAN_PARENT,
	PLAN_TYPE,
	PLAN_ACTION,
	PLAN_STEPS,
	PLAN_KNOWN_STEPS,
	PLAN_OWNER,
	PLAN_REASON,
	PLAN_COLUMNS
};

static const struct out_column plan_columns[PLAN_COLUMNS] = {
	[PLAN_UUID] = { .key = "uuid" },
	[PLAN_PARENT] = { .key = "parent" },
	[PLAN_TYPE] = { .key = "type" },
	[PLAN_ACTION] = { .key = "action" },
	[PLAN_STEPS] = { .kind = OUT_STRING },
	[PLAN_KNOWN_STEPS] = { .kind = OUT_JOINED, .key = "steps" },
	[PLAN_OWNER] = { .kind = OUT_JOINED, .key = "owner" },
	[PLAN_REASON] = { .kind = OUT_BELOW, .key = "reason" },
};

static int add_change(struct out *out, const struct mdev_change *change)
{
	const char *steps = mdev_change_get_steps(change);
	const union out_cell row[PLAN_COLUMNS] = {
		[PLAN_UUID].string = mdev_change_get_uuid(change)->text,
		[PLAN_PARENT].string = mdev_change_get_parent(change),
		[PLAN_TYPE].string = mdev_change_get_type(change),
		[PLAN_ACTION].string = mdev_change_get_word(change),
		[PLAN_STEPS].string = steps ?: "-",
		[PLAN_KNOWN_STEPS].string = steps,
		[PLAN_OWNER].string = mdev_change_get_owner(change),
		[PLAN_REASON].string = mdev_change_get_reason(change),
	};

	return out_add(out, row);
}

static int plan_run(struct cli *cli, const void *values)
{
	const struct document_values *plan = values;
	_cleanup_(mdev_document_unrefp) struct mdev_document *document = NULL;
	_cleanup_(mdev_change_list_freep) struct mdev_change **changes = NULL;
	_cleanup_(out_clear) struct out out = OUT_NEW(plan_columns);
	int r = 0, status;

	status = document_load(cli, plan, &document);
	if (status != EXIT_SUCCESS)
		return status;
	if (mdev_document_plan(document, document_flags(plan), &changes) < 0)
		return cli_failed(cli);
	for (size_t i = 0; r == 0 && changes[i]; i++)
		if (mdev_change_get_action(changes[i]) != MDEV_ACTION_NONE)
			r = add_change(&out, changes[i]);
	status = cli_written(r < 0 ? r : out_print(&out, plan->json ? OUT_JSON_ROWS : OUT_LINES));
	if (status != EXIT_SUCCESS)
		return status;
	return out.row_count > 0 ? EXIT_ATTENTION : EXIT_SUCCESS;
}

const struct cmd cmd_plan = {
	.name = "plan",
	.summary = "Show what apply would change",
	.options = plan_options,
	.values_size = sizeof(struct document_values),
	.run = plan_run,
};
