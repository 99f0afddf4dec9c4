// SPDX-License-Identifier: LGPL-2.1-or-later
/* mdev-sim: a /sys with mediated devices, for tests. See README.md. */
#include "sim.h"

#include <getopt.h>
#include <unistd.h>

#include "mem.h"

static const char usage[] = "Usage: mdev-sim [-f] [-w PID] MOUNTPOINT MACHINE-FILE...\n"
			    "  -f      stay in the foreground\n"
			    "  -w PID  unmount and end when that process has ended\n";

static struct sim *sim_new(void)
{
	struct sim *sim = mem_zero(sizeof(*sim));

	pthread_mutex_init(&sim->lock, NULL);
	sim->model = model_new();
	sim->gpus = gpus_new(sim->model, node_path_dir(model_root(sim->model), NODES_DIR));
	sim->xes = xes_new(sim->model, node_path_dir(model_root(sim->model), NODES_DIR));
	sim->rules = rules_new();
	sim->record = record_new();
	sim->error = mem_strdup("");
	return sim;
}

static void sim_free(struct sim *sim)
{
	gpus_free(sim->gpus);
	xes_free(sim->xes);
	model_free(sim->model);
	rules_free(sim->rules);
	pthread_mutex_destroy(&sim->lock);
	record_free(sim->record);
	free(sim->error);
	free(sim);
}

int main(int argc, char **argv)
{
	bool foreground = false;
	pid_t watched = 0;
	struct sim *sim;
	int option, rc = 0;

	while ((option = getopt(argc, argv, "fw:")) >= 0) {
		if (option == 'f')
			foreground = true;
		else if (option == 'w' && atoi(optarg) > 0)
			watched = atoi(optarg);
		else
			optind = argc;
	}
	if (argc - optind < 2) {
		fputs(usage, stderr);
		return 2;
	}
	/* What a test runner has open must not stay open in the background. */
	close_range(3, ~0U, 0);

	sim = sim_new();
	for (int i = optind + 1; i < argc && !rc; i++)
		if (control_load(sim, argv[i])) {
			warnx("%s: %s", argv[i], sim->error);
			rc = 1;
		}
	if (!rc)
		rc = mount_run(sim, argv[optind], watched, foreground);
	sim_free(sim);
	return rc;
}
