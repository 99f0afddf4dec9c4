// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <unistd.h>

#include "instances.h"
#include "progress.h"

/* What is printed next takes the place of this. */
static int instances_show(void *data, const struct mdev_definition *definition, size_t done)
{
	const struct instances *instances = data;

	(void)definition;
	fprintf(stderr, PROGRESS_ERASE "%zu of %zu %s\r", done, instances->count, instances->done);
	return 0;
}

int instances_wait_for(struct cli *cli, const struct mdev_definition *definition, const char *who)
{
	_cleanup_(mdev_device_unrefp) struct mdev_device *device = NULL;

	if (mdev_device_lookup(cli->ctx, mdev_definition_get_uuid(definition), &device) == 0 &&
	    mdev_device_wait_access(device, who, 0) == 0)
		return EXIT_SUCCESS;
	return cli_error("%s; the device was started", mdev_ctx_last_error(cli->ctx));
}

/* All of them, even if one cannot be printed: no new UUID may be lost. */
static int instances_print(const struct instances *instances, struct mdev_definition **made)
{
	int status = EXIT_SUCCESS;

	for (size_t i = 0; made[i]; i++)
		if (cli_print_uuid(made[i], instances->done) != EXIT_SUCCESS)
			status = EXIT_FAILURE;
	return status;
}

/* After they are named: those who are told the names may wait for themselves. */
static int instances_wait(struct cli *cli, const struct instances *instances,
			  struct mdev_definition **made)
{
	int status = EXIT_SUCCESS;

	for (size_t i = 0; made[i] && status == EXIT_SUCCESS; i++)
		status = instances_wait_for(cli, made[i], instances->wait);
	return status;
}

int instances_run(struct cli *cli, const struct instances *instances)
{
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **made = NULL;
	bool show = instances->count > 1 && isatty(STDERR_FILENO);
	struct instances shown = *instances;
	int r, status;

	r = instances->make(instances->model, instances->count, instances->flags,
			    show ? instances_show : NULL, &shown, &made);
	if (show)
		fputs(PROGRESS_ERASE, stderr);
	if (r < 0)
		return cli_failed(cli);
	status = instances->print ? instances_print(instances, made) : EXIT_SUCCESS;
	return instances->wait ? instances_wait(cli, instances, made) | status : status;
}
