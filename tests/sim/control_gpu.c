// SPDX-License-Identifier: LGPL-2.1-or-later
/* The commands about GPUs and their virtual functions; README.md describes them. */
#include "control.h"

#include <errno.h>

#include "clock.h"
#include "mem.h"
#include "words.h"

/* NULL, and the reason, for an address that is missing or that nothing has. */
static struct gpu *take_gpu(struct sim *sim, char **rest)
{
	const char *address = word_next(rest);
	struct gpu *gpu = address ? gpu_find(sim->gpus, address) : NULL;

	if (!gpu)
		control_refuse(sim, "no such GPU", address);
	return gpu;
}

static struct vf *take_vf(struct sim *sim, char **rest)
{
	const char *address = word_next(rest);
	struct vf *vf = address ? vf_find(sim->gpus, address) : NULL;

	if (!vf)
		control_refuse(sim, "no such virtual function", address);
	return vf;
}

/* The machine -------------------------------------------------------------- */

typedef int set_fn(void *gpu, const char *key, const char *value);

static int set_gpu(void *gpu, const char *key, const char *value)
{
	return gpu_set(gpu, key, value);
}

static int set_xe(void *gpu, const char *key, const char *value)
{
	return xe_set(gpu, key, value);
}

static int take_settings(struct sim *sim, set_fn *set, void *gpu, char **rest)
{
	char *word, *value;
	int rc = 0;

	while (!rc && (word = word_next(rest))) {
		value = strchr(word, '=');
		if (!value)
			return control_refuse(sim, "not KEY=VALUE", word);
		*value++ = '\0';
		rc = control_outcome(sim, set(gpu, word, value), word);
	}
	return rc;
}

static int take_sriov(struct sim *sim, char **rest, struct sriov_config *config, const char *usage)
{
	config->address = word_next(rest);
	config->bridge = word_next(rest);
	if (word_number(word_next(rest), 10, &config->total) ||
	    word_number(word_next(rest), 10, &config->first) ||
	    word_number(word_next(rest), 10, &config->memory))
		return control_refuse(sim, usage, config->address);
	return 0;
}

static int run_gpu(struct sim *sim, char **rest)
{
	struct sriov_config config;
	int rc = take_sriov(sim, rest, &config, "gpu ADDRESS PATH VFS FIRST MIB");

	if (rc)
		return rc;
	rc = gpu_add(sim->gpus, &config);
	if (rc)
		return control_outcome(sim, rc, "gpu");
	return take_settings(sim, set_gpu, gpu_find(sim->gpus, config.address), rest);
}

/* An Intel GPU. */
static struct xe *take_xe(struct sim *sim, char **rest)
{
	const char *address = word_next(rest);
	struct xe *xe = address ? xe_find(sim->xes, address) : NULL;

	if (!xe)
		control_refuse(sim, "no such GPU", address);
	return xe;
}

static int run_xe(struct sim *sim, char **rest)
{
	struct sriov_config config;
	int rc = take_sriov(sim, rest, &config, "xe ADDRESS PATH VFS FIRST MIB");

	return rc ? rc : control_outcome(sim, xe_add(sim->xes, &config), "xe");
}

static int run_xe_set(struct sim *sim, char **rest)
{
	struct xe *xe = take_xe(sim, rest);

	return xe ? take_settings(sim, set_xe, xe, rest) : -EINVAL;
}

static int run_xe_enable(struct sim *sim, char **rest)
{
	struct xe *xe = take_xe(sim, rest);
	const char *text = word_next(rest);
	unsigned int count;

	if (!xe)
		return -EINVAL;
	if (word_number(text, 10, &count))
		return control_refuse(sim, "xe-enable GPU COUNT", text);
	return control_outcome(sim, xe_set_count(xe, count), "xe-enable");
}

static int run_xe_reload(struct sim *sim, char **rest)
{
	struct xe *xe = take_xe(sim, rest);

	if (!xe)
		return -EINVAL;
	xe_reload(xe);
	return 0;
}

static int run_gpu_set(struct sim *sim, char **rest)
{
	struct gpu *gpu = take_gpu(sim, rest);

	return gpu ? take_settings(sim, set_gpu, gpu, rest) : -EINVAL;
}

static int run_gpu_type(struct sim *sim, char **rest)
{
	struct gpu *gpu = take_gpu(sim, rest);
	const char *id = word_next(rest), *size = word_next(rest), *name = word_next(rest);
	const char *profile = word_next(rest);
	unsigned int number, mib;

	if (!gpu)
		return -EINVAL;
	if (word_number(id, 10, &number) || word_number(size, 10, &mib) || !name)
		return control_refuse(sim, "gpu-type GPU ID MIB NAME [PROFILE]", id);
	return control_outcome(sim, gpu_add_type(gpu, number, mib, name, profile), "gpu-type");
}

static int run_mig(struct sim *sim, char **rest)
{
	struct gpu *gpu = take_gpu(sim, rest);
	const char *state = word_next(rest);

	if (!gpu)
		return -EINVAL;
	if (!state || (strcmp(state, "on") && strcmp(state, "off")))
		return control_refuse(sim, "mig GPU on|off", state);
	return control_outcome(sim, gpu_set_mig(gpu, !strcmp(state, "on")), "mig");
}

static int run_gi(struct sim *sim, char **rest)
{
	struct gpu *gpu = take_gpu(sim, rest);
	const char *id = word_next(rest), *size = word_next(rest), *profile = word_next(rest);
	unsigned int number, mib;

	if (!gpu)
		return -EINVAL;
	if (word_number(id, 10, &number) || word_number(size, 10, &mib) || !profile)
		return control_refuse(sim, "gi GPU ID MIB PROFILE", id);
	return control_outcome(sim, gpu_add_instance(gpu, number, mib, profile), "gi");
}

static int run_shm(struct sim *sim, char **rest)
{
	struct gpu *gpu = take_gpu(sim, rest);
	const char *state = word_next(rest);

	if (!gpu)
		return -EINVAL;
	if (!state || (strcmp(state, "0") && strcmp(state, "1")))
		return control_refuse(sim, "shm GPU 0|1", state);
	return control_outcome(sim, gpu_set_mixed(gpu, *state == '1'), "shm");
}

/* Coming and going ----------------------------------------------------------- */

/* @run of the GPU that the next word names, or of ALL. */
static int run_on(struct sim *sim, char **rest, int (*run)(struct gpu *gpu), const char *what)
{
	const char *address = word_next(rest);
	struct gpu *gpu = address ? gpu_find(sim->gpus, address) : NULL;

	if (address && !strcmp(address, "ALL"))
		return control_outcome(sim, gpus_each(sim->gpus, run), what);
	if (!gpu)
		return control_refuse(sim, "no such GPU", address);
	return control_outcome(sim, run(gpu), what);
}

static int run_sriov(struct sim *sim, char **rest)
{
	const char *what = word_next(rest);

	if (what && !strcmp(what, "-e"))
		return run_on(sim, rest, gpu_enable, "sriov");
	if (what && !strcmp(what, "-d"))
		return run_on(sim, rest, gpu_disable, "sriov");
	return control_refuse(sim, "sriov -e|-d GPU|ALL", what);
}

static int gpu_restart(struct gpu *gpu)
{
	gpu_reload(gpu);
	return 0;
}

static int run_reload(struct sim *sim, char **rest)
{
	return run_on(sim, rest, gpu_restart, "reload");
}

static int run_reboot(struct sim *sim, char **rest)
{
	(void)rest;
	model_remove_all(sim->model);
	xes_reload(sim->xes);
	return gpus_each(sim->gpus, gpu_restart);
}

/* Virtual functions ------------------------------------------------------------ */

static int run_assign(struct sim *sim, char **rest)
{
	struct vf *vf = take_vf(sim, rest);
	const char *id = word_next(rest);
	unsigned int number;

	if (!vf)
		return -EINVAL;
	if (word_number(id, 10, &number))
		return control_refuse(sim, "assign VF ID", id);
	return control_outcome(sim, vgpu_set_type(vf, number), "assign");
}

static int run_open(struct sim *sim, char **rest)
{
	struct vf *vf = take_vf(sim, rest);

	return vf ? control_outcome(sim, vgpu_open(vf), "open") : -EINVAL;
}

static int run_close(struct sim *sim, char **rest)
{
	struct vf *vf = take_vf(sim, rest);
	unsigned int writes = 0, ms = 0;
	const char *word;
	int rc;

	if (!vf)
		return -EINVAL;
	while ((word = word_next(rest)))
		if (word_number(word_value(word, "writes"), 10, &writes) &&
		    word_number(word_value(word, "ms"), 10, &ms))
			return control_refuse(sim, "close VF [writes=N] [ms=N]", word);
	rc = vgpu_close(vf);
	if (!rc) {
		vf->busy_writes = writes;
		vf->busy_until = clock_now() + ms;
	}
	return control_outcome(sim, rc, "close");
}

static int take_ms(struct sim *sim, char **rest, unsigned int *ms)
{
	const char *word = word_next(rest);

	return word_number(word, 10, ms) ? control_refuse(sim, "not milliseconds", word) : 0;
}

static int run_stuck(struct sim *sim, char **rest)
{
	struct vf *vf = take_vf(sim, rest);

	return vf ? take_ms(sim, rest, &vf->stuck) : -EINVAL;
}

static int run_slow(struct sim *sim, char **rest)
{
	struct vf *vf = take_vf(sim, rest);

	return vf ? take_ms(sim, rest, &vf->slow) : -EINVAL;
}

const struct command gpu_commands[] = {
	{ "gpu", run_gpu },
	{ "xe", run_xe },
	{ "xe-set", run_xe_set },
	{ "xe-enable", run_xe_enable },
	{ "xe-reload", run_xe_reload },
	{ "gpu-set", run_gpu_set },
	{ "gpu-type", run_gpu_type },
	{ "mig", run_mig },
	{ "gi", run_gi },
	{ "shm", run_shm },
	{ "sriov", run_sriov },
	{ "reload", run_reload },
	{ "reboot", run_reboot },
	{ "assign", run_assign },
	{ "open", run_open },
	{ "close", run_close },
	{ "stuck", run_stuck },
	{ "slow", run_slow },
	{ NULL, NULL },
};
