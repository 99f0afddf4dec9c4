// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <unistd.h>

#include "instances.h"

/* Erases the line of the terminal. */
#define ERASE "\r\033[K"

/* What is printed next takes the place of this. */
static int instances_show(void *data, const struct mdev_definition *definition, size_t done)
{
	const struct instances *instances = data;

	(void)definition;
	fprintf(stderr, ERASE "%zu of %zu %s\r", done, instances->count, instances->done);
	return 0;
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

int instances_run(struct cli *cli, const struct instances *instances)
{
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **made = NULL;
	bool show = instances->count > 1 && isatty(STDERR_FILENO);
	struct instances shown = *instances;
	int r;

	r = instances->make(instances->model, instances->count, instances->flags,
			    show ? instances_show : NULL, &shown, &made);
	if (show)
		fputs(ERASE, stderr);
	if (r < 0)
		return cli_failed(cli);
	return instances->print ? instances_print(instances, made) : EXIT_SUCCESS;
}
