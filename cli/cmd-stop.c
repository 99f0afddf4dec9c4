// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "option_table.h"

struct stop_values {
	struct mdev_uuid uuid;
	const char *parent;
	struct option_seconds timeout;
	bool force;
};

static const struct cli_option stop_options[] = {
	OPTION(stop_values, uuid, "u", OPTION_UUID, .required = true, .help = "UUID of the device"),
	OPTION(stop_values, parent, "p", OPTION_PARENT,
	       .help = "Only if the device is active on this parent"),
	OPTION(stop_values, timeout, NULL, OPTION_SECONDS,
	       .help = "Seconds to wait until it is released (default 15)"),
	OPTION(stop_values, force, "f", OPTION_FLAG,
	       .help = "Stop it even if a callout script refuses"),
	{ 0 }
};

/* In the words of mdevctl 1.4.0; what has become of the device comes behind them. */
static int stop_fail_inactive(struct cli *cli, const struct stop_values *stop)
{
	const char *why = mdev_ctx_last_error_reason(cli->ctx);

	return cli_error("Device %s is not an active mdev%s%s", stop->uuid.text, why ? "; " : "",
			 why ? why : "");
}

static int stop_run(struct cli *cli, const void *values)
{
	const struct stop_values *stop = values;
	_cleanup_(mdev_device_unrefp) struct mdev_device *device = NULL;
	const char *parent;
	int r;

	r = mdev_device_lookup(cli->ctx, &stop->uuid, &device);
	if (r == -ENODEV)
		return stop_fail_inactive(cli, stop);
	if (r < 0)
		return cli_failed(cli);
	parent = mdev_device_get_parent(device);
	if (stop->parent && strcmp(parent, stop->parent) != 0)
		return cli_error("Mediated device %s/%s is not active; %s is active on %s",
				 stop->parent, stop->uuid.text, stop->uuid.text, parent);
	if (stop->timeout.given)
		mdev_ctx_set_timeout(cli->ctx, stop->timeout.milliseconds);
	if (mdev_stop(device, stop->force ? MDEV_OP_FORCE : 0) < 0)
		return cli_failed(cli);
	return EXIT_SUCCESS;
}

const struct cmd cmd_stop = {
	.name = "stop",
	.summary = "Stop an active mediated device",
	.options = stop_options,
	.values_size = sizeof(struct stop_values),
	.changes = true,
	.run = stop_run,
};
