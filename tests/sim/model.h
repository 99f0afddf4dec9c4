/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the mdev core and the drivers of the machine do to the tree. */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include <stdbool.h>

#include "tree.h"

struct model;

/**
 * struct parent_config - a parent device as a machine file describes it
 * @name: its name
 * @path: its directory, below devices/
 * @pool: resources that its types share
 * @full: errno of a create that finds too little left of the pool
 * @bus: subsystem below bus/, or NULL
 * @class: subsystem below class/, or NULL
 * @driver: name of the driver of its mediated devices
 * @modalias: text of its modalias file, or NULL
 */
struct parent_config {
	const char *name, *path;
	unsigned int pool;
	int full;
	const char *bus, *class, *driver, *modalias;
};

/**
 * struct type_config - a type of a parent
 * @id: its name below mdev_supported_types
 * @cost: what one device takes from the parent's pool
 * @api: text of device_api
 * @name, @description: texts of these files, or NULL for no such file
 */
struct type_config {
	const char *id;
	unsigned int cost;
	const char *api, *name, *description;
};

/**
 * struct attr_config - an attribute of devices
 * @name: its path below the device
 * @text: what it holds at first
 * @mode: permission bits
 * @values: those that it takes, separated by commas; NULL for any
 */
struct attr_config {
	const char *name, *text;
	unsigned int mode;
	const char *values;
};

struct model *model_new(void);
void model_free(struct model *model);
struct node *model_root(struct model *model);

/** model_take_group() - the number of the next IOMMU group */
unsigned int model_take_group(struct model *model);

/** model_take_vfio() - the number of the next vfio device of a PCI function */
unsigned int model_take_vfio(struct model *model);

/* All return 0 or -errno: ENODEV for an unknown parent, ENOENT for an unknown
 * type, EEXIST for what is there already. */
int model_add_parent(struct model *model, const struct parent_config *config);
int model_add_type(struct model *model, const char *parent, const struct type_config *config);

/** model_add_attr() - an attribute that devices of @type created from now on have */
int model_add_attr(struct model *model, const char *parent, const char *type,
		   const struct attr_config *config);

/** model_register() - put a parent on the mdev bus class, with its types */
int model_register(struct model *model, const char *parent);

/** model_unregister() - take it off, with all its devices */
int model_unregister(struct model *model, const char *parent);

int model_create(struct model *model, const char *parent, const char *type, const char *uuid);
int model_remove(struct model *model, const char *uuid);
void model_remove_all(struct model *model);

/** model_show_devices() - a line "UUID PARENT TYPE" for each device, sorted; to be freed */
char *model_show_devices(const struct model *model);

#endif
