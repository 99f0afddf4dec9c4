// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "inventory.h"
#include "util/array.h"

void inventory_clear(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->parent_count; i++) {
		mdev_parent_info_unref(inventory->parents[i].info);
		mdev_parent_unref(inventory->parents[i].parent);
		mdev_type_list_free(inventory->parents[i].types);
	}
	for (size_t i = 0; i < inventory->device_count; i++) {
		mdev_device_info_unref(inventory->devices[i].info);
		mdev_device_unref(inventory->devices[i].device);
		mdev_definition_unref(inventory->devices[i].definition);
		mdev_definition_unref(inventory->devices[i].attrs);
	}
	mdev_user_list_free(inventory->users);
	free(inventory->parents);
	free(inventory->devices);
	free(inventory->items);
	*inventory = (struct inventory){ 0 };
}

/* Reading ---------------------------------------------------------------------- */

static int parents_read(struct cli *cli, const struct inventory_request *request,
			struct mdev_parent ***parents)
{
	struct mdev_parent **list;
	int r;

	if (!request->parent)
		return mdev_parent_list(cli->ctx, parents);
	list = calloc(2, sizeof(*list));
	if (!list)
		return -ENOMEM;
	r = mdev_parent_lookup(cli->ctx, request->parent, list);
	/* A parent that is not there has nothing to show, as in a list of all. */
	if (r < 0 && r != -ENODEV && r != -EINVAL) {
		free(list);
		return r;
	}
	if (r < 0 && request->explains)
		log_warning(&cli->log, "%s", mdev_ctx_last_error(cli->ctx));
	*parents = list;
	return 0;
}

/* What goes away meanwhile, or cannot be read, leaves a gap. */
static int parent_read(struct cli *cli, unsigned int parts, struct parent_entry *entry)
{
	int r = mdev_parent_get_info(entry->parent, &entry->info);

	if (r == 0)
		entry->function = mdev_parent_info_get_physfn(entry->info);
	if (r != -ENOMEM && parts & PART_TYPES)
		r = mdev_type_list(entry->parent, &entry->types);
	while (entry->types && entry->types[entry->type_count])
		entry->type_count++;
	if (r < 0 && r != -ENOMEM && r != -ENODEV)
		log_warning(&cli->log, "%s", mdev_ctx_last_error(cli->ctx));
	return r == -ENOMEM ? r : 0;
}

int inventory_read_types(struct cli *cli, const struct inventory_request *request,
				  struct inventory *inventory)
{
	_cleanup_(mdev_parent_list_freep) struct mdev_parent **parents = NULL;
	size_t count = 0;
	int r;

	r = parents_read(cli, request, &parents);
	if (r < 0)
		return r;
	while (parents[count])
		count++;
	if (count == 0 && request->explains && !request->parent &&
	    mdev_ctx_check_parents(cli->ctx) < 0)
		log_warning(&cli->log, "%s", mdev_ctx_last_error(cli->ctx));
	inventory->parents = calloc(count + 1, sizeof(*inventory->parents));
	if (!inventory->parents)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct parent_entry *entry = &inventory->parents[inventory->parent_count++];

		entry->parent = mdev_parent_ref(parents[i]);
		r = parent_read(cli, request->parts, entry);
	}
	return r;
}

/* Where a device and a definition stand to each other in the order of both lists. */
static int entry_compare(const struct mdev_device *device, const struct mdev_definition *definition)
{
	int order = strcmp(mdev_device_get_parent(device), mdev_definition_get_parent(definition));

	return order ? order : strcmp(mdev_device_get_uuid(device)->text,
				      mdev_definition_get_uuid(definition)->text);
}

static void inventory_add_entry(struct inventory *inventory, struct mdev_device *device,
				struct mdev_definition *definition)
{
	struct device_entry *entry = &inventory->devices[inventory->device_count++];

	entry->device = device ? mdev_device_ref(device) : NULL;
	entry->definition = definition ? mdev_definition_ref(definition) : NULL;
	entry->is_defined = definition;
}

bool inventory_has_unreadable(const struct cli *cli, const struct mdev_device *device)
{
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *definition = NULL;

	return cli->log.library_warnings &&
	       mdev_definition_lookup(cli->ctx, mdev_device_get_uuid(device),
				      mdev_device_get_parent(device), &definition) == -EBADMSG;
}

/* One pass over both lists, which have the same order. */
static int inventory_join(struct inventory *inventory, bool defined,
			  struct mdev_device *const *devices,
			  struct mdev_definition *const *definitions)
{
	size_t count = 0;

	while (defined ? !!definitions[count] : !!devices[count])
		count++;
	inventory->devices = calloc(count + 1, sizeof(*inventory->devices));
	if (!inventory->devices)
		return -ENOMEM;
	while (*devices || *definitions) {
		int order = !*devices ? 1 : !*definitions ? -1 :
			    entry_compare(*devices, *definitions);

		/* A definition is that of a device of its type only. */
		if (order == 0 && defined &&
		    strcmp(mdev_device_get_type(*devices), mdev_definition_get_type(*definitions)))
			inventory_add_entry(inventory, NULL, *definitions);
		else if (order == 0)
			inventory_add_entry(inventory, *devices, *definitions);
		else if (order < 0 && !defined)
			inventory_add_entry(inventory, *devices, NULL);
		else if (order > 0 && defined)
			inventory_add_entry(inventory, NULL, *definitions);
		devices += order <= 0;
		definitions += order >= 0;
	}
	return 0;
}

static int entry_read(const struct inventory_request *request, struct device_entry *entry)
{
	int r = 0;

	if (entry->device && request->parts & PART_INFO)
		r = mdev_device_get_info(entry->device, &entry->info);
	if (r == -ENODEV)
		r = 0;
	if (r < 0 || !(request->parts & PART_ATTRS))
		return r;
	if (!request->defined && entry->device)
		return mdev_device_get_definition(entry->device, 0, &entry->attrs);
	entry->attrs = mdev_definition_ref(entry->definition);
	return 0;
}

int inventory_read_devices(struct cli *cli, const struct inventory_request *request,
			   struct inventory *inventory)
{
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **definitions = NULL;
	_cleanup_(mdev_device_list_freep) struct mdev_device **devices = NULL;
	int r;

	r = mdev_device_list(cli->ctx, request->uuid, request->parent, &devices);
	if (r == 0)
		r = mdev_definition_list(cli->ctx, request->uuid, request->parent, &definitions);
	if (r == 0)
		r = inventory_join(inventory, request->defined, devices, definitions);
	for (size_t i = 0; r == 0 && i < inventory->device_count; i++) {
		struct device_entry *entry = &inventory->devices[i];

		if (!entry->is_defined)
			entry->is_defined = inventory_has_unreadable(cli, entry->device);
	}
	return r;
}

/* The users of a device follow each other, in the order of the devices. */
static void inventory_place_users(struct inventory *inventory)
{
	size_t user = 0;

	for (size_t i = 0; i < inventory->device_count; i++) {
		struct device_entry *entry = &inventory->devices[i];

		entry->user = user;
		while (entry->device && inventory->users[user] &&
		       strcmp(mdev_user_get_uuid(inventory->users[user])->text,
			      mdev_device_get_uuid(entry->device)->text) == 0)
			user++;
		entry->user_count = user - entry->user;
	}
}

/* A list without users is still a list. */
static int inventory_read_users(struct cli *cli, struct inventory *inventory)
{
	_cleanup_(freep) struct mdev_device **devices = NULL;
	size_t count = 0;
	int r;

	devices = calloc(inventory->device_count + 1, sizeof(struct mdev_device *));
	if (!devices)
		return -ENOMEM;
	for (size_t i = 0; i < inventory->device_count; i++)
		if (inventory->devices[i].device)
			devices[count++] = inventory->devices[i].device;
	if (count == 0)
		return 0;
	r = mdev_user_list(cli->ctx, devices, &inventory->users);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		log_warning(&cli->log, "%s", mdev_ctx_last_error(cli->ctx));
	else if (r > 0)
		log_warning(&cli->log, "There may be more users: some processes can be inspected "
			    "by root only");
	if (r >= 0)
		inventory_place_users(inventory);
	return 0;
}

static const char *entry_parent(const struct device_entry *entry)
{
	return entry->device ? mdev_device_get_parent(entry->device) :
			       mdev_definition_get_parent(entry->definition);
}

const char *inventory_get_parent(const struct inventory *inventory, size_t index)
{
	return entry_parent(&inventory->devices[index]);
}

static int parent_compare(const void *parent, const void *name)
{
	return strcmp(mdev_parent_get_name(((const struct parent_entry *)parent)->parent), name);
}

/* Adds a parent at its place; one that is not there has nothing to add. */
static int inventory_add_parent(struct cli *cli, const struct inventory_request *request,
				const char *name, struct inventory *inventory)
{
	struct parent_entry *parents, entry = { 0 };
	size_t place;
	int r;

	if (array_find(inventory->parents, inventory->parent_count, sizeof(*inventory->parents),
		       parent_compare, name, &place) > 0)
		return 0;
	parents = reallocarray(inventory->parents, inventory->parent_count + 1, sizeof(*parents));
	if (!parents)
		return -ENOMEM;
	inventory->parents = parents;
	r = mdev_parent_lookup(cli->ctx, name, &entry.parent);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	array_make_gap(parents, inventory->parent_count++, place, sizeof(*parents));
	parents[place] = entry;
	return parent_read(cli, request->parts, &parents[place]);
}

/* Of the virtual functions of a GPU, which are parents, too, none is in a list of parents. */
static int inventory_read_functions(struct cli *cli, const struct inventory_request *request,
				    struct inventory *inventory)
{
	const char *last = "";
	int r = 0;

	for (size_t i = 0; r == 0 && !request->parent && i < inventory->device_count; i++) {
		const char *parent = inventory_get_parent(inventory, i);

		if (strcmp(parent, last) != 0)
			r = inventory_add_parent(cli, request, parent, inventory);
		last = parent;
	}
	return r;
}

int inventory_read_parts(struct cli *cli, const struct inventory_request *request,
			 struct inventory *inventory)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < inventory->device_count; i++)
		r = entry_read(request, &inventory->devices[i]);
	if (r == 0 && request->parts & (PART_PARENTS | PART_TYPES))
		r = inventory_read_types(cli, request, inventory);
	if (r == 0 && request->parts & PART_TYPES)
		r = inventory_read_functions(cli, request, inventory);
	if (r == 0 && request->parts & PART_USERS)
		r = inventory_read_users(cli, inventory);
	return r;
}

int inventory_read(struct cli *cli, const struct inventory_request *request,
		   struct inventory *inventory)
{
	int r = inventory_read_devices(cli, request, inventory);

	return r < 0 ? r : inventory_read_parts(cli, request, inventory);
}

/* Items ------------------------------------------------------------------------ */

static struct item *inventory_add(struct inventory *inventory, enum item_kind kind,
				  unsigned int depth)
{
	struct item *item;

	if (array_reserve(&inventory->items, inventory->count, sizeof(*inventory->items)) < 0)
		return NULL;
	item = &inventory->items[inventory->count++];
	*item = (struct item){ .kind = kind, .depth = depth };
	return item;
}

static void item_set_parent(struct item *item, const struct parent_entry *entry)
{
	item->parent = mdev_parent_get_name(entry->parent);
	item->parent_info = entry->info;
	item->is_pci = mdev_parent_is_pci(entry->parent);
	item->function = entry->function;
}

static void item_set_type(struct item *item, const struct mdev_type *type)
{
	item->type = type;
	item->type_id = mdev_type_get_id(type);
}

static const char *entry_type(const struct device_entry *entry)
{
	return entry->device ? mdev_device_get_type(entry->device) :
			       mdev_definition_get_type(entry->definition);
}

static int type_compare(const void *id, const void *type)
{
	return strcmp(id, mdev_type_get_id(*(struct mdev_type *const *)type));
}

/* Types are listed by id, and a device may have the name of one instead. NULL if it is not known. */
static const struct mdev_type *parent_find_type(const struct parent_entry *parent, const char *type)
{
	struct mdev_type *const *found = NULL;

	if (parent->type_count > 0)
		found = bsearch(type, parent->types, parent->type_count, sizeof(*parent->types),
				type_compare);
	for (size_t i = 0; !found && i < parent->type_count; i++) {
		const char *name = mdev_type_get_name(parent->types[i]);

		if (name && strcasecmp(name, type) == 0)
			found = &parent->types[i];
	}
	return found ? *found : NULL;
}

/* The definition's parent and type are those of the active device, or it is another one. */
static int inventory_add_device(struct inventory *inventory, struct device_entry *entry,
				const struct parent_entry *parent, unsigned int depth)
{
	struct item *item = inventory_add(inventory, ITEM_DEVICE, depth);

	if (!item)
		return -ENOMEM;
	entry->shown = true;
	if (parent)
		item_set_parent(item, parent);
	item->parent = entry_parent(entry);
	item->type_id = entry_type(entry);
	if (parent)
		item->type = parent_find_type(parent, item->type_id);
	item->device = entry->device;
	item->definition = entry->definition;
	item->uuid = entry->device ? mdev_device_get_uuid(entry->device) :
				     mdev_definition_get_uuid(entry->definition);
	item->is_defined = entry->is_defined;
	item->info = entry->info;
	item->attrs = entry->attrs;
	item->users = inventory->users ? inventory->users + entry->user : NULL;
	item->user_count = entry->user_count;
	return 0;
}

/* NULL if it is not there. */
static struct parent_entry *inventory_find_parent(const struct inventory *inventory,
						  const char *name)
{
	size_t place;

	return array_find(inventory->parents, inventory->parent_count, sizeof(*inventory->parents),
			  parent_compare, name, &place) > 0 ?
	       &inventory->parents[place] : NULL;
}

/* Those of no item yet. */
static int inventory_add_others(struct inventory *inventory)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < inventory->device_count; i++) {
		struct device_entry *entry = &inventory->devices[i];

		if (!entry->shown)
			r = inventory_add_device(inventory, entry,
						 inventory_find_parent(inventory,
								       entry_parent(entry)), 0);
	}
	return r;
}

int inventory_list_devices(struct inventory *inventory)
{
	return inventory_add_others(inventory);
}

static int inventory_add_type(struct inventory *inventory, const struct parent_entry *parent,
			      const struct mdev_type *type, unsigned int depth)
{
	struct item *item = inventory_add(inventory, ITEM_TYPE, depth);

	if (!item)
		return -ENOMEM;
	item_set_parent(item, parent);
	item_set_type(item, type);
	return 0;
}

int inventory_list_types(struct inventory *inventory)
{
	int r = 0;

	for (size_t i = 0; i < inventory->parent_count; i++) {
		const struct parent_entry *parent = &inventory->parents[i];

		for (size_t t = 0; r == 0 && parent->types && parent->types[t]; t++)
			r = inventory_add_type(inventory, parent, parent->types[t], 0);
	}
	return r;
}

/* The tree --------------------------------------------------------------------- */

/* The devices of a parent, which follow each other in the inventory, and these by their types. */
struct tree_devices {
	struct device_entry *first, **by_type;
	size_t count;
};

static void tree_devices_clear(struct tree_devices *devices)
{
	free(devices->by_type);
}

static int tree_compare(const void *a, const void *b)
{
	const struct device_entry *x = *(struct device_entry *const *)a;
	const struct device_entry *y = *(struct device_entry *const *)b;
	int order = strcmp(entry_type(x), entry_type(y));

	return order ? order : (x > y) - (x < y);
}

static int tree_compare_parent(const void *item, const void *parent)
{
	return strcmp(entry_parent(item), parent);
}

static int tree_find_devices(const struct inventory *inventory, const char *parent,
			     struct tree_devices *devices)
{
	size_t first;

	devices->count =
		array_find(inventory->devices, inventory->device_count, sizeof(*inventory->devices),
			   tree_compare_parent, parent, &first);
	if (devices->count == 0)
		return 0;
	devices->first = inventory->devices + first;
	devices->by_type = reallocarray(NULL, devices->count, sizeof(*devices->by_type));
	if (!devices->by_type)
		return -ENOMEM;
	for (size_t i = 0; i < devices->count; i++)
		devices->by_type[i] = devices->first + i;
	qsort(devices->by_type, devices->count, sizeof(*devices->by_type), tree_compare);
	return 0;
}

static int tree_compare_type(const void *item, const void *type)
{
	return strcmp(entry_type(*(struct device_entry *const *)item), type);
}

static int tree_add_type(struct inventory *inventory, const struct parent_entry *parent,
			 const struct mdev_type *type, const struct tree_devices *devices,
			 unsigned int depth, bool only_used)
{
	size_t first, count;
	int r;

	count = array_find(devices->by_type, devices->count, sizeof(*devices->by_type),
			   tree_compare_type, mdev_type_get_id(type), &first);
	if (only_used && count == 0)
		return 0;
	r = inventory_add_type(inventory, parent, type, depth);
	for (size_t i = first; r == 0 && i < first + count; i++)
		r = inventory_add_device(inventory, devices->by_type[i], parent, depth + 1);
	return r;
}

static int tree_add_parent(struct inventory *inventory, struct parent_entry *parent,
			   unsigned int depth, bool only_used)
{
	_cleanup_(tree_devices_clear) struct tree_devices devices = { 0 };
	struct item *item;
	int r;

	parent->shown = true;
	r = tree_find_devices(inventory, mdev_parent_get_name(parent->parent), &devices);
	if (r < 0 || (only_used && devices.count == 0))
		return r;
	item = inventory_add(inventory, ITEM_PARENT, depth);
	if (!item)
		return -ENOMEM;
	item_set_parent(item, parent);
	for (size_t i = 0; r == 0 && i < parent->type_count; i++)
		r = tree_add_type(inventory, parent, parent->types[i], &devices, depth + 1,
				  only_used);
	/* Those of types that could not be read. */
	for (size_t i = 0; r == 0 && i < devices.count; i++)
		if (!devices.first[i].shown)
			r = inventory_add_device(inventory, &devices.first[i], parent, depth + 1);
	return r;
}

/* A physical function may itself be a parent, which then stands below it, too. */
static void tree_find_functions(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->parent_count; i++) {
		const char *function = inventory->parents[i].function;
		struct parent_entry *itself =
			function ? inventory_find_parent(inventory, function) : NULL;

		if (itself)
			itself->function = function;
	}
}

static int tree_add_function(struct inventory *inventory, const char *function, bool only_used)
{
	size_t before = inventory->count;
	struct item *item = inventory_add(inventory, ITEM_FUNCTION, 0);
	int r = 0;

	if (!item)
		return -ENOMEM;
	item->function = function;
	for (size_t i = 0; r == 0 && i < inventory->parent_count; i++) {
		struct parent_entry *entry = &inventory->parents[i];

		if (entry->function && strcmp(entry->function, function) == 0)
			r = tree_add_parent(inventory, entry, 1, only_used);
	}
	/* Nothing of it was wanted. */
	if (inventory->count == before + 1)
		inventory->count = before;
	return r;
}

int inventory_list_tree(struct inventory *inventory, bool only_used)
{
	int r = 0;

	tree_find_functions(inventory);
	for (size_t i = 0; r == 0 && i < inventory->parent_count; i++) {
		struct parent_entry *entry = &inventory->parents[i];

		if (entry->shown)
			continue;
		r = entry->function ? tree_add_function(inventory, entry->function, only_used) :
				      tree_add_parent(inventory, entry, 0, only_used);
	}
	/* Their parents have gone meanwhile, or could not be listed. */
	return r < 0 ? r : inventory_add_others(inventory);
}
