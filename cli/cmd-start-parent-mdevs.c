// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "option_table.h"
#include "out.h"
#include "util/text.h"

struct autostart_values {
	const char *parent;
	bool all;
	struct option_seconds timeout;
};

static const struct cli_option autostart_options[] = {
	OPTION(autostart_values, parent, NULL, OPTION_PARENT, .argument = true, .unless = { "all" },
	       .help = "Parent that has appeared"),
	OPTION(autostart_values, all, NULL, OPTION_FLAG, .unless = { "parent" },
	       .excludes = { "parent" },
	       .help = "Start the devices of all parents that have definitions"),
	OPTION(autostart_values, timeout, NULL, OPTION_SECONDS,
	       .help = "Seconds to wait for parents, types and instances that appear late "
		       "(default 5, 0: do not wait)"),
	{ 0 }
};

/* Reports the result for @definition at once: waiting for the next device may take long. */
_printf_format_(3, 4) static int autostart_say(const struct mdev_definition *definition,
					       const char *done, const char *format, ...)
{
	_cleanup_(freep) char *line = NULL;
	va_list args;

	if (!out_is_read_by_person())
		return EXIT_SUCCESS;
	va_start(args, format);
	if (vasprintf(&line, format, args) < 0)
		line = NULL;
	va_end(args);
	if (!line)
		return cli_error("%s", strerror(ENOMEM));
	text_make_line(line);
	return cli_print_done(definition, done, line);
}

/*
 * One line for each device, for a terminal or the journal. Success goes to standard output,
 * because some udev rules log standard error as critical. A device that is already active gets
 * no line: events are repeated. @data is the exit status, set if a line could not be printed.
 */
static int autostart_tell(void *data, const struct mdev_definition *definition, int result,
			  const char *error)
{
	const char *uuid = mdev_definition_get_uuid(definition)->text;
	const char *parent = mdev_definition_get_parent(definition);
	const char *type = mdev_definition_get_type(definition);
	int *status = data;

	if (result == 0)
		*status |= autostart_say(definition, "started", "Started %s, type %s on %s", uuid,
					 type, parent);
	else if (result == -ENODEV && !*error)
		*status |= autostart_say(definition, "left",
					 "Left %s, type %s, to be started when parent %s appears",
					 uuid, type, parent);
	else if (result != -EALREADY)
		cli_complain("Failed to start %s, type %s on %s: %s", uuid, type, parent, error);
	return 0;
}

static int autostart_run(struct cli *cli, const void *values)
{
	const struct autostart_values *autostart = values;
	int status = EXIT_SUCCESS;

	if (autostart->timeout.given)
		mdev_ctx_set_timeout(cli->ctx, autostart->timeout.milliseconds);
	if (mdev_autostart(cli->ctx, autostart->parent, 0, autostart_tell, &status) < 0)
		return cli_failed(cli);
	return status;
}

const struct cmd cmd_start_parent_mdevs = {
	.name = "start-parent-mdevs",
	.summary = "Start the devices that are defined to start with their parent",
	.options = autostart_options,
	.values_size = sizeof(struct autostart_values),
	.hidden = true,
	.changes = true,
	.run = autostart_run,
};
