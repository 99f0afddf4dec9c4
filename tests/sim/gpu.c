// SPDX-License-Identifier: LGPL-2.1-or-later
/* The GPUs of a machine, and how their virtual functions come and go. */
#include "gpu.h"

#include <errno.h>

#include "mem.h"
#include "model.h"

#define VENDOR_NVIDIA 0x10de
#define DEVICE_GPU    0x9001
#define CLASS_DISPLAY 0x030200
#define DRIVER	      "nvidia"

struct gpus {
	struct model *model;
	struct node *nodes;
	struct gpu *first;
};

static struct vf *gpu_find_vf(struct gpu *gpu, const char *address)
{
	for (size_t i = 0; i < gpu->vf_count; i++)
		if (!strcmp(gpu->vfs[i].function.address, address))
			return &gpu->vfs[i];
	return NULL;
}

struct gpu *gpu_find(struct gpus *gpus, const char *address)
{
	struct gpu *gpu = gpus->first;

	while (gpu && strcmp(gpu->function.address, address))
		gpu = gpu->next;
	return gpu;
}

struct vf *vf_find(struct gpus *gpus, const char *address)
{
	struct vf *vf = NULL;

	for (struct gpu *gpu = gpus->first; gpu && !vf; gpu = gpu->next)
		vf = gpu_find_vf(gpu, address);
	return vf;
}

int gpus_each(struct gpus *gpus, int (*run)(struct gpu *gpu))
{
	int rc = 0;

	for (struct gpu *gpu = gpus->first; gpu && !rc; gpu = gpu->next)
		rc = run(gpu);
	return rc;
}

/* Virtual functions ---------------------------------------------------------- */

static int node_open_vf(struct node *node)
{
	return vgpu_open(node->object);
}

static void node_close_vf(struct node *node)
{
	vgpu_close(node->object);
}

/* What the virtual machine does with an open device is not here: whoever opens it uses it. */
static const struct node_ops device_node_ops = { .open = node_open_vf, .close = node_close_vf };

static void vf_add_nodes(struct vf *vf)
{
	struct gpus *gpus = vf->gpu->all;

	pci_add_vfio(&vf->function, gpus->nodes, model_take_vfio(gpus->model));
	vf->function.vfio_node->ops = vf->function.group_node->ops = &device_node_ops;
	vf->function.vfio_node->object = vf->function.group_node->object = vf;
}

static void vf_add(struct gpu *gpu, unsigned int number)
{
	struct vf *vf = &gpu->vfs[number];
	char *address = pci_address_add(gpu->function.address, gpu->first + number);
	char *link = mem_printf("virtfn%u", number);
	struct pci_config config = {
		.bridge = gpu->function.dir->up,
		.address = address,
		.vendor = VENDOR_NVIDIA,
		.device = DEVICE_GPU,
		.class = CLASS_DISPLAY,
		.driver = DRIVER,
		.group = model_take_group(gpu->all->model),
	};

	vf->gpu = gpu;
	vf->params = mem_strdup("");
	pci_add(&vf->function, gpu->function.root, &config);
	node_link(vf->function.dir, "physfn", gpu->function.dir);
	node_link(gpu->function.dir, link, vf->function.dir);
	/* VFIO has the function before the driver adds its files. */
	vf_add_nodes(vf);
	vgpu_add_files(vf);
	free(link);
	free(address);
}

static void gpu_add_vfs(struct gpu *gpu)
{
	gpu->vfs = mem_zero(gpu->total * sizeof(*gpu->vfs));
	for (unsigned int i = 0; i < gpu->total; i++)
		vf_add(gpu, i);
	gpu->vf_count = gpu->total;
}

static void gpu_remove_vfs(struct gpu *gpu)
{
	for (size_t i = 0; i < gpu->vf_count; i++) {
		char *link = mem_printf("virtfn%zu", i);
		struct vf *vf = &gpu->vfs[i];

		vgpu_clear(vf);
		vgpu_remove_files(vf);
		node_remove(node_child(gpu->function.dir, link));
		pci_remove(&vf->function);
		free(vf->params);
		free(link);
	}
	free(gpu->vfs);
	gpu->vfs = NULL;
	gpu->vf_count = 0;
}

void gpu_reload(struct gpu *gpu)
{
	gpu_remove_vfs(gpu);
	while (gpu->shares) /* those that a second id has left behind */
		share_drop(gpu, gpu->shares);
	gpu_clear_instances(gpu);
	gpu->mixed = false;
}

int gpu_enable(struct gpu *gpu)
{
	if (gpu->set.sriov == SRIOV_BUSY)
		return -EBUSY;
	if (gpu->set.sriov == SRIOV_SILENT || gpu->vf_count)
		return 0;
	gpu_reload(gpu);
	gpu_add_vfs(gpu);
	return 0;
}

int gpu_disable(struct gpu *gpu)
{
	if (gpu->set.sriov == SRIOV_BUSY)
		return -EBUSY;
	for (size_t i = 0; i < gpu->vf_count; i++)
		if (gpu->vfs[i].opens)
			return -EBUSY;
	if (gpu->set.sriov == SRIOV_WORKS)
		gpu_reload(gpu);
	return 0;
}

/* The driver's bind and unbind ------------------------------------------------ */

static struct vf *vf_named(const struct node *file, const char *bytes, size_t size)
{
	char *address = mem_printf("%.*s", (int)size, bytes);
	struct vf *vf;

	address[strcspn(address, "\n")] = '\0';
	vf = vf_find(file->object, address);
	free(address);
	return vf;
}

static int store_unbind(struct node *file, const char *bytes, size_t size)
{
	struct vf *vf = vf_named(file, bytes, size);

	if (!vf || !vf->files)
		return -ENODEV;
	vgpu_clear(vf);
	vgpu_remove_files(vf);
	pci_remove_vfio(&vf->function);
	pci_unbind(&vf->function);
	vf->worn = true;
	return 0;
}

static int store_bind(struct node *file, const char *bytes, size_t size)
{
	struct vf *vf = vf_named(file, bytes, size);

	if (!vf || vf->files)
		return -ENODEV;
	pci_bind(&vf->function);
	vf_add_nodes(vf);
	vgpu_add_files(vf);
	return 0;
}

static const struct node_ops unbind_ops = { .store = store_unbind };
static const struct node_ops bind_ops = { .store = store_bind };

static void driver_file(struct gpus *gpus, const char *name, const struct node_ops *ops)
{
	struct node *driver = node_path_dir(model_root(gpus->model), "bus/pci/drivers/" DRIVER);
	struct node *file = node_child(driver, name);

	if (!file)
		file = node_file(driver, name, 0200, "");
	file->ops = ops;
	file->object = gpus;
}

/* Physical functions ----------------------------------------------------------- */

static char *show_count(const struct node *file)
{
	const struct gpu *gpu = file->object;

	return mem_printf("%zu\n", gpu->vf_count);
}

/* The driver leaves it to sriov-manage. */
static int store_count(struct node *file, const char *bytes, size_t size)
{
	(void)file;
	(void)bytes;
	(void)size;
	return -ENOENT;
}

static const struct node_ops count_ops = { .show = show_count, .store = store_count };

int gpu_add(struct gpus *gpus, const struct sriov_config *config)
{
	static const struct pci_config as = {
		.vendor = VENDOR_NVIDIA,
		.device = DEVICE_GPU,
		.class = CLASS_DISPLAY,
		.driver = DRIVER,
	};
	struct gpu **end = &gpus->first, *gpu = mem_zero(sizeof(*gpu));
	int rc = pci_add_sriov(&gpu->function, gpus->model, config, &as, &count_ops, gpu);

	if (rc) {
		free(gpu);
		return rc;
	}
	while (*end)
		end = &(*end)->next;
	gpu->all = gpus;
	gpu->dialect = *dialect_find("r580");
	gpu->memory = config->memory;
	gpu->first = config->first;
	gpu->total = config->total;
	driver_file(gpus, "unbind", &unbind_ops);
	driver_file(gpus, "bind", &bind_ops);
	*end = gpu;
	return 0;
}

static bool gpu_is_used(const struct gpu *gpu)
{
	return gpu->shares;
}

int gpu_set_mig(struct gpu *gpu, bool on)
{
	if (gpu_is_used(gpu))
		return -EBUSY;
	gpu_clear_instances(gpu);
	gpu->mig = on;
	return 0;
}

int gpu_set_mixed(struct gpu *gpu, bool on)
{
	if (gpu_is_used(gpu))
		return -EBUSY;
	if (!gpu->vf_count)
		return -EINVAL;
	gpu->mixed = on;
	return 0;
}

/* The whole ---------------------------------------------------------------------- */

struct gpus *gpus_new(struct model *model, struct node *nodes)
{
	struct gpus *gpus = mem_zero(sizeof(*gpus));

	gpus->model = model;
	gpus->nodes = nodes;
	return gpus;
}

void gpus_free(struct gpus *gpus)
{
	while (gpus->first) {
		struct gpu *gpu = gpus->first;

		gpus->first = gpu->next;
		gpu_reload(gpu);
		gpu_clear_types(gpu);
		gpu_clear_settings(gpu);
		pci_remove(&gpu->function);
		free(gpu);
	}
	free(gpus);
}

static void vf_print(const struct vf *vf, FILE *lines)
{
	const struct share *share = vf->share;

	if (!share)
		return;
	fprintf(lines, "%s %u %u ", vf->function.address, share->type->id,
		share_placement(vf->gpu, share));
	if (share->instance)
		fprintf(lines, "%u", share->instance->id);
	else
		fputs("-", lines);
	fprintf(lines, " %u %s\n", vf->opens, vf->params);
}

char *gpus_show(const struct gpus *gpus)
{
	char *text = NULL;
	size_t size;
	FILE *lines = open_memstream(&text, &size);

	if (!lines)
		err(1, "no memory");
	for (const struct gpu *gpu = gpus->first; gpu; gpu = gpu->next)
		for (size_t i = 0; i < gpu->vf_count; i++)
			vf_print(&gpu->vfs[i], lines);
	if (fclose(lines))
		err(1, "no memory");
	return text;
}
