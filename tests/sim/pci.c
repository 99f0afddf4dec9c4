// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pci.h"

#include <errno.h>

#include "mem.h"
#include "model.h"

#define FUNCTIONS_PER_DEVICE 8
#define FUNCTIONS_PER_BUS    256

char *pci_address_add(const char *address, unsigned int steps)
{
	unsigned int domain, bus, device, function, id;
	int end = 0;

	if (sscanf(address, "%x:%2x:%2x.%1u%n", &domain, &bus, &device, &function, &end) != 4 ||
	    address[end])
		return NULL;
	id = bus * FUNCTIONS_PER_BUS + device * FUNCTIONS_PER_DEVICE + function + steps;
	return mem_printf("%04x:%02x:%02x.%u", domain, id / FUNCTIONS_PER_BUS,
			  id % FUNCTIONS_PER_BUS / FUNCTIONS_PER_DEVICE, id % FUNCTIONS_PER_DEVICE);
}

/* The directory of that name, made where it is missing. */
static struct node *pci_dir(const struct pci_function *function, const char *up, const char *name)
{
	char *path = mem_printf("%s/%s", up, name);
	struct node *dir = node_path_dir(function->root, path);

	free(path);
	return dir;
}

static void pci_file(struct node *dir, const char *name, mode_t mode, char *text)
{
	node_file(dir, name, mode, text);
	free(text);
}

static void pci_add_files(struct pci_function *function, const struct pci_config *config)
{
	struct node *dir = function->dir;

	pci_file(dir, "vendor", 0444, mem_printf("0x%04x\n", config->vendor));
	pci_file(dir, "device", 0444, mem_printf("0x%04x\n", config->device));
	pci_file(dir, "class", 0444, mem_printf("0x%06x\n", config->class));
	pci_file(dir, "numa_node", 0644, mem_printf("%d\n", config->numa_node));
	node_file(dir, "driver_override", 0644, "(null)\n");
	pci_file(dir, "uevent", 0644,
		 mem_printf("DRIVER=%s\nPCI_CLASS=%X\nPCI_ID=%04X:%04X\nPCI_SLOT_NAME=%s\n",
			    config->driver, config->class, config->vendor, config->device,
			    config->address));
}

void pci_bind(struct pci_function *function)
{
	struct node *driver = pci_dir(function, "bus/pci/drivers", function->driver);

	node_link(function->dir, "driver", driver);
	node_link(driver, function->address, function->dir);
}

void pci_unbind(struct pci_function *function)
{
	struct node *driver = pci_dir(function, "bus/pci/drivers", function->driver);

	node_remove(node_child(function->dir, "driver"));
	node_remove(node_child(driver, function->address));
}

static struct node *pci_group(const struct pci_function *function)
{
	char *number = mem_printf("%u", function->group);
	struct node *group = pci_dir(function, "kernel/iommu_groups", number);

	free(number);
	return group;
}

void pci_add(struct pci_function *function, struct node *root, const struct pci_config *config)
{
	struct node *group;

	*function = (struct pci_function){
		.root = root,
		.dir = node_dir(config->bridge, config->address),
		.address = mem_strdup(config->address),
		.driver = mem_strdup(config->driver),
		.group = config->group,
	};
	pci_add_files(function, config);
	node_link(function->dir, "subsystem", node_path_dir(root, "bus/pci"));
	node_link(node_path_dir(root, "bus/pci/devices"), function->address, function->dir);
	group = pci_group(function);
	node_link(function->dir, "iommu_group", group);
	node_link(node_dir(group, "devices"), function->address, function->dir);
	pci_bind(function);
}

void pci_remove(struct pci_function *function)
{
	pci_remove_vfio(function);
	pci_unbind(function);
	node_remove(pci_group(function));
	node_remove(
		node_child(node_path_dir(function->root, "bus/pci/devices"), function->address));
	node_remove(function->dir);
	free(function->address);
	free(function->driver);
}

static void pci_add_sriov_files(struct node *dir, const struct sriov_config *config,
				const struct node_ops *count, void *object)
{
	char *total = mem_printf("%u\n", config->total), *offset = mem_printf("%u\n", config->first);
	struct node *file;

	node_file(dir, "sriov_totalvfs", 0444, total);
	node_file(dir, "sriov_offset", 0444, offset);
	node_file(dir, "sriov_stride", 0444, "1\n");
	file = node_file(dir, "sriov_numvfs", 0644, "");
	file->ops = count;
	file->object = object;
	free(total);
	free(offset);
}

int pci_add_sriov(struct pci_function *function, struct model *model,
		  const struct sriov_config *config, const struct pci_config *as,
		  const struct node_ops *count, void *object)
{
	char *last = pci_address_add(config->address, config->first + config->total);
	struct pci_config own = *as;

	free(last);
	if (!last || !config->total || !config->first)
		return -EINVAL;
	own.address = config->address;
	own.bridge = node_path_dir(model_root(model), config->bridge);
	if (node_child(own.bridge, config->address))
		return -EEXIST;
	own.group = model_take_group(model);
	pci_add(function, model_root(model), &own);
	pci_add_sriov_files(function->dir, config, count, object);
	return 0;
}

/* Each node is that of a device of its own, whose events can be asked for. */
static void add_group_device(struct pci_function *function, const char *group)
{
	struct node *dir = pci_dir(function, "devices/virtual/vfio", group);

	pci_file(dir, "uevent", 0644, mem_printf("DEVNAME=vfio/%s\n", group));
	node_link(node_path_dir(function->root, "class/vfio"), group, dir);
}

static void remove_group_device(struct pci_function *function)
{
	char *group = mem_printf("%u", function->group);

	node_remove(node_child(node_path_dir(function->root, "class/vfio"), group));
	node_remove(node_child(node_path_dir(function->root, "devices/virtual/vfio"), group));
	free(group);
}

void pci_add_vfio(struct pci_function *function, struct node *nodes, unsigned int number)
{
	char *name = mem_printf("vfio%u", number), *group = mem_printf("%u", function->group);
	struct node *class = node_path_dir(function->root, "class/vfio-dev");

	function->vfio = node_dir(node_path_dir(function->dir, "vfio-dev"), name);
	/* The major number is one of those that Linux gives out as it goes. */
	pci_file(function->vfio, "dev", 0444, mem_printf("511:%u\n", number));
	pci_file(function->vfio, "uevent", 0644, mem_printf("DEVNAME=vfio/devices/%s\n", name));
	node_link(function->vfio, "subsystem", class);
	node_link(function->vfio, "device", function->dir);
	node_link(class, name, function->vfio);
	add_group_device(function, group);
	function->group_node = node_file(node_path_dir(nodes, "vfio"), group, 0600, "");
	function->vfio_node = node_file(node_path_dir(nodes, "vfio/devices"), name, 0600, "");
	free(group);
	free(name);
}

void pci_remove_vfio(struct pci_function *function)
{
	if (!function->vfio)
		return;
	node_remove(function->group_node);
	node_remove(function->vfio_node);
	node_remove(
		node_child(node_path_dir(function->root, "class/vfio-dev"), function->vfio->name));
	node_remove(node_child(function->dir, "vfio-dev"));
	remove_group_device(function);
	function->vfio = function->group_node = function->vfio_node = NULL;
}
