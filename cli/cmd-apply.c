// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "document.h"
#include "out.h"
#include "util/text.h"

static const struct cli_option apply_options[] = { DOCUMENT_OPTIONS, { 0 } };

static const char *apply_done(const struct mdev_change *change)
{
	switch (mdev_change_get_action(change)) {
	case MDEV_ACTION_CREATE:
		return "Created";
	case MDEV_ACTION_REMOVE:
		return "Removed";
	default:
		return "Changed";
	}
}

/* A line for each device, at once: the next one may take long. */
static int apply_say(const struct mdev_change *change, size_t done, size_t total)
{
	_cleanup_(freep) char *line = NULL;

	if (!out_is_read_by_person())
		return EXIT_SUCCESS;
	if (asprintf(&line, "[%zu/%zu] %s %s, type %s on %s", done, total, apply_done(change),
		     mdev_change_get_uuid(change)->text, mdev_change_get_type(change),
		     mdev_change_get_parent(change)) < 0) {
		line = NULL;
		return cli_error("%s", strerror(ENOMEM));
	}
	text_make_line(line);
	return cli_written(out_print_line(line));
}

/* @data is the exit status, set if a line could not be printed. */
static int apply_tell(void *data, const struct mdev_change *change, size_t done, size_t total,
		      int result, const char *error)
{
	bool conflict = mdev_change_get_action(change) == MDEV_ACTION_CONFLICT;
	int *status = data;

	if (result == 0)
		*status |= apply_say(change, done, total);
	else
		cli_complain("Failed to %s %s, type %s on %s: %s",
			     conflict ? "change" : mdev_change_get_word(change),
			     mdev_change_get_uuid(change)->text, mdev_change_get_type(change),
			     mdev_change_get_parent(change), error);
	return 0;
}

static int apply_run(struct cli *cli, const void *values)
{
	const struct document_values *apply = values;
	_cleanup_(mdev_document_unrefp) struct mdev_document *document = NULL;
	int status;

	status = document_load(cli, apply, &document);
	if (status != EXIT_SUCCESS)
		return status;
	if (mdev_document_apply(document, document_flags(apply), apply_tell, &status) < 0)
		return cli_failed(cli);
	return status;
}

const struct cmd cmd_apply = {
	.name = "apply",
	.summary = "Define, change, start, stop and remove devices as documents describe them",
	.options = apply_options,
	.values_size = sizeof(struct document_values),
	.changes = true,
	.run = apply_run,
};
