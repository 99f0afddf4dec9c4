/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCI functions in the tree: their directories, and the links by which they are found. */
#ifndef SIM_PCI_H
#define SIM_PCI_H

#include "tree.h"

struct model;

/**
 * struct pci_config - a function to be added
 * @bridge: the directory that it is in
 * @address: such as 0000:3b:00.0
 * @vendor, @device, @class: what its files of these names say
 * @driver: the driver that is bound to it
 * @numa_node: its node, -1 for none
 * @group: number of its IOMMU group
 */
struct pci_config {
	struct node *bridge;
	const char *address;
	unsigned int vendor, device, class;
	const char *driver;
	int numa_node;
	unsigned int group;
};

/**
 * struct pci_function - a function that is there
 * @vfio: its directory below class/vfio-dev; NULL: it cannot be given to a virtual machine
 * @group_node, @vfio_node: what stands for its nodes in /dev/vfio; NULL as @vfio is
 */
struct pci_function {
	struct node *root, *dir;
	char *address, *driver;
	unsigned int group;
	struct node *vfio, *group_node, *vfio_node;
};

/** pci_address_add() - the one @steps functions behind @address, to be freed; NULL: it is none */
char *pci_address_add(const char *address, unsigned int steps);

void pci_add(struct pci_function *function, struct node *root, const struct pci_config *config);
void pci_remove(struct pci_function *function);

/**
 * struct sriov_config - a GPU that can have virtual functions
 * @bridge: the path of the directory that it is in
 * @total: how many there can be
 * @first: how far behind the GPU the first one is
 * @memory: in MiB
 */
struct sriov_config {
	const char *address, *bridge;
	unsigned int total, first, memory;
};

/**
 * pci_add_sriov() - add a physical function with its files
 * @as: the rest of what it is; its group is taken from @model when it is added
 * @count: what sriov_numvfs does, with @object
 *
 * Return: 0, -EEXIST for what is there already, -EINVAL for a value that is none.
 */
int pci_add_sriov(struct pci_function *function, struct model *model,
		  const struct sriov_config *config, const struct pci_config *as,
		  const struct node_ops *count, void *object);

/** pci_add_vfio() - give it the device vfio@number and the nodes below @nodes */
void pci_add_vfio(struct pci_function *function, struct node *nodes, unsigned int number);
void pci_remove_vfio(struct pci_function *function);

/** pci_bind(), pci_unbind() - the driver's links; pci_add() has bound it */
void pci_bind(struct pci_function *function);
void pci_unbind(struct pci_function *function);

#endif
