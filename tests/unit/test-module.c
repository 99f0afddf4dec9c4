// SPDX-License-Identifier: LGPL-2.1-or-later
/* Loading the modules of a missing parent, with a libkmod of our own (fake-kmod.c). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <libkmod.h>

#include "../../lib/module.h"
#include "fixture.h"

static struct fake_kmod {
	void *handle;
	char *aliases, *alias;
	char *loose;
	int *state, *result, *inserted, *blocked;
} kmod;

/* The kernel is the running one, but its /sys is the fixture's. */
static int open_redirected(void *data, int dir, const char *path, int flags)
{
	struct fixture *f = data;
	char full[512];
	int fd;

	if (strncmp(path, "/sys/", 5) == 0)
		snprintf(full, sizeof(full), "%s%s", f->root, path);
	else
		snprintf(full, sizeof(full), "%s", path);
	fd = openat(dir, full, flags);
	return fd < 0 ? -errno : fd;
}

static struct sysfs_ops ops;

static int set_up(void **state)
{
	struct fixture *f;

	if (fixture_set_up(state) < 0)
		return -1;
	f = *state;
	ops = *f->ctx->sysfs;
	ops.open = open_redirected;
	f->ctx->sysfs = &ops;
	assert_int_equal(mdev_ctx_set_root(f->ctx, "/"), 0);
	make_dir(f, "sys/class/mdev_bus");

	kmod.handle = dlopen("libkmod.so.2", RTLD_NOW);
	assert_non_null(kmod.handle);
	kmod.aliases = dlsym(kmod.handle, "fake_kmod_aliases");
	kmod.alias = dlsym(kmod.handle, "fake_kmod_alias");
	kmod.state = dlsym(kmod.handle, "fake_kmod_state");
	kmod.result = dlsym(kmod.handle, "fake_kmod_result");
	kmod.inserted = dlsym(kmod.handle, "fake_kmod_inserted");
	kmod.blocked = dlsym(kmod.handle, "fake_kmod_blocked");
	kmod.loose = dlsym(kmod.handle, "fake_kmod_loose");
	assert_non_null(kmod.aliases);
	kmod.loose[0] = '\0';
	*kmod.blocked = 0;
	kmod.aliases[0] = kmod.alias[0] = '\0';
	*kmod.state = -ENOENT;
	*kmod.result = *kmod.inserted = 0;
	return 0;
}

static int tear_down(void **state)
{
	dlclose(kmod.handle);
	return fixture_tear_down(state);
}

static int load(struct fixture *f, const char *parent, const char *expected_note)
{
	char *note = NULL;
	int r = module_load_for_parent(f->ctx, parent, &note);

	if (expected_note)
		assert_string_equal(note, expected_note);
	else
		assert_null(note);
	free(note);
	return r;
}

static void a_parent_is_asked_for_by_its_alias(void **state)
{
	assert_int_equal(load(*state, "mtty", NULL), 0);
	assert_string_equal(kmod.aliases, "mdev-parent:mtty ");
	assert_int_equal(*kmod.inserted, 0);
}

static void a_pci_parent_is_asked_for_by_its_modalias_too(void **state)
{
	struct fixture *f = *state;

	make_file(f, "sys/bus/pci/devices/0000:00:02.0/modalias", "pci:v00008086d0000191D\n");
	assert_int_equal(load(f, "0000:00:02.0", NULL), 0);
	assert_string_equal(kmod.aliases, "mdev-parent:0000:00:02.0 pci:v00008086d0000191D ");
}

static void only_a_pci_address_is_looked_up_as_one(void **state)
{
	struct fixture *f = *state;

	make_file(f, "sys/bus/pci/devices/0000:00:02.0x/modalias", "pci:x\n");
	assert_int_equal(load(f, "0000:00:02.0x", NULL), 0);
	assert_int_equal(load(f, "0000:00:03.0", NULL), 0);
	assert_string_equal(kmod.aliases, "mdev-parent:0000:00:02.0x mdev-parent:0000:00:03.0 ");
}

static void a_module_that_is_found_is_inserted(void **state)
{
	strcpy(kmod.alias, "mdev-parent:mtty");
	assert_int_equal(load(*state, "mtty", NULL), 1);
	assert_int_equal(*kmod.inserted, 1);
}

static void a_module_that_is_loaded_already_is_left_alone(void **state)
{
	strcpy(kmod.alias, "mdev-parent:mtty");
	*kmod.state = KMOD_MODULE_LIVE;
	assert_int_equal(load(*state, "mtty", NULL), 0);
	*kmod.state = KMOD_MODULE_BUILTIN;
	assert_int_equal(load(*state, "mtty", NULL), 0);
	assert_int_equal(*kmod.inserted, 0);
}

static void a_module_that_is_refused_is_named(void **state)
{
	strcpy(kmod.alias, "mdev-parent:mtty");
	*kmod.result = -EPERM;
	assert_int_equal(load(*state, "mtty", "; loading module fake failed: "
					      "Operation not permitted (os error 1)"), 0);
	*kmod.result = KMOD_PROBE_APPLY_BLACKLIST;
	assert_int_equal(load(*state, "mtty", "; module fake is on the block list"), 0);
}

static void another_roots_modules_are_not_for_this_kernel(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mdev_ctx_set_root(f->ctx, f->root), 0);
	assert_int_equal(load(f, "mtty", NULL), 0);
	assert_string_equal(kmod.aliases, "");
}

static int start(struct fixture *f, unsigned int flags)
{
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);
	int r = mdev_start(definition, flags);

	mdev_definition_unref(definition);
	return r;
}

static void register_on_third_sleep(struct fixture *f)
{
	if (f->sleeps == 3) {
		make_parent(f, "mtty");
		make_type(f, "mtty", "mtty-1", "4");
	}
}

static void starting_loads_the_module_and_waits_for_the_parent(void **state)
{
	struct fixture *f = *state;

	strcpy(kmod.alias, "mdev-parent:mtty");
	f->on_sleep = register_on_third_sleep;
	assert_int_equal(start(f, 0), 0);
	assert_int_equal(f->sleeps, 3);
	assert_true(exists(f, MTTY "/" U1));
}

static void what_was_in_the_way_is_told_with_the_missing_parent(void **state)
{
	struct fixture *f = *state;

	strcpy(kmod.alias, "mdev-parent:mtty");
	*kmod.result = -ENOEXEC;
	assert_int_equal(start(f, 0), -ENODEV);
	assert_error(f, "Unable to find parent device 'mtty'; loading module fake failed: "
			"Exec format error (os error 8); no parent device is registered");
	assert_int_equal(f->sleeps, 0);
}

static void no_module_is_loaded_without_need_or_against_the_flag(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(start(f, MDEV_OP_NO_MODULE), -ENODEV);
	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	assert_int_equal(start(f, 0), 0);
	assert_string_equal(kmod.aliases, "");
}

/* What applications ask for --------------------------------------------------- */

static void assert_state(struct fixture *f, const char *name, enum mdev_module_state expected)
{
	enum mdev_module_state found;

	assert_int_equal(mdev_module_get_state(f->ctx, name, &found), 0);
	assert_int_equal(found, expected);
}

static void a_module_is_missing_available_blocked_or_loaded(void **state)
{
	struct fixture *f = *state;

	assert_state(f, "vfio_mdev", MDEV_MODULE_MISSING);
	strcpy(kmod.alias, "vfio_mdev");
	assert_state(f, "vfio_mdev", MDEV_MODULE_AVAILABLE);
	*kmod.blocked = 1;
	assert_state(f, "vfio_mdev", MDEV_MODULE_BLOCKED);
	*kmod.state = KMOD_MODULE_LIVE;
	assert_state(f, "vfio_mdev", MDEV_MODULE_LOADED);
	*kmod.state = KMOD_MODULE_BUILTIN;
	assert_state(f, "vfio_mdev", MDEV_MODULE_LOADED);
	assert_int_equal(*kmod.inserted, 0);
}

static void a_module_that_a_parent_lacks_is_named(void **state)
{
	enum mdev_module_state found = MDEV_MODULE_MISSING;
	struct fixture *f = *state;
	char *name = NULL;

	assert_int_equal(module_find_for_parent(f->ctx, "mtty", &name, &found), 0);
	strcpy(kmod.alias, "mdev-parent:mtty");
	*kmod.state = KMOD_MODULE_LIVE;
	assert_int_equal(module_find_for_parent(f->ctx, "mtty", &name, &found), 0);
	assert_null(name);
	*kmod.state = -ENOENT;
	assert_int_equal(module_find_for_parent(f->ctx, "mtty", &name, &found), 1);
	assert_string_equal(name, "fake");
	assert_int_equal(found, MDEV_MODULE_AVAILABLE);
	free(name);
	*kmod.blocked = 1;
	assert_int_equal(module_find_for_parent(f->ctx, "mtty", &name, &found), 1);
	assert_int_equal(found, MDEV_MODULE_BLOCKED);
	free(name);
	assert_int_equal(*kmod.inserted, 0);
	assert_int_equal(mdev_ctx_set_root(f->ctx, f->root), 0);
	assert_int_equal(module_find_for_parent(f->ctx, "mtty", &name, &found), 0);
}

static void a_machine_without_parents_knows_drivers_to_load(void **state)
{
	struct fixture *f = *state;
	char *text;

	strcpy(kmod.alias, "vfio_ccw");
	assert_int_equal(mdev_ctx_explain_parents(f->ctx, &text), 0);
	assert_non_null(strstr(text, "\nThis kernel has no module mdev: it is built without "
			       "CONFIG_VFIO_MDEV, or the module is not installed\n"));
	assert_non_null(strstr(text, "\nThis kernel has no module vfio: it is built without CONFIG_VFIO, "
			       "or the module is not installed\n"));
	assert_non_null(strstr(text, "\nDrivers that could be loaded with modprobe(8): vfio_ccw (for "
			       "s390 channel devices)"));
	free(text);
	assert_int_equal(*kmod.inserted, 0);
}

static void a_module_that_the_machine_has_is_not_told(void **state)
{
	struct fixture *f = *state;
	char *text;

	strcpy(kmod.alias, "vfio");
	assert_int_equal(mdev_ctx_explain_parents(f->ctx, &text), 0);
	assert_non_null(strstr(text, "no module mdev"));
	assert_null(strstr(text, "no module vfio"));
	free(text);
}

static void a_module_loaded_by_its_path_is_known(void **state)
{
	struct fixture *f = *state;

	strcpy(kmod.loose, "mdev");
	assert_state(f, "mdev", MDEV_MODULE_LOADED);
	assert_int_equal(mdev_module_load(f->ctx, "mdev"), 0);
	assert_int_equal(*kmod.inserted, 0);
}

static void a_module_is_loaded_on_request_once(void **state)
{
	struct fixture *f = *state;

	strcpy(kmod.alias, "mdev-parent:mtty");
	assert_int_equal(mdev_module_load(f->ctx, "mdev-parent:mtty"), 0);
	assert_int_equal(*kmod.inserted, 1);
	*kmod.state = KMOD_MODULE_LIVE;
	assert_int_equal(mdev_module_load(f->ctx, "mdev-parent:mtty"), 0);
	assert_int_equal(*kmod.inserted, 1);
}

static void a_module_that_cannot_be_loaded_says_why(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mdev_module_load(f->ctx, "mdev"), -ENOENT);
	assert_error(f, "There is no module mdev for this kernel");
	strcpy(kmod.alias, "mdev");
	*kmod.result = -ENOEXEC;
	assert_int_equal(mdev_module_load(f->ctx, "mdev"), -ENOEXEC);
	assert_error(f, "Failed to load module mdev; loading module fake failed: "
			"Exec format error (os error 8)");
	*kmod.result = KMOD_PROBE_APPLY_BLACKLIST;
	assert_int_equal(mdev_module_load(f->ctx, "mdev"), -EPERM);
	assert_error(f, "Failed to load module mdev; module fake is on the block list");
}

static void modules_of_another_root_are_not_asked_for(void **state)
{
	enum mdev_module_state found;
	struct fixture *f = *state;

	assert_int_equal(mdev_ctx_set_root(f->ctx, f->root), 0);
	assert_int_equal(mdev_module_get_state(f->ctx, "mdev", &found), -EOPNOTSUPP);
	assert_int_equal(mdev_module_load(f->ctx, "mdev"), -EOPNOTSUPP);
	assert_int_equal(mdev_module_load(f->ctx, ""), -EINVAL);
	assert_string_equal(kmod.aliases, "");
}

#define module_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		module_test(a_parent_is_asked_for_by_its_alias),
		module_test(a_pci_parent_is_asked_for_by_its_modalias_too),
		module_test(only_a_pci_address_is_looked_up_as_one),
		module_test(a_module_that_is_found_is_inserted),
		module_test(a_module_that_is_loaded_already_is_left_alone),
		module_test(a_module_that_is_refused_is_named),
		module_test(another_roots_modules_are_not_for_this_kernel),
		module_test(starting_loads_the_module_and_waits_for_the_parent),
		module_test(what_was_in_the_way_is_told_with_the_missing_parent),
		module_test(no_module_is_loaded_without_need_or_against_the_flag),
		module_test(a_module_is_missing_available_blocked_or_loaded),
		module_test(a_module_that_a_parent_lacks_is_named),
		module_test(a_machine_without_parents_knows_drivers_to_load),
		module_test(a_module_that_the_machine_has_is_not_told),
		module_test(a_module_loaded_by_its_path_is_known),
		module_test(a_module_is_loaded_on_request_once),
		module_test(a_module_that_cannot_be_loaded_says_why),
		module_test(modules_of_another_root_are_not_asked_for),
	};

	return cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
