// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vGPUs on virtual functions, on a small model of NVIDIA's driver: one GPU with room for so many
 * units, whose lists hold what has room beside the types that were given. The model is reached by
 * the files of sysfs, or by a second transport that knows no files.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "../../lib/backend.h"
#include "../../lib/device.h"
#include "../../lib/vgpu_record.h"

#define BUS "sys/bus/pci/devices/"
#define PF  "0000:3b:00.0"
#define VF  "0000:3b:00.4"	/* the first of them */
#define VF2 "0000:3b:00.5"
#define VF11 "0000:3b:01.6"	/* virtfn10, which sorts before virtfn2 */

#define N_FUNCTIONS 12
#define ROOM        4

struct model_type {
	unsigned int id, size;
	const char *name;
};

static const struct model_type model_types[] = {
	{ 901, 1, "NVIDIA X20-1B" },
	{ 9012, 1, "NVIDIA X20-1-2B" },
	{ 12034, 4, "NVIDIA X20-24C" },
};

/* What a later release of the driver calls them: 901 is another one there. */
static const struct model_type later_types[] = {
	{ 901, 4, "NVIDIA X20-24C" },
	{ 1501, 1, "NVIDIA X20-1B" },
};

struct model {
	struct fixture *f;
	const struct model_type *types;
	size_t n_types;
	unsigned int current[N_FUNCTIONS];
	bool open[N_FUNCTIONS];
	unsigned int settles;	/* refusals to take a type away that are left */
	int fail_params;
	const char *fails_on;	/* an address whose driver refuses types that it lists */
	bool is_broken;		/* the first function shows nothing */
	bool is_deadly;		/* whoever writes parameters is killed */
	bool is_sloppy;		/* says yes and does nothing */
};

static struct model model;

static void function_name(size_t i, char name[32])
{
	snprintf(name, 32, "0000:3b:%02zx.%zu", i < 4 ? 0 : (i - 4) / 8 + 1,
		 i < 4 ? i + 4 : (i - 4) % 8);
}

static size_t function_index(const char *path)
{
	char name[32];

	for (size_t i = 0; i < N_FUNCTIONS; i++) {
		function_name(i, name);
		if (strstr(path, name))
			return i;
	}
	fail_msg("%s is no virtual function", path);
	return 0;
}

static const struct model_type *model_find(unsigned int id)
{
	for (size_t i = 0; i < model.n_types; i++)
		if (model.types[i].id == id)
			return &model.types[i];
	return NULL;
}

static unsigned int model_room(void)
{
	unsigned int room = ROOM;

	for (size_t i = 0; i < N_FUNCTIONS; i++)
		if (model.current[i] != 0)
			room -= model_find(model.current[i])->size;
	return room;
}

/* As the driver shows them now. */
static void model_show(void)
{
	for (size_t i = model.is_broken; i < N_FUNCTIONS; i++) {
		char name[32], path[128], text[512];
		size_t used;

		function_name(i, name);
		used = snprintf(text, sizeof(text), "ID    : vGPU Name\n");
		for (size_t j = 0; j < model.n_types; j++)
			if (model.current[i] == 0 && model.types[j].size <= model_room())
				used += snprintf(text + used, sizeof(text) - used, "%-5u : %s\n",
						 model.types[j].id, model.types[j].name);
		snprintf(path, sizeof(path), BUS "%s/nvidia/creatable_vgpu_types", name);
		make_file(model.f, path, text);
		snprintf(path, sizeof(path), BUS "%s/nvidia/current_vgpu_type", name);
		snprintf(text, sizeof(text), "%u\n", model.current[i]);
		make_file(model.f, path, text);
		snprintf(path, sizeof(path), BUS "%s/nvidia/vgpu_params", name);
		if (model.current[i] == 0)
			make_file(model.f, path, "\n");
	}
}

static int model_take_away(size_t i)
{
	if (model.current[i] == 0 || model.open[i])
		return -EPERM;
	if (model.settles > 0) {
		model.settles--;
		return -EPERM;
	}
	model.current[i] = 0;
	return 0;
}

static int model_set(size_t i, unsigned int id)
{
	const struct model_type *type = model_find(id);
	char name[32];

	function_name(i, name);
	if (id == 0)
		return model_take_away(i);
	if (model.current[i] != 0)
		return -EPERM;
	if (!type || type->size > model_room() ||
	    (model.fails_on && strcmp(model.fails_on, name) == 0))
		return -EIO;
	if (!model.is_sloppy)
		model.current[i] = id;
	return 0;
}

static int model_open(void *data, int dir, const char *path, int flags)
{
	int fd = openat(dir, path, flags);

	(void)data;
	return fd < 0 ? -errno : fd;
}

static ssize_t model_write(void *data, int fd, const char *bytes, size_t length)
{
	char link[64], path[512] = "", value[256];
	int r = 0;

	(void)data;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	assert_true(readlink(link, path, sizeof(path) - 1) > 0);
	snprintf(value, sizeof(value), "%.*s", (int)length, bytes);
	if (strcmp(path_base(path), "current_vgpu_type") == 0)
		r = model_set(function_index(path), strtoul(value, NULL, 10));
	else if (strcmp(path_base(path), "vgpu_params") == 0 && model.is_deadly)
		raise(SIGKILL);
	else if (strcmp(path_base(path), "vgpu_params") == 0 && model.fail_params)
		r = -model.fail_params;
	else
		make_file(model.f, path + strlen(model.f->root) + 1, value);
	model_show();
	return r < 0 ? r : (ssize_t)length;
}

static void model_sleep(void *data, unsigned int milliseconds)
{
	struct fixture *f = data;

	(void)milliseconds;
	f->sleeps++;
}

static const struct sysfs_ops nvidia_ops = {
	.open = model_open,
	.write = model_write,
	.sleep = model_sleep,
};

static void make_gpu(struct fixture *f)
{
	model = (struct model){ .f = f, .types = model_types, .n_types = ARRAY_SIZE(model_types) };
	f->ctx->sysfs = &nvidia_ops;
	make_dir(f, "run");
	make_file(f, BUS PF "/sriov_totalvfs", "12\n");
	make_dir(f, "sys/bus/pci/drivers/nvidia");
	for (size_t i = 0; i < N_FUNCTIONS; i++) {
		char name[32], path[128], target[64];

		function_name(i, name);
		snprintf(path, sizeof(path), BUS PF "/virtfn%zu", i);
		snprintf(target, sizeof(target), "../%s", name);
		make_link(f, path, target);
		snprintf(path, sizeof(path), BUS "%s/physfn", name);
		make_link(f, path, "../" PF);
	}
	model_show();
}

static int start(struct fixture *f, const char *uuid, const char *parent, const char *type)
{
	struct mdev_definition *definition = new_definition(f, uuid, parent, type, NULL);
	int r = mdev_start(definition, MDEV_OP_NO_CALLOUTS);

	mdev_definition_unref(definition);
	return r;
}

static int stop(struct fixture *f, const char *uuid)
{
	struct mdev_device *device;
	int r = mdev_device_lookup(f->ctx, UUID(uuid), &device);

	if (r < 0)
		return r;
	r = mdev_stop(device, MDEV_OP_NO_CALLOUTS);
	mdev_device_unref(device);
	return r;
}

/* "parent type;" of all active devices, those of a made-up UUID with "?" before. */
static const char *active(struct fixture *f, char text[512])
{
	struct mdev_device **devices;
	size_t used = 0;

	text[0] = '\0';
	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), 0);
	for (size_t i = 0; devices[i]; i++)
		used += snprintf(text + used, 512 - used, "%s%s %s;",
				 vgpu_is_made_uuid(mdev_device_get_uuid(devices[i])) ? "?" : "",
				 mdev_device_get_parent(devices[i]),
				 mdev_device_get_type(devices[i]));
	mdev_device_list_free(devices);
	return text;
}

#define assert_active(f, expected) assert_string_equal(active(f, (char[512]){ "" }), expected)

static void physical_functions_are_the_parents(void **state)
{
	struct mdev_parent **parents;
	struct mdev_type **types;
	struct fixture *f = *state;

	make_gpu(f);
	assert_int_equal(mdev_parent_list(f->ctx, &parents), 0);
	assert_string_equal(mdev_parent_get_name(parents[0]), PF);
	assert_true(mdev_parent_is_pci(parents[0]));
	assert_null(parents[1]);
	assert_int_equal(mdev_type_list(parents[0], &types), 0);
	assert_string_equal(mdev_type_get_id(types[0]), "nvidia-12034");
	assert_string_equal(mdev_type_get_name(types[0]), "NVIDIA X20-24C");
	assert_string_equal(mdev_type_get_device_api(types[0]), "vfio-pci");
	assert_int_equal(mdev_type_get_available_instances(types[0]), N_FUNCTIONS);
	assert_string_equal(mdev_type_get_id(types[1]), "nvidia-901");
	assert_string_equal(mdev_type_get_id(types[2]), "nvidia-9012");
	assert_null(types[3]);
	mdev_type_list_free(types);
	mdev_parent_list_free(parents);
}

static void a_function_gets_a_type_and_loses_it(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	assert_int_equal(start(f, U1, VF, "nvidia-901"), 0);
	assert_int_equal(model.current[0], 901);
	assert_active(f, VF " nvidia-901;");
	assert_int_equal(start(f, U1, VF, "nvidia-901"), -EEXIST);
	assert_int_equal(start(f, U2, VF, "nvidia-901"), -EUSERS);
	assert_error(f, "No available instances of nvidia-901 on " VF
			"; active on it: 1 of type nvidia-901");
	assert_int_equal(stop(f, U1), 0);
	assert_int_equal(model.current[0], 0);
	assert_active(f, "");
	assert_int_equal(stop(f, U1), -ENODEV);
	assert_false(exists(f, "run/mdevctl/" U1 ".vgpu"));
}

static void any_free_function_of_a_gpu_is_taken_in_its_order(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	model.current[0] = 901;
	model_show();
	assert_int_equal(start(f, U1, PF, "nvidia-901"), 0);
	assert_int_equal(model.current[1], 901);
	/* Driver and list do not agree: the next one may be better. */
	model.fails_on = "0000:3b:00.6";
	assert_int_equal(start(f, U2, PF, "nvidia-9012"), 0);
	assert_int_equal(model.current[2], 0);
	assert_int_equal(model.current[3], 9012);
	assert_int_equal(start(f, UA, PF, "nvidia-12034"), -EUSERS);
	assert_int_equal(stop(f, U1), 0);
	assert_int_equal(model.current[0], 901);
	assert_int_equal(model.current[1], 0);
}

static void the_lists_are_read_anew_for_each_start(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	assert_int_equal(start(f, U1, PF, "nvidia-901"), 0);
	/* The larger type has no room beside it, and is on no list any more. */
	assert_int_equal(start(f, U2, PF, "nvidia-12034"), -EUSERS);
	assert_error(f, "No available instances of nvidia-12034 on " PF "; active on it: 1 of type "
		     "nvidia-901; beside these its driver offers only nvidia-901, nvidia-9012; "
		     "without MIG, other sizes need mixed sizes to be enabled before the first "
		     "vGPU: nvidia-smi vgpu -shm 1");
	assert_int_equal(start(f, U2, PF, "nvidia-90"), -EUSERS);
	assert_int_equal(stop(f, U1), 0);
	assert_int_equal(start(f, U2, PF, "nvidia-90"), -ENOENT);
	assert_int_equal(start(f, U2, PF, "nvidia-12034"), 0);
}

static void a_name_finds_the_id_of_today(void **state)
{
	struct mdev_definition *definition, **defined;
	struct fixture *f = *state;
	char *text;

	make_gpu(f);
	definition = new_definition(f, U1, PF, "nvidia x20-1b", NULL);
	assert_int_equal(mdev_define(definition, MDEV_OP_NO_CALLOUTS), 0);
	mdev_definition_unref(definition);
	text = read_text(f, DEFS "/" PF "/" U1);
	assert_non_null(strstr(text, "\"mdev_type\": \"nvidia-901\""));
	assert_non_null(strstr(text, "\"type_name\": \"NVIDIA X20-1B\""));
	free(text);
	model.types = later_types;
	model.n_types = ARRAY_SIZE(later_types);
	model_show();
	assert_int_equal(mdev_definition_list(f->ctx, UUID(U1), NULL, &defined), 0);
	assert_string_equal(mdev_definition_get_type_name(defined[0]), "NVIDIA X20-1B");
	assert_int_equal(mdev_start(defined[0], MDEV_OP_NO_CALLOUTS), 0);
	assert_int_equal(model.current[0], 1501);
	/* It is the device of that definition all the same. */
	assert_active(f, PF " nvidia-901;");
	assert_int_equal(stop(f, U1), 0);
	/* Nor does the id find another type if the name is gone. */
	model.n_types = 1;
	model_show();
	assert_int_equal(mdev_start(defined[0], MDEV_OP_NO_CALLOUTS), -ENOENT);
	assert_error_has(f, "does not support mdev type NVIDIA X20-1B");
	assert_int_equal(model.current[0], 0);
	mdev_definition_list_free(defined);
}

static void what_others_have_started_is_shown_and_left_alone(void **state)
{
	struct mdev_device **devices;
	char uuid[MDEV_UUID_STRING_SIZE];
	struct fixture *f = *state;

	make_gpu(f);
	assert_int_equal(start(f, U1, VF, "nvidia-901"), 0);
	/* Somebody takes the type away and gives the function another one. */
	model.current[0] = 9012;
	model_show();
	assert_active(f, "?" VF " nvidia-9012;");
	assert_int_equal(stop(f, U1), -ENODEV);
	assert_string_equal(mdev_ctx_last_error_reason(f->ctx),
			    "it was started on " VF ", which has type nvidia-9012 now");
	assert_int_equal(model.current[0], 9012);
	assert_int_equal(mdev_device_list(f->ctx, NULL, VF, &devices), 0);
	snprintf(uuid, sizeof(uuid), "%s", mdev_device_get_uuid(devices[0])->text);
	/* It has the same UUID as long as it is the same, and is stopped by that. */
	assert_active(f, "?" VF " nvidia-9012;");
	model.current[0] = 901;
	model_show();
	assert_int_equal(mdev_stop(devices[0], MDEV_OP_NO_CALLOUTS), -ENODEV);
	model.current[0] = 9012;
	model_show();
	assert_int_equal(stop(f, uuid), 0);
	assert_int_equal(model.current[0], 0);
	mdev_device_list_free(devices);
}

static void functions_that_have_come_again_are_others(void **state)
{
	char from[128], to[128];
	struct fixture *f = *state;

	make_gpu(f);
	assert_int_equal(start(f, U1, VF, "nvidia-901"), 0);
	/* The same name, type and address, of a function that was taken off and put on. */
	snprintf(from, sizeof(from), "%s/" BUS VF "/nvidia", f->root);
	snprintf(to, sizeof(to), "%s/former", f->root);
	assert_int_equal(rename(from, to), 0);
	model_show();
	assert_active(f, "?" VF " nvidia-901;");
	assert_int_equal(stop(f, U1), -ENODEV);
	assert_int_equal(model.current[0], 901);
}

static void attributes_are_written_after_the_type_or_undo_it(void **state)
{
	struct mdev_definition *definition;
	struct mdev_device *device;
	struct fixture *f = *state;
	char *value;

	make_gpu(f);
	definition = new_definition(f, U1, PF, "nvidia-901", "vgpu_params", "frl=0", NULL);
	assert_int_equal(mdev_start(definition, MDEV_OP_NO_CALLOUTS), 0);
	assert_file(f, BUS VF "/nvidia/vgpu_params", "frl=0");
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	assert_int_equal(mdev_device_read_attr(device, "nvidia/vgpu_params", &value), 0);
	assert_string_equal(value, "frl=0");
	free(value);
	/* The files of the PCI bus are no attributes of a vGPU. */
	assert_int_equal(mdev_device_write_attr(device, "nvidia/current_vgpu_type", "0"), -ENOENT);
	assert_int_equal(mdev_device_write_attr(device, "driver_override", "x"), -ENOENT);
	mdev_device_unref(device);
	assert_int_equal(stop(f, U1), 0);
	model.fail_params = E2BIG;
	assert_int_equal(mdev_start(definition, MDEV_OP_NO_CALLOUTS), -E2BIG);
	assert_int_equal(model.current[0], 0);
	assert_active(f, "");
	mdev_definition_unref(definition);
}

static void the_kth_failure_takes_back_those_before(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;

	make_gpu(f);
	model.current[3] = 901;
	model_show();
	definition = new_definition(f, U1, PF, "nvidia-901", NULL);
	assert_int_equal(mdev_start_instances(definition, ROOM, MDEV_OP_NO_CALLOUTS, NULL, NULL,
					      NULL), -EUSERS);
	assert_error_has(f, "; 3 of 4 devices had been started, and were stopped again");
	assert_active(f, "?0000:3b:00.7 nvidia-901;");
	assert_int_equal(mdev_start_instances(definition, ROOM - 1, MDEV_OP_NO_CALLOUTS, NULL, NULL,
					      NULL), 0);
	mdev_definition_unref(definition);
}

static void a_function_whose_user_has_gone_is_waited_for(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	make_dir(f, "proc");
	assert_int_equal(start(f, U1, VF, "nvidia-901"), 0);
	model.settles = 3;
	assert_int_equal(stop(f, U1), 0);
	assert_int_equal(f->sleeps, 3);
	assert_int_equal(model.current[0], 0);
}

/* The driver still refuses for some seconds after a virtual machine: others wait ten times 1 s. */
static void a_release_has_a_limit_of_its_own_unless_one_is_set(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	make_dir(f, "proc");
	assert_int_equal(start(f, U1, VF, "nvidia-901"), 0);
	/* 170 pauses of up to 64 ms. */
	model.settles = 170;
	assert_int_equal(stop(f, U1), 0);
	assert_int_equal(start(f, U1, VF, "nvidia-901"), 0);
	mdev_ctx_set_timeout(f->ctx, 1000);
	model.settles = 170;
	assert_int_equal(stop(f, U1), -EPERM);
	mdev_ctx_set_timeout(f->ctx, 0);
	f->sleeps = 0;
	assert_int_equal(stop(f, U1), -EPERM);
	assert_int_equal(f->sleeps, 0);
	assert_active(f, VF " nvidia-901;");
}

static void one_that_is_in_use_is_not(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	make_link(f, BUS VF "/iommu_group", "../../../../kernel/iommu_groups/41");
	make_process(f, "4711", "qemu-system-x86", "/dev/vfio/41");
	assert_int_equal(start(f, U1, VF, "nvidia-901"), 0);
	model.open[0] = true;
	assert_int_equal(stop(f, U1), -EPERM);
	assert_int_equal(f->sleeps, 0);
	assert_error_has(f, "; it is in use by qemu-system-x86 (process 4711)");
	assert_int_equal(model.current[0], 901);
	assert_active(f, VF " nvidia-901;");
}

static void a_file_that_cannot_be_read_hides_no_other(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	assert_int_equal(start(f, U1, VF2, "nvidia-901"), 0);
	/* Reading a directory fails even for root. */
	model.is_broken = true;
	remove_tree(f, BUS VF "/nvidia/current_vgpu_type");
	make_dir(f, BUS VF "/nvidia/current_vgpu_type");
	assert_active(f, VF2 " nvidia-901;");
	assert_non_null(strstr(f->warnings, "Ignoring virtual function " VF ": "));
	assert_int_equal(start(f, U2, PF, "nvidia-901"), 0);
	assert_int_equal(model.current[2], 901);
}

static void a_driver_that_says_yes_is_not_believed(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	model.is_sloppy = true;
	assert_int_equal(start(f, U1, VF, "nvidia-901"), -EIO);
	assert_active(f, "");
	assert_false(exists(f, "run/mdevctl/" U1 ".vgpu"));
}

static void a_start_that_was_killed_is_begun_again(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;
	pid_t child;
	int status;

	make_gpu(f);
	definition = new_definition(f, U1, PF, "nvidia-901", "vgpu_params", "frl=0", NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		model.is_deadly = true;
		_exit(mdev_start(definition, MDEV_OP_NO_CALLOUTS) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	/* Its model has ended with it. */
	model.current[0] = 901;
	assert_active(f, PF " nvidia-901;");
	assert_int_equal(mdev_start(definition, MDEV_OP_NO_CALLOUTS), 0);
	assert_non_null(strstr(f->warnings, "was not started to its end: starting it again"));
	assert_file(f, BUS VF "/nvidia/vgpu_params", "frl=0");
	assert_active(f, PF " nvidia-901;");
	mdev_definition_unref(definition);
}

static void what_cannot_be_remembered_is_not_started(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	remove_tree(f, "run");
	assert_int_equal(start(f, U1, VF, "nvidia-901"), -ENOLCK);
	assert_error_has(f, "run/mdevctl cannot be written");
	assert_int_equal(model.current[0], 0);
}

static void a_gpu_that_lists_nothing_says_so(void **state)
{
	struct fixture *f = *state;

	make_gpu(f);
	model.n_types = 0;
	model_show();
	assert_int_equal(start(f, U1, PF, "nvidia-901"), -ENOENT);
	assert_error_has(f, "does not support mdev type nvidia-901; its driver lists no type");
}

/* The driver's commands, with no file but the one that tells that there are commands. */

static bool stub_offers(struct mdev_ctx *ctx, int dir)
{
	(void)ctx;
	return faccessat(dir, "fwctl", F_OK, 0) == 0;
}

static int stub_read_registration(const struct vgpu_function *function, uint64_t *registration)
{
	*registration = function_index(function->name);
	return 0;
}

static int stub_list_types(const struct vgpu_function *function, struct vgpu_types *types)
{
	int r = 0;

	(void)function;
	for (size_t i = 0; r == 0 && i < model.n_types; i++)
		if (model.types[i].size <= model_room())
			r = vgpu_types_add(types, model.types[i].id, model.types[i].name,
					   strlen(model.types[i].name));
	return r;
}

static int stub_read_current(const struct vgpu_function *function, unsigned int *id)
{
	assert_string_equal(function->physical, PF);
	*id = model.current[function_index(function->name)];
	return 0;
}

static int stub_assign(const struct vgpu_function *function, unsigned int id)
{
	return model_set(function_index(function->name), id);
}

static int stub_take_away(const struct vgpu_function *function)
{
	return model_set(function_index(function->name), 0);
}

static const char *stub_find_attr(const char *name)
{
	(void)name;
	return NULL;
}

static void another_transport_serves_as_well(void **state)
{
	static const struct vgpu_transport stub = {
		.backend = &backend_nvidia,
		.format_type = vgpu_format_id,
		.offers = stub_offers,
		.read_registration = stub_read_registration,
		.list_types = stub_list_types,
		.read_current = stub_read_current,
		.assign = stub_assign,
		.take_away = stub_take_away,
		.find_attr = stub_find_attr,
	};
	static const struct vgpu_transport *const both[] = { &vgpu_sysfs, &stub, NULL };
	struct mdev_device *device;
	struct fixture *f = *state;

	make_gpu(f);
	for (size_t i = 0; i < N_FUNCTIONS; i++) {
		char name[32], path[128];

		function_name(i, name);
		snprintf(path, sizeof(path), BUS "%s/nvidia", name);
		remove_tree(f, path);
		snprintf(path, sizeof(path), BUS "%s/fwctl", name);
		make_file(f, path, "");
	}
	f->ctx->transports = both;
	assert_int_equal(start(f, U1, PF, "NVIDIA X20-1B"), 0);
	assert_int_equal(model.current[0], 901);
	assert_active(f, PF " nvidia-901;");
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	assert_int_equal(mdev_device_write_attr(device, "vgpu_params", "x"), -ENOENT);
	mdev_device_unref(device);
	assert_int_equal(stop(f, U1), 0);
	assert_int_equal(model.current[0], 0);
}

static void assert_types(const char *text, const char *expected)
{
	_cleanup_vgpu_types_ struct vgpu_types types = { 0 };
	char found[512] = "";

	assert_int_equal(vgpu_types_parse(text, &types), 0);
	for (size_t i = 0; i < types.count; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%u=%s;",
			 types.items[i].id, types.items[i].name);
	assert_string_equal(found, expected);
}

static void lists_are_read_in_all_forms(void **state)
{
	(void)state;
	assert_types("", "");
	assert_types("ID    : vGPU Name\n", "");
	assert_types("ID  :  VGPU name\n901   : NVIDIA X20-1B\n12034 : NVIDIA X20-1-18C",
		     "901=NVIDIA X20-1B;12034=NVIDIA X20-1-18C;");
	assert_types("1234567 : a : b\n", "1234567=a : b;");
	assert_types("NVIDIA X20-2Q     902\n", "902=NVIDIA X20-2Q;");
	assert_types("901 NVIDIA X20-1B\n902\tNVIDIA X20: 2Q\n",
		     "901=NVIDIA X20-1B;902=NVIDIA X20: 2Q;");
	/* The number in front is the id, and one without a name is none. */
	assert_types("901 NVIDIA X20 24\n903\n904 \n", "901=NVIDIA X20 24;");
	assert_types("77 | Odd, 2G\n78|x\n79 = y = z\n", "77=Odd, 2G;78=x;79=y = z;");
	/* Columns of other orders, with brackets, and numbers in other forms. */
	assert_types("(901) A  [b]\n902, C\nnvidia-903;D\n904 - E\n905. F\n0x38a : G\n",
		     "901=A  [b];902=C;903=D;904=E;905=F;906=G;");
	assert_types("A (901)\nB [902]\nC: 903\nD=904\n| E | 905 |\nF nvidia-906\n",
		     "901=A;902=B;903=C;904=D;905=E;906=F;");
	assert_types("| 901 | \"A B\" |\n902 | C | 2048 | 12\n903 : D: 5 : 2048\n904,E,1,\n",
		     "901=A B;902=C;903=D: 5;904=E,1,;");
	assert_types(" 901 :NVIDIA X20-1B\r\n\n901 : NVIDIA again\n", "901=NVIDIA X20-1B;");
	/* 0 is none, and what is too large for a number is none, either. */
	assert_types("0 : none\n99999999999 : x\n901 :\n: x\nno number\n", "");
}

static void columns_are_told_by_all_lines(void **state)
{
	(void)state;
	/* Ids alone. */
	assert_types("901\n902\n\n12034", "901=;902=;12034=;");
	assert_types("ID\n--\n nvidia-901 \n[902]\n", "901=;902=;");
	assert_types("901\n901\n", "901=;");
	/* Sizes are those of several types, in any column. */
	assert_types("A 901 2048\nB 902 2048\nC 903 4096\n", "901=A;902=B;903=C;");
	assert_types("A | 2048 | 901 |\nB | 2048 | 902 |\n", "901=A;902=B;");
	assert_types("A,901,12,2048\nB,902,12,2048\n", "901=A;902=B;");
	assert_types("A nvidia-901 2048\nB nvidia-902 2048\n", "901=A;902=B;");
	assert_types("901 2048 A\n902 2048 B\n", "901=A;902=B;");
	assert_types("2048 : 901 : A\n2048 : 902 : B\n", "901=A;902=B;");
	assert_types("901 A 2048\n902 B 4096\n", "901=A;902=B;");
	assert_types("901 : A  2048 0\n902 : B  4096 12\n", "901=A;902=B;");
	assert_types("901 2048\n902 2048\n", "901=;902=;");
	/* The header tells, too. */
	assert_types("Name  ID  Size\n-----------\nA 901 1024\nB 902 2048\n", "901=A;902=B;");
	assert_types("Types:\nName ID Size\nA 901 1024\nB 902 2048\nEnd of ID list\n", "901=A;902=B;");
	assert_types("vGPU Name | Size | ID\nA | 1024 | 901\n", "901=A;");
	assert_types("No. ID Name\n1 901 A\n2 902 B\n", "901=A;902=B;");
	/* A number that not all have is part of the name, as is one that makes the name. */
	assert_types("X20-9 9 901\nX20-1B 902\n", "901=X20-9 9;902=X20-1B;");
	assert_types("X20-9 9 : 901\n", "901=X20-9 9;");
	assert_types("901 Type 1\n902 Type 2\n", "901=Type 1;902=Type 2;");
	assert_types("901 : 1 g\n902 : B\n", "901=1 g;902=B;");
	/* A number at the end of the only line is of either kind: the name is not certain. */
	assert_types("901 A 2048\n", "901=;");
	/* One line hides no other. */
	assert_types("901 : A\n901 : B\n902 : C\n0 : D\n903\n904 : 5\n", "901=A;902=C;");
	assert_types("Name ID\nA 901\nB 901\nC 902\n", "901=A;902=C;");
	/* Sizes without ids, and what could be either. */
	assert_types("A 2048\nB 2048\nC 4096\n", "");
	assert_types("A 901 1024\nB 902 2048\n", "");
	assert_types("A 901 2048\n", "");
	assert_types("901 902 903\n", "");
	assert_types("A 1 2 3 4 5 6 7 8 9 10\nB 1 2 3 4 5 6 7 8 9 11\n",
		     "10=A 1 2;11=B 1 2;");
}

/* The largest that is read from sysfs. */
static void a_file_that_is_no_list_is_not_compared_for_ever(void **state)
{
	static const char line[] = "1234567 : a\n";
	_cleanup_vgpu_types_ struct vgpu_types types = { 0 };
	size_t count = 1024 * 1024 / strlen(line);
	_cleanup_free_ char *text = malloc(count * strlen(line) + 1);
	char *end = text;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		end += sprintf(end, "%zu : a\n", 1000000 + i);
	assert_int_equal(vgpu_types_parse(text, &types), 0);
	assert_in_range(types.count, 1, 10000);
}

static void assert_odd(const char *text, const char *expected)
{
	_cleanup_vgpu_types_ struct vgpu_types types = { 0 };

	assert_int_equal(vgpu_types_parse(text, &types), 0);
	if (expected)
		assert_string_equal(types.odd_line, expected);
	else
		assert_null(types.odd_line);
}

static void lines_that_are_not_understood_are_kept(void **state)
{
	(void)state;
	assert_odd("", NULL);
	assert_odd("ID    : vGPU Name\n\n-----\n901 : A\n901 : A\n", NULL);
	assert_odd("ID\n type7/A \n901 : B\n8/C", "type7/A");
	assert_odd("A 901 2048\nB 902 2048\n", NULL);
	assert_odd("A 901 2048\n", "A 901 2048");
	assert_odd("901\n", NULL);
	assert_odd("901 : A\n902\n", "902");
	assert_odd("901 : A\n901 : B\n", "901 : B");
}

static void numbers_are_read_in_all_forms(void **state)
{
	static const struct {
		const char *text;
		bool is_number;
		unsigned int number;
	} texts[] = {
		{ "0", true, 0 },	   { "901", true, 901 },	{ " 901 \r", true, 901 },
		{ "0x385", true, 901 },	   { "0x0", true, 0 },		{ "901 NVIDIA X20-1B", true, 901 },
		{ "", false, 0 },	   { "none", false, 0 },	{ "-1", false, 0 },
		{ "901x", false, 0 },	   { "99999999999", false, 0 }, { "Not Applicable", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		unsigned int number;

		assert_int_equal(vgpu_parse_number(texts[i].text, &number), texts[i].is_number);
		if (texts[i].is_number)
			assert_int_equal(number, texts[i].number);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(physical_functions_are_the_parents),
		fixture_test(a_function_gets_a_type_and_loses_it),
		fixture_test(any_free_function_of_a_gpu_is_taken_in_its_order),
		fixture_test(the_lists_are_read_anew_for_each_start),
		fixture_test(a_name_finds_the_id_of_today),
		fixture_test(what_others_have_started_is_shown_and_left_alone),
		fixture_test(functions_that_have_come_again_are_others),
		fixture_test(attributes_are_written_after_the_type_or_undo_it),
		fixture_test(the_kth_failure_takes_back_those_before),
		fixture_test(a_function_whose_user_has_gone_is_waited_for),
		fixture_test(a_release_has_a_limit_of_its_own_unless_one_is_set),
		fixture_test(one_that_is_in_use_is_not),
		fixture_test(a_file_that_cannot_be_read_hides_no_other),
		fixture_test(a_driver_that_says_yes_is_not_believed),
		fixture_test(a_start_that_was_killed_is_begun_again),
		fixture_test(what_cannot_be_remembered_is_not_started),
		fixture_test(a_gpu_that_lists_nothing_says_so),
		fixture_test(another_transport_serves_as_well),
		cmocka_unit_test(lists_are_read_in_all_forms),
		cmocka_unit_test(a_file_that_is_no_list_is_not_compared_for_ever),
		cmocka_unit_test(columns_are_told_by_all_lines),
		cmocka_unit_test(lines_that_are_not_understood_are_kept),
		cmocka_unit_test(numbers_are_read_in_all_forms),
	};

	return cmocka_run_group_tests_name("nvidia", tests, NULL, NULL);
}
