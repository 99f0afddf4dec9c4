/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the machine has, read at once and joined: functions, parents, types, devices with their
 * definitions, and the processes that use them. Hides which calls of the library that takes.
 */
#ifndef CLI_INVENTORY_H
#define CLI_INVENTORY_H

#include "cli.h"

enum item_kind {
	ITEM_FUNCTION = 1, /* a physical function with SR-IOV */
	ITEM_PARENT = 2,
	ITEM_TYPE = 4,
	ITEM_DEVICE = 8, /* active, defined or both */
};

/* Pointers are to parts of the inventory, and NULL for what there is not or was not asked for. */
struct item {
	enum item_kind kind;
	unsigned int depth; /* in a tree: deeper items that follow are below it */
	const char *function, *parent, *type_id;
	const struct mdev_uuid *uuid;
	const struct mdev_parent_info *parent_info;
	const struct mdev_type *type;
	const struct mdev_device *device;
	const struct mdev_device_info *info;
	const struct mdev_definition *definition, *attrs;
	bool is_defined; /* perhaps by a file that cannot be read */
	bool is_pci;	 /* devices of its parent are PCI functions */
	struct mdev_user *const *users;
	size_t user_count;
};

/* What takes system calls of its own. */
enum inventory_part {
	PART_PARENTS = 1,
	PART_TYPES = 2,
	PART_INFO = 4,
	PART_USERS = 8,
	PART_ATTRS = 16, /* those of active devices come from scripts */
};

struct inventory_request {
	const struct mdev_uuid *uuid; /* NULL: all */
	const char *parent;	      /* NULL: all */
	bool defined;		      /* the definitions are listed, not the active devices */
	unsigned int parts;
	bool explains; /* a warning says why there are no parents */
};

struct parent_entry {
	struct mdev_parent *parent;
	struct mdev_parent_info *info;
	struct mdev_type **types;
	size_t type_count;
	const char *function; /* that it is shown below; NULL if it is of none */
	bool shown;
};

struct device_entry {
	struct mdev_device *device;
	struct mdev_definition *definition, *attrs;
	struct mdev_device_info *info;
	bool is_defined;
	size_t user, user_count; /* in the list of users */
	bool shown;
};

struct inventory {
	struct parent_entry *parents; /* by name */
	struct device_entry *devices; /* by parent, then UUID */
	struct mdev_user **users;
	size_t parent_count, device_count;
	struct item *items; /* the list or tree */
	size_t count;
};

/* For _cleanup_(). */
void inventory_clear(struct inventory *inventory);

/*
 * Whether there is a definition of @device although none was read. Only a warning can mean that,
 * so each device without a definition is looked up only if there was a warning.
 */
bool inventory_has_unreadable(const struct cli *cli, const struct mdev_device *device);

/* Reads what is wanted. Return: 0, -errno: cli_failed() has the reason. */
int inventory_read(struct cli *cli, const struct inventory_request *request,
		   struct inventory *inventory);

/* The same in two steps: the devices and their definitions, then the parts. */
int inventory_read_devices(struct cli *cli, const struct inventory_request *request,
			   struct inventory *inventory);
int inventory_read_parts(struct cli *cli, const struct inventory_request *request,
			 struct inventory *inventory);

/* Without devices. */
int inventory_read_types(struct cli *cli, const struct inventory_request *request,
			 struct inventory *inventory);

/* The parent of the device at @index. */
const char *inventory_get_parent(const struct inventory *inventory, size_t index);

/* Makes the items: a list of the devices or of the types, or the tree. Return: 0, -ENOMEM. */
int inventory_list_devices(struct inventory *inventory);
int inventory_list_types(struct inventory *inventory);
/* @only_used: no parents and types without devices. */
int inventory_list_tree(struct inventory *inventory, bool only_used);

#endif
