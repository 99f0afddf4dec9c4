// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A second kernel interface beside the mdev core's, as a vendor's framework may be: its parents
 * are directories of a bus, a list in one file has the types, and a device has no UUID in sysfs
 * but a file that says which. It is this file and a row in a table; nothing is known of it
 * elsewhere.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "../../lib/backend.h"
#include "../../lib/device.h"
#include "../../lib/parent.h"

#define TOYS "bus/toy/devices"

static int toy_check(struct mdev_ctx *ctx)
{
	_cleanup_close_ int dir = -1;
	int r = sysfs_open(ctx, &dir, TOYS);

	return r == -ENOENT ? -ENODEV : r;
}

static int toy_list_parents(struct mdev_ctx *ctx, struct strings *names)
{
	_cleanup_close_ int dir = -1;
	int r = sysfs_open(ctx, &dir, TOYS);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return walk_directory(dir, walk_add_name, names);
}

static const struct backend toy;

static int toy_open_parent(struct mdev_ctx *ctx, const char *name, struct handle *parent)
{
	int r, dir;

	r = sysfs_open(ctx, &dir, TOYS "/%s", name);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	*parent = (struct handle){ .ctx = ctx, .backend = &toy, .dir = dir };
	return 0;
}

static int toy_read_registration(const struct handle *parent, uint64_t *registration)
{
	return sysfs_get_inode(parent->dir, ".", registration);
}

static int toy_resolve_parent(struct mdev_ctx *ctx, const char *name, char **path)
{
	return asprintf(path, "%s/sys/" TOYS "/%s", ctx->prefix, name) < 0 ? -ENOMEM : 0;
}

static int toy_list_aliases(const char *parent, struct strings *aliases)
{
	(void)parent;
	return strings_add(aliases, "toy");
}

static void toy_explain_absent(struct mdev_ctx *ctx, const char *parent, struct buffer *out)
{
	(void)ctx;
	buffer_add_format(out, "; no toy is called %s", parent);
}

/* "<id> <name>" a line. Return: the name of the type, -ENOENT, other -errno. */
static int toy_find_type(const struct handle *parent, const char *id, struct strings *ids,
			 char **name)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line, *space;
	int r;

	r = sysfs_read(parent->ctx, parent->dir, "creatable", &text);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		space = strchr(line, ' ');
		if (!space)
			continue;
		*space = '\0';
		if (ids && strings_add(ids, line) < 0)
			return -ENOMEM;
		if (id && strcmp(line, id) == 0)
			return (*name = strdup(space + 1)) ? 0 : -ENOMEM;
	}
	return id ? -ENOENT : 0;
}

static int toy_list_types(const struct handle *parent, struct strings *ids)
{
	return toy_find_type(parent, NULL, ids, NULL);
}

static int toy_read_type(const struct handle *parent, const char *id, struct type_text *text)
{
	int r = toy_find_type(parent, id, NULL, &text->name);

	if (r < 0)
		return r;
	text->device_api = strdup("vfio-pci");
	text->available_instances = strdup("1");
	return text->device_api && text->available_instances ? 0 : -ENOMEM;
}

static int toy_read_place(struct mdev_ctx *ctx, const char *parent, char **uuid,
			  struct device_place *place, struct handle *device)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	int r;

	r = toy_open_parent(ctx, parent, &handle);
	if (r == 0)
		r = sysfs_read(ctx, handle.dir, "uuid", uuid);
	if (r == 0)
		r = sysfs_read(ctx, handle.dir, "type", &place->type);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	place->parent = strdup(parent);
	if (!place->parent)
		return -ENOMEM;
	r = toy_resolve_parent(ctx, parent, &place->path);
	if (r == 0 && device) {
		*device = handle;
		handle.dir = -1;
	}
	return r;
}

static int toy_list_devices(struct mdev_ctx *ctx, const char *parent, struct device_sink *sink)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r = toy_list_parents(ctx, &names);

	for (size_t i = 0; r == 0 && i < names.count; i++) {
		_cleanup_(device_place_clear) struct device_place place = { 0 };
		_cleanup_free_ char *uuid = NULL;

		if (toy_read_place(ctx, names.items[i], &uuid, &place, NULL) == 0 &&
		    (!parent || strcmp(parent, place.parent) == 0))
			r = sink->add(sink, UUID(uuid), place.parent, place.type);
	}
	return r;
}

static const struct backend toy;

static int toy_find_device(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			   struct device_place *place, struct handle *device)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r = toy_list_parents(ctx, &names);

	for (size_t i = 0; r == 0 && i < names.count; i++) {
		_cleanup_free_ char *found = NULL;

		if (toy_read_place(ctx, names.items[i], &found, place, device) == 0 &&
		    strcmp(found, uuid->text) == 0) {
			place->backend = &toy;
			return 0;
		}
		if (device)
			handle_close(device);
		device_place_clear(place);
	}
	return r < 0 ? r : -ENODEV;
}

static bool toy_is_alive(const struct handle *device)
{
	return sysfs_exists(device->dir, "uuid");
}

static int toy_create(const struct handle *parent, const struct device_request *request,
		      struct handle *device)
{
	(void)parent, (void)request, (void)device;
	return -EOPNOTSUPP;
}

static int toy_remove(const struct handle *device, const struct mdev_uuid *uuid)
{
	(void)device, (void)uuid;
	return -EOPNOTSUPP;
}

static bool toy_is_reserved(const char *attr)
{
	return strcmp(attr, "type") == 0;
}

static bool toy_read_event(const struct uevent *uevent, struct backend_event *event)
{
	if (!uevent->subsystem || strcmp(uevent->subsystem, "toy") != 0)
		return false;
	event->kind = strcmp(uevent->action, "add") == 0 ? MDEV_EVENT_PARENT_ADDED :
							   MDEV_EVENT_PARENT_REMOVED;
	event->uuid.text[0] = '\0';
	snprintf(event->parent, sizeof(event->parent), "%s", path_base(uevent->path));
	return true;
}

static const struct backend toy = {
	.parents = TOYS,
	.devices = TOYS,
	.absence = "There is no bus of toys",
	.check = toy_check,
	.list_parents = toy_list_parents,
	.open_parent = toy_open_parent,
	.read_registration = toy_read_registration,
	.resolve_parent = toy_resolve_parent,
	.list_aliases = toy_list_aliases,
	.explain_absent = toy_explain_absent,
	.list_types = toy_list_types,
	.read_type = toy_read_type,
	.read_available = toy_read_type,
	.list_devices = toy_list_devices,
	.find_device = toy_find_device,
	.is_alive = toy_is_alive,
	.create = toy_create,
	.remove = toy_remove,
	.is_reserved = toy_is_reserved,
	.read_event = toy_read_event,
};

static const struct backend *const both[] = { &backend_mdev, &toy, NULL };

/* A parent and device of mdev, and two toys of which one is in use. */
static void make_machine(struct fixture *f)
{
	f->ctx->backends = both;
	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "3");
	make_device(f, "mtty", "mtty-1", U1);
	make_file(f, "sys/" TOYS "/bear/creatable", "12 Brown Bear\n1201 Bear X-2\n");
	make_file(f, "sys/" TOYS "/bear/uuid", U2 "\n");
	make_file(f, "sys/" TOYS "/bear/type", "12\n");
	make_file(f, "sys/" TOYS "/duck/creatable", "\n");
}

static void parents_of_both_are_in_one_list(void **state)
{
	struct mdev_parent **parents;
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(mdev_parent_list(f->ctx, &parents), 0);
	assert_string_equal(mdev_parent_get_name(parents[0]), "bear");
	assert_string_equal(mdev_parent_get_name(parents[1]), "duck");
	assert_string_equal(mdev_parent_get_name(parents[2]), "mtty");
	assert_null(parents[3]);
	mdev_parent_list_free(parents);
}

static void one_of_the_two_is_enough(void **state)
{
	struct fixture *f = *state;

	f->ctx->backends = both;
	assert_int_equal(mdev_ctx_check_core(f->ctx), -ENODEV);
	assert_error(f, "The mdev core is not loaded: sysfs has no class/mdev_bus");
	make_file(f, "sys/" TOYS "/bear/creatable", "");
	assert_int_equal(mdev_ctx_check_core(f->ctx), 0);
	assert_int_equal(mdev_ctx_check_parents(f->ctx), 0);
	f->ctx->backends = backends;
	assert_int_equal(mdev_ctx_check_parents(f->ctx), -ENODEV);
}

static void types_are_read_in_its_own_way(void **state)
{
	struct mdev_parent *parent;
	struct fixture *f = *state;
	struct mdev_parent_info *info;
	struct mdev_type **types, *type;

	make_machine(f);
	assert_int_equal(mdev_parent_lookup(f->ctx, "bear", &parent), 0);
	assert_int_equal(mdev_type_list(parent, &types), 0);
	assert_string_equal(mdev_type_get_id(types[0]), "12");
	assert_string_equal(mdev_type_get_name(types[0]), "Brown Bear");
	assert_int_equal(mdev_type_get_available_instances(types[0]), 1);
	assert_string_equal(mdev_type_get_id(types[1]), "1201");
	assert_null(types[2]);
	mdev_type_list_free(types);
	assert_int_equal(mdev_type_lookup(parent, "120", &type), -ENOENT);
	assert_int_equal(mdev_type_lookup(parent, "Bear X-2", &type), -ENOENT);
	assert_error(f, "Parent bear does not support mdev type Bear X-2. "
			"Did you mean '1201' (Bear X-2)?");
	assert_int_equal(mdev_parent_get_info(parent, &info), 0);
	assert_non_null(strstr(mdev_parent_info_get_path(info), "/sys/" TOYS "/bear"));
	mdev_parent_info_unref(info);
	mdev_parent_unref(parent);
}

static void devices_of_both_are_in_one_list(void **state)
{
	struct mdev_device **devices;
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), 0);
	assert_string_equal(mdev_device_get_uuid(devices[0])->text, U2);
	assert_string_equal(mdev_device_get_type(devices[0]), "12");
	assert_string_equal(mdev_device_get_uuid(devices[1])->text, U1);
	assert_null(devices[2]);
	mdev_device_list_free(devices);
	assert_int_equal(mdev_device_list(f->ctx, NULL, "mtty", &devices), 0);
	assert_string_equal(mdev_device_get_uuid(devices[0])->text, U1);
	assert_null(devices[1]);
	mdev_device_list_free(devices);
}

/* The mdev core's list begins again by the links; what the other found before that stays. */
static void a_list_that_begins_again_drops_only_its_own(void **state)
{
	static const struct backend *const toy_first[] = { &toy, &backend_mdev, NULL };
	struct mdev_device **devices;
	struct fixture *f = *state;

	make_machine(f);
	f->ctx->backends = toy_first;
	make_type(f, "mtty", "mtty-2", "3");
	remove_tree(f, MTTY "/mdev_supported_types/mtty-2/devices");
	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), 0);
	assert_string_equal(mdev_device_get_uuid(devices[0])->text, U2);
	assert_string_equal(mdev_device_get_uuid(devices[1])->text, U1);
	assert_null(devices[2]);
	mdev_device_list_free(devices);
}

static void a_device_is_held_by_its_own_interface(void **state)
{
	struct handle handle = HANDLE_NONE;
	struct mdev_device *device;
	struct fixture *f = *state;
	char *value;

	make_machine(f);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U2), &device), 0);
	assert_string_equal(mdev_device_get_parent(device), "bear");
	assert_int_equal(device_reopen(device, &handle), 0);
	assert_ptr_equal(handle.backend, &toy);
	assert_true(handle.backend->is_alive(&handle));
	handle_close(&handle);
	assert_int_equal(mdev_device_read_attr(device, "uuid", &value), 0);
	assert_string_equal(value, U2);
	free(value);
	assert_int_equal(mdev_device_read_attr(device, "type", &value), -EINVAL);
	assert_int_equal(mdev_stop(device, MDEV_OP_NO_CALLOUTS), -EOPNOTSUPP);
	/* Another type than that of the snapshot. */
	make_file(f, "sys/" TOYS "/bear/type", "1201\n");
	assert_int_equal(device_reopen(device, &handle), -ENODEV);
	mdev_device_unref(device);
}

static void a_missing_parent_is_explained_by_both(void **state)
{
	struct fixture *f = *state;
	struct mdev_parent *parent;

	make_machine(f);
	assert_int_equal(mdev_parent_lookup(f->ctx, "goose", &parent), -ENODEV);
	assert_error(f, "Unable to find parent device 'goose'; no toy is called goose");
	assert_int_equal(mdev_parent_lookup(f->ctx, "BEAR", &parent), -ENODEV);
	assert_error(f, "Unable to find parent device 'BEAR'. Did you mean 'bear'?");
}

static void what_it_cannot_do_is_reported(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;

	make_machine(f);
	definition = new_definition(f, UA, "bear", "12", NULL);
	assert_int_equal(mdev_start(definition, MDEV_OP_NO_CALLOUTS), -EOPNOTSUPP);
	assert_error_has(f, "Failed to create mdev " UA ", type 12 on bear: Operation not supported");
	mdev_definition_unref(definition);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(parents_of_both_are_in_one_list),
		fixture_test(one_of_the_two_is_enough),
		fixture_test(types_are_read_in_its_own_way),
		fixture_test(devices_of_both_are_in_one_list),
		fixture_test(a_list_that_begins_again_drops_only_its_own),
		fixture_test(a_device_is_held_by_its_own_interface),
		fixture_test(a_missing_parent_is_explained_by_both),
		fixture_test(what_it_cannot_do_is_reported),
	};

	return cmocka_run_group_tests_name("backend", tests, NULL, NULL);
}
