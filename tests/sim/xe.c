// SPDX-License-Identifier: LGPL-2.1-or-later
/* GPUs of the driver xe, their virtual functions, and the drivers that these are bound to. */
#include "xe.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "mem.h"
#include "model.h"
#include "pci.h"
#include "words.h"
#include "xe_profile.h"

#define VENDOR_INTEL  0x8086
#define DEVICE_GPU    0xe211
#define CLASS_DISPLAY 0x030000
#define DRIVER	      "xe"

/* A virtual function. */
struct xe_vf {
	struct pci_function function;
	bool bound;
	unsigned int opens;
};

struct xe {
	struct xes *all;
	struct pci_function function;
	struct xe_profiles *profiles;
	unsigned int total, first;
	unsigned int count; /* enabled */
	struct xe_vf *vfs;
	struct node *probe; /* whether drivers are bound to new functions */
	struct xe *next;
};

struct xes {
	struct model *model;
	struct node *nodes;
	struct xe *first;
};

struct xe *xe_find(struct xes *xes, const char *address)
{
	struct xe *xe = xes->first;

	while (xe && strcmp(xe->function.address, address))
		xe = xe->next;
	return xe;
}

/* Drivers ---------------------------------------------------------------------- */

static int node_open_vf(struct node *node)
{
	struct xe_vf *vf = node->object;

	vf->opens++;
	return 0;
}

static void node_close_vf(struct node *node)
{
	struct xe_vf *vf = node->object;

	vf->opens--;
}

static const struct node_ops device_node_ops = { .open = node_open_vf, .close = node_close_vf };

static void vf_bind(struct xes *xes, struct xe_vf *vf, const char *driver)
{
	free(vf->function.driver);
	vf->function.driver = mem_strdup(driver);
	pci_bind(&vf->function);
	vf->bound = true;
	if (!strstr(driver, "vfio"))
		return;
	pci_add_vfio(&vf->function, xes->nodes, model_take_vfio(xes->model));
	vf->function.vfio_node->ops = vf->function.group_node->ops = &device_node_ops;
	vf->function.vfio_node->object = vf->function.group_node->object = vf;
}

static void vf_unbind(struct xe_vf *vf)
{
	pci_remove_vfio(&vf->function);
	if (vf->bound)
		pci_unbind(&vf->function);
	vf->bound = false;
	vf->opens = 0;
}

static struct xe_vf *vf_named(struct xes *xes, const char *bytes, size_t size)
{
	char *address = mem_printf("%.*s", (int)size, bytes);
	struct xe_vf *vf = NULL;

	address[strcspn(address, "\n")] = '\0';
	for (struct xe *xe = xes->first; xe && !vf; xe = xe->next)
		for (unsigned int i = 0; i < xe->count && !vf; i++)
			if (!strcmp(xe->vfs[i].function.address, address))
				vf = &xe->vfs[i];
	free(address);
	return vf;
}

/* Drivers of VFIO take only what is meant for them. */
static int store_bind(struct node *file, const char *bytes, size_t size)
{
	struct xes *xes = file->object;
	struct xe_vf *vf = vf_named(xes, bytes, size);
	const char *driver = file->up->name, *override;

	if (!vf)
		return -ENODEV;
	if (vf->bound)
		return -EBUSY;
	override = node_child(vf->function.dir, "driver_override")->text;
	if (strncmp(override, driver, strlen(driver)) || override[strlen(driver)] != '\n')
		return -ENODEV;
	vf_bind(xes, vf, driver);
	return 0;
}

/* The kernel waits here until the function is closed, for hours if need be: so much is a fault. */
static int store_unbind(struct node *file, const char *bytes, size_t size)
{
	struct xe_vf *vf = vf_named(file->object, bytes, size);

	if (!vf || !vf->bound || strcmp(vf->function.driver, file->up->name))
		return -ENODEV;
	if (vf->opens)
		return -EDEADLK;
	vf_unbind(vf);
	return 0;
}

static const struct node_ops bind_ops = { .store = store_bind };
static const struct node_ops unbind_ops = { .store = store_unbind };

static void add_driver(struct xes *xes, const char *name)
{
	char *path = mem_printf("bus/pci/drivers/%s", name);
	struct node *dir = node_path_dir(model_root(xes->model), path), *file;

	free(path);
	if (node_child(dir, "bind"))
		return;
	file = node_file(dir, "bind", 0200, "");
	file->ops = &bind_ops;
	file->object = xes;
	file = node_file(dir, "unbind", 0200, "");
	file->ops = &unbind_ops;
	file->object = xes;
}

/* Virtual functions --------------------------------------------------------------- */

static void vf_add(struct xe *xe, unsigned int number)
{
	struct xe_vf *vf = &xe->vfs[number];
	char *address = pci_address_add(xe->function.address, xe->first + number);
	char *link = mem_printf("virtfn%u", number);
	struct pci_config config = {
		.bridge = xe->function.dir->up,
		.address = address,
		.vendor = VENDOR_INTEL,
		.device = DEVICE_GPU,
		.class = CLASS_DISPLAY,
		.driver = DRIVER,
		.group = model_take_group(xe->all->model),
	};

	pci_add(&vf->function, xe->function.root, &config);
	vf->bound = true;
	vf->opens = 0;
	if (*xe->probe->text != '1')
		vf_unbind(vf);
	node_link(vf->function.dir, "physfn", xe->function.dir);
	node_link(xe->function.dir, link, vf->function.dir);
	profiles_link(xe->profiles, number + 1, vf->function.dir);
	free(link);
	free(address);
}

static void vf_remove(struct xe *xe, unsigned int number)
{
	char *link = mem_printf("virtfn%u", number);

	profiles_unlink(xe->profiles, number + 1);
	node_remove(node_child(xe->function.dir, link));
	pci_remove(&xe->vfs[number].function);
	free(link);
}

static void xe_disable(struct xe *xe)
{
	for (unsigned int i = 0; i < xe->count; i++)
		vf_remove(xe, i);
	xe->count = 0;
	profiles_release(xe->profiles);
}

static void xe_enable(struct xe *xe, unsigned int count)
{
	profiles_provision(xe->profiles, count);
	for (unsigned int i = 0; i < count; i++)
		vf_add(xe, i);
	xe->count = count;
}

/* As the PCI core has it: the number changes from 0 and to 0 only. */
int xe_set_count(struct xe *xe, unsigned int count)
{
	if (count > xe->total)
		return -ERANGE;
	if (count == xe->count)
		return 0;
	if (count && xe->count)
		return -EBUSY;
	/* Taking a function away waits for whoever has it open. */
	for (unsigned int i = 0; i < xe->count; i++)
		if (xe->vfs[i].opens)
			return -EDEADLK;
	if (count)
		xe_enable(xe, count);
	else
		xe_disable(xe);
	return 0;
}

static int store_count(struct node *file, const char *bytes, size_t size)
{
	char *text = mem_printf("%.*s", (int)size, bytes);
	unsigned int count;
	int rc;

	text[strcspn(text, "\n")] = '\0';
	rc = word_number(text, 10, &count) ? -EINVAL : xe_set_count(file->object, count);
	free(text);
	return rc;
}

static char *show_count(const struct node *file)
{
	const struct xe *xe = file->object;

	return mem_printf("%u\n", xe->count);
}

static const struct node_ops count_ops = { .show = show_count, .store = store_count };

/* GPUs ------------------------------------------------------------------------------ */

int xe_add(struct xes *xes, const struct sriov_config *config)
{
	static const struct pci_config as = {
		.vendor = VENDOR_INTEL,
		.device = DEVICE_GPU,
		.class = CLASS_DISPLAY,
		.driver = DRIVER,
	};
	struct xe **end = &xes->first, *xe = mem_zero(sizeof(*xe));
	int rc = pci_add_sriov(&xe->function, xes->model, config, &as, &count_ops, xe);

	if (rc) {
		free(xe);
		return rc;
	}
	while (*end)
		end = &(*end)->next;
	xe->all = xes;
	xe->first = config->first;
	xe->total = config->total;
	xe->vfs = mem_zero(xe->total * sizeof(*xe->vfs));
	xe->probe = node_file(xe->function.dir, "sriov_drivers_autoprobe", 0644, "1\n");
	xe->profiles = profiles_new(xe->function.dir, xe->total, config->memory);
	add_driver(xes, DRIVER);
	add_driver(xes, "xe-vfio-pci");
	add_driver(xes, "vfio-pci");
	*end = xe;
	return 0;
}

int xe_set(struct xe *xe, const char *key, const char *value)
{
	return profiles_set(xe->profiles, key, value);
}

void xe_reload(struct xe *xe)
{
	xe_disable(xe);
	profiles_reset(xe->profiles);
}

void xes_reload(struct xes *xes)
{
	for (struct xe *xe = xes->first; xe; xe = xe->next)
		xe_reload(xe);
}

struct xes *xes_new(struct model *model, struct node *nodes)
{
	struct xes *xes = mem_zero(sizeof(*xes));

	xes->model = model;
	xes->nodes = nodes;
	return xes;
}

void xes_free(struct xes *xes)
{
	while (xes->first) {
		struct xe *xe = xes->first;

		xes->first = xe->next;
		xe_disable(xe);
		profiles_free(xe->profiles);
		pci_remove(&xe->function);
		free(xe->vfs);
		free(xe);
	}
	free(xes);
}
