// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "cli.h"
#include "option_table.h"

struct autostart_values {
	const char *parent;
	bool all;
	struct option_seconds timeout;
};

static const struct cli_option autostart_options[] = {
	OPTION(autostart_values, parent, NULL, OPTION_PARENT, .argument = true, .unless = "all",
	       .help = "Parent that has appeared"),
	OPTION(autostart_values, all, NULL, OPTION_FLAG, .unless = "parent",
	       .excludes = { "parent" },
	       .help = "Start those of every parent that devices are defined for"),
	OPTION(autostart_values, timeout, NULL, OPTION_SECONDS,
	       .help = "Wait at most so long for what the kernel supplies late"),
	{ 0 }
};

/*
 * A line a device on standard error, which the journal or a log gets at boot. There is none
 * for what is active already: events come more than once.
 */
static void tell(void *data, const struct mdev_definition *definition, int result,
		 const char *error)
{
	const char *uuid = mdev_definition_get_uuid(definition);
	const char *parent = mdev_definition_get_parent(definition);
	const char *type = mdev_definition_get_type(definition);

	(void)data;
	if (result == 0)
		fprintf(stderr, "Started %s, type %s on %s\n", uuid, type, parent);
	else if (result == -ENODEV && !*error)
		fprintf(stderr, "Left %s, type %s, to be started when parent %s appears\n", uuid,
			type, parent);
	else if (result != -EALREADY)
		fprintf(stderr, "Failed to start %s, type %s on %s: %s\n", uuid, type, parent,
			error);
}

static int autostart_run(struct cli *cli, const void *values)
{
	const struct autostart_values *autostart = values;

	if (autostart->timeout.given)
		mdev_ctx_set_timeout(cli->ctx, autostart->timeout.milliseconds);
	if (mdev_autostart(cli->ctx, autostart->parent, 0, tell, NULL) < 0)
		return cli_failed(cli);
	return EXIT_SUCCESS;
}

const struct cmd cmd_start_parent_mdevs = {
	.name = "start-parent-mdevs",
	.summary = "Start the devices that are defined to start with their parent",
	.options = autostart_options,
	.values_size = sizeof(struct autostart_values),
	.hidden = true,
	.run = autostart_run,
};
