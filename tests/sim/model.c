// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model.h"

#include <ctype.h>
#include <errno.h>

#include "mem.h"

#define UUID_LEN 36

struct attr {
	char *name, *text;
	char *values; /* separated by commas, those that it takes; NULL for any */
	mode_t mode;
	struct attr *next;
};

struct type {
	struct parent *parent;
	char *id, *api, *name, *description;
	unsigned int cost;
	struct node *devices; /* the type's directory of links while registered */
	struct attr *attrs;
	struct type *next;
};

struct parent {
	struct model *model;
	char *name, *driver;
	unsigned int pool, used;
	int full;
	struct node *dir, *types_dir;
	struct type *types;
	struct parent *next;
};

struct device {
	char *uuid;
	struct type *type;
	struct node *dir;
	unsigned int group;
	struct device *next;
};

struct model {
	struct node *root;
	struct parent *parents;
	struct device *devices;
	unsigned int groups; /* IOMMU groups given out so far */
	unsigned int vfios;  /* vfio devices of functions, likewise */
};

/* Looking up --------------------------------------------------------------- */

static struct parent *parent_find(struct model *model, const char *name)
{
	struct parent *parent = model->parents;

	while (parent && strcmp(parent->name, name))
		parent = parent->next;
	return parent;
}

static struct type *type_find(struct parent *parent, const char *id)
{
	struct type *type = parent->types;

	while (type && strcmp(type->id, id))
		type = type->next;
	return type;
}

/* Where the device is, or belongs: they are sorted. */
static struct device **device_place(struct model *model, const char *uuid)
{
	struct device **at = &model->devices;

	while (*at && strcmp((*at)->uuid, uuid) < 0)
		at = &(*at)->next;
	return at;
}

static struct device *device_find(struct model *model, const char *uuid)
{
	struct device *device = *device_place(model, uuid);

	return device && !strcmp(device->uuid, uuid) ? device : NULL;
}

unsigned int model_take_vfio(struct model *model)
{
	return model->vfios++;
}

unsigned int model_take_group(struct model *model)
{
	return model->groups++;
}

/* Devices ------------------------------------------------------------------ */

/* The core's remove file takes a number as kstrtoul() does: 0 does nothing. */
static int store_remove(struct node *file, const char *bytes, size_t size)
{
	struct device *device = file->object;
	char *text = mem_printf("%.*s", (int)size, bytes), *end;
	unsigned long value;
	int rc = -EINVAL;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (isdigit((unsigned char)*text) && !errno && (!*end || !strcmp(end, "\n")))
		rc = value ? model_remove(device->type->parent->model, device->uuid) : 0;
	free(text);
	return rc;
}

static const struct node_ops remove_ops = { .store = store_remove };

static void device_add_links(struct device *device)
{
	struct parent *parent = device->type->parent;
	struct node *root = parent->model->root;
	char *group_path = mem_printf("kernel/iommu_groups/%u", device->group);
	char *driver_path = mem_printf("bus/mdev/drivers/%s", parent->driver);
	struct node *group = node_path_dir(root, group_path);
	struct node *driver = node_path_dir(root, driver_path);

	node_link(device->dir, "mdev_type", device->type->devices->up);
	node_link(device->dir, "subsystem", node_path_dir(root, "bus/mdev"));
	node_link(device->dir, "driver", driver);
	node_link(device->dir, "iommu_group", group);
	node_link(node_dir(group, "devices"), device->uuid, device->dir);
	node_link(driver, device->uuid, device->dir);
	node_link(device->type->devices, device->uuid, device->dir);
	node_link(node_path_dir(root, "bus/mdev/devices"), device->uuid, device->dir);
	free(group_path);
	free(driver_path);
}

static void device_remove_links(struct device *device)
{
	struct parent *parent = device->type->parent;
	struct node *root = parent->model->root;
	char *group_path = mem_printf("kernel/iommu_groups/%u", device->group);
	char *driver_path = mem_printf("bus/mdev/drivers/%s/%s", parent->driver, device->uuid);

	node_remove(node_find(root, group_path));
	node_remove(node_find(root, driver_path));
	node_remove(node_child(device->type->devices, device->uuid));
	node_remove(node_child(node_find(root, "bus/mdev/devices"), device->uuid));
	free(group_path);
	free(driver_path);
}

static bool attr_takes(const struct attr *attr, const char *bytes, size_t size)
{
	const char *value = attr->values;
	size_t length;

	if (size && bytes[size - 1] == '\n')
		size--;
	for (;;) {
		length = strcspn(value, ",");
		if (length == size && memcmp(value, bytes, size) == 0)
			return true;
		if (!value[length])
			return false;
		value += length + 1;
	}
}

static int attr_store(struct node *file, const char *bytes, size_t size)
{
	const struct attr *attr = file->object;

	if (attr->values && !attr_takes(attr, bytes, size))
		return -EINVAL;
	node_keep(file, bytes, size);
	return 0;
}

static const struct node_ops attr_ops = { .store = attr_store };

static void device_add_attr(struct device *device, struct attr *attr)
{
	char *path = mem_strdup(attr->name), *slash = strrchr(path, '/');
	struct node *dir = device->dir, *file;

	if (slash) {
		*slash = '\0';
		dir = node_path_dir(dir, path);
	}
	file = node_file(dir, slash ? slash + 1 : path, attr->mode, attr->text);
	file->ops = &attr_ops;
	file->object = attr;
	free(path);
}

static void device_add_files(struct device *device)
{
	struct parent *parent = device->type->parent;
	char *uevent = mem_printf("DRIVER=%s\n", parent->driver);
	struct node *remove = node_file(device->dir, "remove", 0200, "");

	remove->ops = &remove_ops;
	remove->object = device;
	node_file(device->dir, "uevent", 0644, uevent);
	free(uevent);

	for (struct attr *attr = device->type->attrs; attr; attr = attr->next)
		device_add_attr(device, attr);
}

static void device_insert(struct model *model, struct device *device)
{
	struct device **at = device_place(model, device->uuid);

	device->next = *at;
	*at = device;
}

int model_create(struct model *model, const char *parent_name, const char *type_id,
		 const char *uuid)
{
	struct parent *parent = parent_find(model, parent_name);
	struct type *type = parent ? type_find(parent, type_id) : NULL;
	struct device *device;

	if (!parent || !parent->types_dir)
		return -ENODEV;
	if (!type)
		return -ENOENT;
	if (device_find(model, uuid))
		return -EEXIST;
	if (parent->pool - parent->used < type->cost)
		return -parent->full;

	device = mem_zero(sizeof(*device));
	device->uuid = mem_strdup(uuid);
	device->type = type;
	device->group = model_take_group(model);
	device->dir = node_dir(parent->dir, uuid);
	device_insert(model, device);
	parent->used += type->cost;
	device_add_files(device);
	device_add_links(device);
	return 0;
}

int model_remove(struct model *model, const char *uuid)
{
	struct device *device = device_find(model, uuid);

	if (!device)
		return -ENODEV;
	*device_place(model, uuid) = device->next;
	device_remove_links(device);
	device->type->parent->used -= device->type->cost;
	node_remove(device->dir);
	free(device->uuid);
	free(device);
	return 0;
}

void model_remove_all(struct model *model)
{
	while (model->devices)
		model_remove(model, model->devices->uuid);
}

char *model_show_devices(const struct model *model)
{
	char *text = NULL;
	size_t size;
	FILE *lines = open_memstream(&text, &size);

	if (!lines)
		err(1, "no memory");
	for (const struct device *device = model->devices; device; device = device->next)
		fprintf(lines, "%s %s %s\n", device->uuid, device->type->parent->name,
			device->type->id);
	if (fclose(lines))
		err(1, "no memory");
	return text;
}

/* Types -------------------------------------------------------------------- */

/* A UUID in its hyphenated form in either case, and at most a newline behind it. */
static int store_create(struct node *file, const char *bytes, size_t size)
{
	struct type *type = file->object;
	char uuid[UUID_LEN + 1];

	if (size < UUID_LEN || size > UUID_LEN + 1 || (size > UUID_LEN && bytes[UUID_LEN] != '\n'))
		return -EINVAL;
	for (size_t i = 0; i < UUID_LEN; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? bytes[i] != '-' : !isxdigit((unsigned char)bytes[i]))
			return -EINVAL;
		uuid[i] = (char)tolower((unsigned char)bytes[i]);
	}
	uuid[UUID_LEN] = '\0';
	return model_create(type->parent->model, type->parent->name, type->id, uuid);
}

static char *show_available(const struct node *file)
{
	const struct type *type = file->object;

	return mem_printf("%u\n", (type->parent->pool - type->parent->used) / type->cost);
}

static const struct node_ops create_ops = { .store = store_create };
static const struct node_ops available_ops = { .show = show_available };

static void type_file(struct node *dir, const char *name, const char *text)
{
	char *line = mem_printf("%s\n", text);

	node_file(dir, name, 0444, line);
	free(line);
}

static void type_show(struct type *type)
{
	struct node *dir = node_dir(type->parent->types_dir, type->id);
	struct node *create = node_file(dir, "create", 0200, "");
	struct node *available = node_file(dir, "available_instances", 0444, "");

	create->ops = &create_ops;
	create->object = type;
	available->ops = &available_ops;
	available->object = type;
	type_file(dir, "device_api", type->api);
	if (type->name)
		type_file(dir, "name", type->name);
	if (type->description)
		type_file(dir, "description", type->description);
	type->devices = node_dir(dir, "devices");
}

static char *strdup_or_null(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

int model_add_type(struct model *model, const char *parent_name, const struct type_config *config)
{
	struct parent *parent = parent_find(model, parent_name);
	struct type *type;

	if (!parent)
		return -ENODEV;
	if (type_find(parent, config->id))
		return -EEXIST;
	type = mem_zero(sizeof(*type));
	type->parent = parent;
	type->id = mem_strdup(config->id);
	type->api = mem_strdup(config->api);
	type->name = strdup_or_null(config->name);
	type->description = strdup_or_null(config->description);
	type->cost = config->cost;
	type->next = parent->types;
	parent->types = type;
	if (parent->types_dir)
		type_show(type);
	return 0;
}

/* Parents ------------------------------------------------------------------ */

static void add_subsystem(struct parent *parent, const char *subsystem, struct node *links)
{
	node_link(parent->dir, "subsystem", node_path_dir(parent->model->root, subsystem));
	node_link(links, parent->name, parent->dir);
}

static void parent_add_files(struct parent *parent, const struct parent_config *config)
{
	struct node *root = parent->model->root;
	char *subsystem, *links;

	node_file(parent->dir, "uevent", 0644, "");
	if (config->modalias)
		type_file(parent->dir, "modalias", config->modalias);
	if (!config->bus && !config->class)
		return;
	subsystem = mem_printf("%s/%s", config->bus ? "bus" : "class",
			       config->bus ? config->bus : config->class);
	links = mem_printf("%s%s", subsystem, config->bus ? "/devices" : "");
	add_subsystem(parent, subsystem, node_path_dir(root, links));
	free(subsystem);
	free(links);
}

int model_add_parent(struct model *model, const struct parent_config *config)
{
	struct parent *parent;

	if (parent_find(model, config->name) || node_find(model->root, config->path))
		return -EEXIST;
	parent = mem_zero(sizeof(*parent));
	parent->model = model;
	parent->name = mem_strdup(config->name);
	parent->driver = mem_strdup(config->driver);
	parent->pool = config->pool;
	parent->full = config->full;
	parent->dir = node_path_dir(model->root, config->path);
	parent->next = model->parents;
	model->parents = parent;
	parent_add_files(parent, config);
	return model_register(model, config->name);
}

int model_add_attr(struct model *model, const char *parent_name, const char *type_id,
		   const struct attr_config *config)
{
	struct parent *parent = parent_find(model, parent_name);
	struct type *type = parent ? type_find(parent, type_id) : NULL;
	struct attr *attr;

	if (!type)
		return parent ? -ENOENT : -ENODEV;
	attr = mem_zero(sizeof(*attr));
	attr->name = mem_strdup(config->name);
	attr->text = mem_strdup(config->text);
	attr->values = config->values ? mem_strdup(config->values) : NULL;
	attr->mode = config->mode;
	attr->next = type->attrs;
	type->attrs = attr;
	return 0;
}

int model_register(struct model *model, const char *name)
{
	struct parent *parent = parent_find(model, name);

	if (!parent)
		return -ENODEV;
	if (parent->types_dir)
		return -EEXIST;
	parent->types_dir = node_dir(parent->dir, "mdev_supported_types");
	for (struct type *type = parent->types; type; type = type->next)
		type_show(type);
	node_link(node_path_dir(model->root, "class/mdev_bus"), name, parent->dir);
	return 0;
}

int model_unregister(struct model *model, const char *name)
{
	struct parent *parent = parent_find(model, name);
	struct device *device = model->devices;

	if (!parent || !parent->types_dir)
		return -ENODEV;
	node_remove(node_child(node_find(model->root, "class/mdev_bus"), name));
	while (device) {
		struct device *next = device->next;

		if (device->type->parent == parent)
			model_remove(model, device->uuid);
		device = next;
	}
	node_remove(parent->types_dir);
	parent->types_dir = NULL;
	return 0;
}

/* The whole ---------------------------------------------------------------- */

struct model *model_new(void)
{
	struct model *model = mem_zero(sizeof(*model));

	model->root = node_root();
	node_path_dir(model->root, "bus/mdev/devices");
	node_path_dir(model->root, "bus/mdev/drivers");
	node_path_dir(model->root, "class/mdev_bus");
	return model;
}

struct node *model_root(struct model *model)
{
	return model->root;
}

static void type_free(struct type *type)
{
	while (type->attrs) {
		struct attr *attr = type->attrs;

		type->attrs = attr->next;
		free(attr->name);
		free(attr->text);
		free(attr->values);
		free(attr);
	}
	free(type->id);
	free(type->api);
	free(type->name);
	free(type->description);
	free(type);
}

static void parent_free(struct parent *parent)
{
	while (parent->types) {
		struct type *type = parent->types;

		parent->types = type->next;
		type_free(type);
	}
	free(parent->name);
	free(parent->driver);
	free(parent);
}

void model_free(struct model *model)
{
	model_remove_all(model);
	while (model->parents) {
		struct parent *parent = model->parents;

		model->parents = parent->next;
		parent_free(parent);
	}
	node_remove(model->root);
	free(model);
}
