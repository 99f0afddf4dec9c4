// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Every public function with each of its allocations failing in turn: it says -ENOMEM
 * or succeeds, leaves its result alone on failure, and, as a sanitizer sees, keeps no memory.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fail.h"
#include "fixture.h"

#define JSON "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"attrs\":[{\"a\":\"1\"},{\"b\":\"2\"}]," \
	     "\"x\":[1,2.5,true,null,{\"y\":\"z\",\"y\":1},[]]}"

#define MANY 1000

/* Does one thing with the fixture, the same each time; 0 or -errno. */
typedef int step_fn(struct fixture *f);

static void fail_each_allocation(struct fixture *f, step_fn *step, int expected)
{
	unsigned int nth;
	int r;

	for (nth = 1; nth < MANY; nth++) {
		fail_nth(nth, ENOMEM);
		f->warnings[0] = '\0';
		r = step(f);
		fail_none();
		if (!fail_which())
			break;
		if (r != -ENOMEM && r != expected)
			fail_msg("allocation %u: %d: %s", nth, r, mdev_ctx_last_error(f->ctx));
		if (r == -ENOMEM)
			assert_error_has(f, "Cannot allocate memory");
	}
	assert_int_equal(r, expected);
	assert_true(nth > 1 && nth < MANY);
}

static void make_machine(struct fixture *f)
{
	static const char *const attrs[] = { "a", "b", NULL };

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_type(f, "mtty", "mtty-2", "2");
	make_file(f, MTTY "/mdev_supported_types/mtty-1/name", "Serial\n");
	make_file(f, MTTY "/mdev_supported_types/mtty-1/description", "ports: 1\n");
	make_device(f, "mtty", "mtty-1", U1);
	make_device(f, "mtty", "mtty-1", U2);
	f->attrs = attrs;
}

/* Nothing is left in a result that has failed, and what succeeded is freed. */
#define finish(r, result, free_result)            \
	do {                                      \
		if ((r) < 0)                      \
			assert_null(result);      \
		else                              \
			free_result(result);      \
	} while (0)

static int set_root(struct fixture *f)
{
	return mdev_ctx_set_root(f->ctx, f->root);
}

static int list_parents(struct fixture *f)
{
	struct mdev_parent **parents = NULL;
	int r = mdev_parent_list(f->ctx, &parents);

	finish(r, parents, mdev_parent_list_free);
	return r;
}

static int look_up_parent(struct fixture *f)
{
	struct mdev_parent *parent = NULL;
	int r = mdev_parent_lookup(f->ctx, "mtty", &parent);

	finish(r, parent, mdev_parent_unref);
	return r;
}

static int look_up_unknown_parent(struct fixture *f)
{
	struct mdev_parent *parent = NULL;
	int r = mdev_parent_lookup(f->ctx, "MTTY", &parent);

	finish(r, parent, mdev_parent_unref);
	return r;
}

static int look_up_unregistered_parent(struct fixture *f)
{
	struct mdev_parent *parent = NULL;
	int r = mdev_parent_lookup(f->ctx, "0000:00:02.0", &parent);

	finish(r, parent, mdev_parent_unref);
	return r;
}

static int check_parents(struct fixture *f)
{
	return mdev_ctx_check_parents(f->ctx);
}

/* The parent itself is made while nothing fails: the counter starts behind it. */
static struct mdev_parent *the_parent;

static int list_types(struct fixture *f)
{
	struct mdev_type **types = NULL;
	int r = mdev_type_list(the_parent, &types);

	(void)f;
	finish(r, types, mdev_type_list_free);
	return r;
}

static int look_up_type(struct fixture *f)
{
	struct mdev_type *type = NULL;
	int r = mdev_type_lookup(the_parent, "mtty-1", &type);

	(void)f;
	finish(r, type, mdev_type_unref);
	return r;
}

static int look_up_unsupported_type(struct fixture *f)
{
	struct mdev_type *type = NULL;
	int r = mdev_type_lookup(the_parent, "serial", &type);

	(void)f;
	finish(r, type, mdev_type_unref);
	return r;
}

static int list_devices(struct fixture *f)
{
	struct mdev_device **devices = NULL;
	int r = mdev_device_list(f->ctx, NULL, NULL, &devices);

	if (r == 0)
		assert_true(devices[0] && devices[1] && !devices[2]);
	finish(r, devices, mdev_device_list_free);
	return r;
}

static int look_up_device(struct fixture *f)
{
	struct mdev_device *device = NULL;
	int r = mdev_device_lookup(f->ctx, UUID(U1), &device);

	finish(r, device, mdev_device_unref);
	return r;
}

static int list_one_device(struct fixture *f)
{
	struct mdev_device **devices = NULL;
	int r = mdev_device_list(f->ctx, UUID(U1), "mtty", &devices);

	finish(r, devices, mdev_device_list_free);
	return r;
}

static int make_a_definition(struct fixture *f)
{
	struct mdev_definition *definition = NULL;
	int r = mdev_definition_new(f->ctx, NULL, &definition);

	finish(r, definition, mdev_definition_unref);
	return r;
}

static struct mdev_definition *the_definition;

static int set_json(struct fixture *f)
{
	int r = mdev_definition_set_json(the_definition, JSON, strlen(JSON));

	(void)f;
	assert_int_equal(mdev_definition_count_attrs(the_definition), 2);
	return r;
}

static int get_json(struct fixture *f)
{
	char *text = NULL;
	int r = mdev_definition_get_json(the_definition, &text);

	(void)f;
	finish(r, text, free);
	return r;
}

static int set_names(struct fixture *f)
{
	int r = mdev_definition_set_parent(the_definition, "mtty");

	(void)f;
	if (r == 0)
		r = mdev_definition_set_type(the_definition, "mtty-1");
	assert_string_equal(mdev_definition_get_parent(the_definition), "mtty");
	return r;
}

static int insert_attr(struct fixture *f)
{
	int r = mdev_definition_insert_attr(the_definition, 0, "name", "value");

	(void)f;
	if (r == 0)
		assert_int_equal(mdev_definition_remove_attr(the_definition, 0), 0);
	assert_int_equal(mdev_definition_count_attrs(the_definition), 2);
	return r;
}

static int list_definitions(struct fixture *f)
{
	struct mdev_definition **definitions = NULL;
	int r = mdev_definition_list(f->ctx, NULL, NULL, &definitions);

	if (r == 0)
		assert_true(definitions[0] && definitions[1] && !definitions[2]);
	finish(r, definitions, mdev_definition_list_free);
	return r;
}

static int look_up_definition(struct fixture *f)
{
	struct mdev_definition *definition = NULL;
	int r = mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition);

	finish(r, definition, mdev_definition_unref);
	return r;
}

static int define(struct fixture *f)
{
	int r = mdev_define(the_definition, 0);

	fail_none();
	assert_true(exists(f, DEFS "/mtty/" UA) == (r == 0));
	assert_true(exists(f, DEFS "/mtty") == (r == 0));
	if (r == 0)
		assert_int_equal(mdev_undefine(the_definition, 0), 0);
	return r;
}

static int undefine(struct fixture *f)
{
	int r = mdev_undefine(the_definition, 0);

	fail_none();
	if (r == 0)
		make_definition(f, "mtty", UA);
	assert_true(exists(f, DEFS "/mtty/" UA));
	return r;
}

static int start(struct fixture *f)
{
	int r = mdev_start(the_definition, 0);

	fail_none();
	f->written[0] = '\0';
	assert_true(exists(f, MTTY "/" UA) == (r == 0));
	remove_device(f, "mtty", UA);
	return r;
}

static int start_instances(struct fixture *f)
{
	struct mdev_definition **started = NULL;
	int r = mdev_start_instances(the_definition, 1, MDEV_OP_ANY, NULL, NULL, &started);

	fail_none();
	f->written[0] = '\0';
	assert_true(exists(f, MTTY "/" UA) == (r == 0));
	remove_device(f, "mtty", UA);
	finish(r, started, mdev_definition_list_free);
	return r;
}

static int define_instances(struct fixture *f)
{
	struct mdev_definition **defined = NULL;
	int r = mdev_define_instances(the_definition, 1, MDEV_OP_ANY | MDEV_OP_STRICT, NULL, NULL,
				      &defined);

	fail_none();
	assert_true(exists(f, DEFS "/mtty/" UA) == (r == 0));
	if (r == 0)
		assert_int_equal(mdev_undefine(the_definition, 0), 0);
	finish(r, defined, mdev_definition_list_free);
	return r;
}

static int move(struct fixture *f)
{
	struct mdev_definition *moved = NULL;
	int r = mdev_move(the_definition, "other", 0, &moved);

	fail_none();
	assert_true(exists(f, DEFS "/mtty/" UA) == (r < 0));
	assert_true(exists(f, DEFS "/other/" UA) == (r == 0));
	if (r == 0) {
		assert_int_equal(mdev_undefine(moved, 0), 0);
		make_definition(f, "mtty", UA);
	}
	finish(r, moved, mdev_definition_unref);
	return r;
}

static int get_text(struct fixture *f)
{
	struct mdev_definition *definition;
	char *text = NULL;
	int r;

	fail_none();
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(UA), NULL, &definition), 0);
	fail_nth(1, ENOMEM);
	r = mdev_definition_get_text(definition, &text);
	mdev_definition_unref(definition);
	finish(r, text, free);
	return r;
}

static struct mdev_device *the_device;

static int stop_device(struct fixture *f)
{
	int r = mdev_stop(the_device, 0);

	fail_none();
	f->written[0] = '\0';
	assert_true(exists(f, MTTY "/" U1) == (r < 0));
	if (r == 0)
		make_device(f, "mtty", "mtty-1", U1);
	return r;
}

static int modify(struct fixture *f)
{
	int r = mdev_modify(the_definition, 0);

	fail_none();
	assert_false(exists(f, DEFS "/.new"));
	return r;
}

static int set_and_unset_attr(struct fixture *f)
{
	int r = mdev_definition_set_attr(the_definition, "new", "value");

	(void)f;
	if (r == 0)
		assert_int_equal(mdev_definition_unset_attr(the_definition, "new"), 0);
	return r;
}

static int modify_live(struct fixture *f)
{
	int r = mdev_modify_live(the_device, the_definition, 0);

	fail_none();
	f->written[0] = '\0';
	make_file(f, MTTY "/" U1 "/a", "0\n");
	make_file(f, MTTY "/" U1 "/b", "0\n");
	return r;
}

static int describe(struct fixture *f)
{
	struct mdev_definition *definition = NULL;
	int r;

	r = mdev_ctx_set_root(f->ctx, f->root);
	/* What the context remembers of scripts is asked anew. */
	if (r == 0)
		r = mdev_device_get_definition(the_device, 0, &definition);
	finish(r, definition, mdev_definition_unref);
	return r;
}

/* As many as it takes to read once for all what they share. */
static int describe_without_scripts(struct fixture *f)
{
	struct mdev_definition **definitions = NULL;
	struct mdev_device *devices[18];
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		devices[i] = i + 1 < ARRAY_SIZE(devices) ? the_device : NULL;
	r = mdev_ctx_set_root(f->ctx, f->root);
	if (r == 0)
		r = mdev_definition_list_active(f->ctx, devices, MDEV_OP_NO_CALLOUTS,
						&definitions);
	finish(r, definitions, mdev_definition_list_free);
	return r;
}

static int list_statuses(struct fixture *f)
{
	struct mdev_status **statuses = NULL;
	int r = mdev_status_list(f->ctx, NULL, NULL, 0, &statuses);

	finish(r, statuses, mdev_status_list_free);
	return r;
}

static struct mdev_document *the_document;

#define DOCUMENT                                                                              \
	"{\"owner\":\"me\",\"devices\":[{\"uuid\":\"" U1 "\",\"parent\":\"mtty\",\"type\":\"mtty-2\"," \
	"\"start\":\"auto\",\"attrs\":[{\"a\":\"1\"},{\"b\":\"2\"}]},"                            \
	"{\"uuid\":\"" UA "\",\"parent\":\"mtty\",\"type\":\"mtty-1\",\"start\":\"auto\"}]}"

static int read_document(struct fixture *f)
{
	struct mdev_document *document = NULL;
	char *text = NULL;
	int r;

	r = mdev_document_new(f->ctx, &document);
	if (r == 0)
		r = mdev_document_set_owner(document, "me");
	if (r == 0)
		r = mdev_document_add_json(document, "f", DOCUMENT, strlen(DOCUMENT));
	if (r == 0)
		r = mdev_document_get_json(document, &text);
	free(text);
	mdev_document_unref(document);
	return r;
}

static int export_document(struct fixture *f)
{
	struct mdev_document *document = NULL;
	int r = mdev_document_export(f->ctx, 0, &document);

	finish(r, document, mdev_document_unref);
	return r;
}

static int plan_document(struct fixture *f)
{
	struct mdev_change **changes = NULL;
	int r;

	(void)f;
	r = mdev_document_plan(the_document, 0, &changes);
	finish(r, changes, mdev_change_list_free);
	return r;
}

/* From the same machine each time, however far the attempt before has come. */
static int apply_document(struct fixture *f)
{
	fail_suspend();
	remove_tree(f, DEFS);
	remove_device(f, "mtty", U1);
	remove_device(f, "mtty", UA);
	make_device(f, "mtty", "mtty-1", U1);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"owner\":\"me\","
		  "\"attrs\":[{\"a\":\"1\"}]}");
	make_file(f, DEFS "/mtty/" U2, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"owner\":\"me\"}");
	fail_resume();
	return mdev_document_apply(the_document, 0, NULL, NULL);
}

static int explain_parents(struct fixture *f)
{
	char *text = NULL;
	int r = mdev_ctx_explain_parents(f->ctx, &text);

	finish(r, text, free);
	return r;
}

static int autostart(struct fixture *f)
{
	int r = mdev_autostart(f->ctx, "mtty", 0, NULL, NULL);

	fail_none();
	f->written[0] = '\0';
	remove_device(f, "mtty", UA);
	return r;
}

static int get_parent_info(struct fixture *f)
{
	struct mdev_parent_info *info = NULL;
	int r = mdev_parent_get_info(the_parent, &info);

	(void)f;
	finish(r, info, mdev_parent_info_unref);
	return r;
}

static int get_device_info(struct fixture *f)
{
	struct mdev_device_info *info = NULL;
	int r = mdev_device_get_info(the_device, &info);

	(void)f;
	if (r == 0)
		assert_non_null(mdev_device_info_get_vfio_node(info));
	finish(r, info, mdev_device_info_unref);
	return r;
}

static int list_users(struct fixture *f)
{
	struct mdev_user **users = NULL;
	int r = mdev_device_list_users(the_device, &users);

	(void)f;
	if (r == 0)
		assert_true(users[0] && users[1] && !users[2]);
	finish(r, users, mdev_user_list_free);
	return r;
}

static int list_users_of_all(struct fixture *f)
{
	struct mdev_user **users = NULL;
	int r = mdev_user_list(f->ctx, (struct mdev_device *[]){ the_device, NULL }, &users);

	if (r == 0)
		assert_true(users[0] && users[1] && !users[2]);
	finish(r, users, mdev_user_list_free);
	return r;
}

static int read_attr(struct fixture *f)
{
	char *value = NULL;
	int r = mdev_device_read_attr(the_device, "a", &value);

	(void)f;
	finish(r, value, free);
	return r;
}

static int write_attr(struct fixture *f)
{
	(void)f;
	return mdev_device_write_attr(the_device, "a", "1");
}

static int copy_definition(struct fixture *f)
{
	struct mdev_definition *copy = NULL;
	int r = mdev_definition_copy(the_definition, &copy);

	(void)f;
	if (r == 0)
		assert_true(mdev_definition_equal(the_definition, copy));
	finish(r, copy, mdev_definition_unref);
	return r;
}

static int parse_list(struct fixture *f)
{
	static const char text[] = "[{\"mtty\":[{\"" U1 "\":" JSON "},{\"" U2 "\":" JSON "}]}]";
	struct mdev_definition **list = NULL;
	int r = mdev_definition_list_parse(f->ctx, text, strlen(text), &list);

	if (r == 0)
		assert_true(list[0] && list[1] && !list[2]);
	finish(r, list, mdev_definition_list_free);
	return r;
}

static int refuse_list(struct fixture *f)
{
	static const char text[] = "[{\"mtty\":[{\"" U1 "\":{}}]}]";
	struct mdev_definition **list = NULL;
	int r = mdev_definition_list_parse(f->ctx, text, strlen(text), &list);

	assert_null(list);
	return r;
}

static int format_list(struct fixture *f)
{
	struct mdev_definition *list[] = { the_definition, the_definition, NULL };
	char *text = NULL;
	int r = mdev_definition_list_format(f->ctx, list, &text);

	finish(r, text, free);
	return r;
}

static int make_monitor(struct fixture *f)
{
	struct mdev_monitor *monitor = NULL;
	int r = mdev_monitor_new(f->ctx, &monitor);

	finish(r, monitor, mdev_monitor_unref);
	return r;
}

static struct mdev_monitor *the_monitor;

/* What could not be told for lack of memory is told as lost. */
static int take_events(struct fixture *f)
{
	struct mdev_event *event = NULL;
	bool told = false;
	int r, failed = 0;

	for (int i = 0; i < 10; i++) {
		r = mdev_monitor_next(the_monitor, &event);
		told = told || r == 0;
		if (r == 0)
			mdev_event_unref(TAKE_PTR(event));
		else if (r != -EAGAIN)
			failed = r;
		assert_null(event);
	}
	fail_none();
	assert_true(told);
	remove_tree(f, DEFS "/mtty");
	while (mdev_monitor_next(the_monitor, &event) == 0)
		mdev_event_unref(TAKE_PTR(event));
	make_file(f, DEFS "/mtty/" UA, JSON);
	return failed;
}

static void make_script(struct fixture *f)
{
	static const char path[] = "usr/lib/mdevctl/scripts.d/callouts/a";
	char full[256];

	make_file(f, path, "#!/bin/sh\n"
		  "[ $6 = capabilities ] && echo '{\"supports\":{\"version\":2,\"actions\":"
		  "[\"start\",\"attributes\"],\"events\":[\"pre\",\"post\",\"get\"]}}'\n"
		  "[ $6 = attributes ] && echo '[{\"a\":\"1\"}]'\nexit 0\n");
	snprintf(full, sizeof(full), "%s/%s", f->root, path);
	assert_int_equal(chmod(full, 0755), 0);
}

static void a_context_survives_every_failed_allocation(void **state)
{
	struct mdev_ctx *ctx = NULL;
	unsigned int nth;
	int r;

	fail_each_allocation(*state, set_root, 0);
	for (nth = 1; nth < MANY; nth++) {
		fail_nth(nth, ENOMEM);
		r = mdev_ctx_new(&ctx);
		if (r == 0)
			break;
		assert_int_equal(r, -ENOMEM);
		assert_null(ctx);
	}
	fail_none();
	assert_int_equal(nth, 4);
	mdev_ctx_unref(ctx);
}

static void finding_parents_survives_every_failed_allocation(void **state)
{
	make_machine(*state);
	fail_each_allocation(*state, list_parents, 0);
	fail_each_allocation(*state, look_up_parent, 0);
	fail_each_allocation(*state, look_up_unknown_parent, -ENODEV);
}

/* What cannot be told for want of memory is left out. */
static void explaining_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	make_file(f, "sys/bus/pci/devices/0000:00:02.0/class", "0x030000\n");
	make_file(f, "sys/bus/pci/devices/0000:00:02.0/sriov_totalvfs", "16\n");
	make_file(f, "sys/bus/pci/devices/0000:00:02.0/sriov_numvfs", "0\n");
	make_file(f, "sys/bus/pci/devices/0000:00:02.0/nvidia/creatable_vgpu_types", "");
	make_link(f, "sys/bus/pci/devices/0000:00:02.0/driver", "../../drivers/nvidia");
	fail_each_allocation(f, look_up_unregistered_parent, -ENODEV);
	assert_error(f, "Unable to find parent device '0000:00:02.0'; it is on bus pci, but its driver "
			"nvidia has not registered it; it offers its types in its directory nvidia "
			"instead: its driver has a VFIO framework of its own; it has 0 of 16 virtual "
			"functions enabled, and its driver may offer types on these only");
	fail_each_allocation(f, check_parents, -ENODEV);
	assert_error(f, "The mdev core is not loaded: sysfs has no class/mdev_bus; 0000:00:02.0 (driver "
			"nvidia) offers its types in its directory nvidia instead: its driver has a VFIO "
			"framework of its own; 0000:00:02.0 (driver nvidia) has 0 of 16 virtual functions "
			"enabled, and its driver may offer types on these only");
}

static void finding_types_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(mdev_parent_lookup(f->ctx, "mtty", &the_parent), 0);
	fail_each_allocation(f, list_types, 0);
	fail_each_allocation(f, look_up_type, 0);
	fail_each_allocation(f, look_up_unsupported_type, -ENOENT);
	assert_error(f, "Parent mtty does not support mdev type serial. Did you mean 'mtty-1' (Serial)?");
	mdev_parent_unref(the_parent);
}

static void finding_devices_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	fail_each_allocation(f, list_devices, 0);
	fail_each_allocation(f, list_one_device, 0);
	fail_each_allocation(f, look_up_device, 0);
	remove_tree(f, "sys/class");
	fail_each_allocation(f, list_devices, 0);
}

static void a_definition_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	fail_each_allocation(f, make_a_definition, 0);
	the_definition = new_definition(f, UA, "mtty", "mtty-1", "a", "1", "b", "2", NULL);
	fail_each_allocation(f, set_names, 0);
	fail_each_allocation(f, insert_attr, 0);
	fail_each_allocation(f, get_json, 0);
	fail_each_allocation(f, set_json, 0);
	fail_each_allocation(f, get_json, 0);
	mdev_definition_unref(the_definition);
}

static void the_store_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	the_definition = new_definition(f, UA, "mtty", "mtty-1", NULL);
	fail_each_allocation(f, define, 0);
	make_definition(f, "mtty", UA);
	fail_each_allocation(f, undefine, 0);
	/* One that does not know the file, which each step makes anew. */
	mdev_definition_unref(the_definition);
	the_definition = new_definition(f, UA, "mtty", "mtty-1", NULL);
	fail_each_allocation(f, move, 0);
	assert_int_equal(get_text(f), -ENOMEM);
	fail_none();
	make_file(f, DEFS "/other/" U1, JSON);
	fail_each_allocation(f, list_definitions, 0);
	fail_each_allocation(f, look_up_definition, 0);
	mdev_definition_unref(the_definition);
}

static void starting_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_dir(f, "run");
	the_definition = new_definition(f, UA, "mtty", "mtty-1", "a", "1", "b", "2", NULL);
	fail_each_allocation(f, start, 0);
	fail_each_allocation(f, start_instances, 0);
	fail_each_allocation(f, define_instances, 0);
	f->fail_write = "/b";
	f->fail_error = EIO;
	fail_each_allocation(f, start, -EIO);
	f->fail_write = "/create";
	f->fail_error = ENOSPC;
	fail_each_allocation(f, start, -ENOSPC);
	mdev_definition_unref(the_definition);
}

static void modifying_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &the_device), 0);
	the_definition = new_definition(f, U1, "mtty", "mtty-1", "a", "1", "b", "2", NULL);
	make_definition(f, "mtty", U1);
	fail_each_allocation(f, modify, 0);
	fail_each_allocation(f, set_and_unset_attr, 0);
	make_file(f, MTTY "/" U1 "/a", "0\n");
	make_file(f, MTTY "/" U1 "/b", "0\n");
	fail_each_allocation(f, modify_live, 0);
	f->fail_write = "/b";
	f->fail_error = EIO;
	fail_each_allocation(f, modify_live, -EIO);
	mdev_definition_unref(the_definition);
	mdev_device_unref(the_device);
}

static void details_survive_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	bind_to_vfio(f, U1);
	make_file(f, MTTY "/" U1 "/vfio-dev/vfio3/dev", "511:3\n");
	make_file(f, MTTY "/" U1 "/a", "0\n");
	make_file(f, MTTY "/numa_node", "1\n");
	make_link(f, MTTY "/physfn", "../0000:41:00.0");
	make_file(f, MTTY "/modalias", "pci:x\n");
	make_link(f, MTTY "/driver", "../../../../bus/pci/drivers/mtty");
	make_process(f, "100", "qemu\n", "/dev/vfio/12");
	make_process(f, "99", "qemu\n", "/dev/vfio/12");
	assert_int_equal(mdev_parent_lookup(f->ctx, "mtty", &the_parent), 0);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &the_device), 0);
	fail_each_allocation(f, get_parent_info, 0);
	fail_each_allocation(f, get_device_info, 0);
	fail_each_allocation(f, list_users, 0);
	fail_each_allocation(f, list_users_of_all, 0);
	fail_each_allocation(f, read_attr, 0);
	fail_each_allocation(f, write_attr, 0);
	mdev_device_unref(the_device);
	mdev_parent_unref(the_parent);
}

static void lists_of_definitions_survive_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	the_definition = new_definition(f, UA, "mtty", "mtty-1", "a", "1", "b", "2", NULL);
	fail_each_allocation(f, copy_definition, 0);
	fail_each_allocation(f, parse_list, 0);
	fail_each_allocation(f, refuse_list, -EBADMSG);
	fail_each_allocation(f, format_list, 0);
	mdev_definition_unref(the_definition);
}

static void a_monitor_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	make_file(f, DEFS "/mtty/" U1, JSON);
	make_file(f, DEFS "/mtty/" U2, JSON);
	fail_each_allocation(f, make_monitor, 0);
	remove_tree(f, DEFS "/mtty");
	assert_int_equal(mdev_monitor_new(f->ctx, &the_monitor), 0);
	make_file(f, DEFS "/mtty/" UA, JSON);
	fail_each_allocation(f, take_events, 0);
	mdev_monitor_unref(the_monitor);
}

static void scripts_survive_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	if (!scripts_can_run())
		return;
	make_machine(f);
	make_script(f);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &the_device), 0);
	fail_each_allocation(f, describe, 0);
	fail_each_allocation(f, describe_without_scripts, 0);
	make_file(f, DEFS "/mtty/" UA, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\"}");
	fail_each_allocation(f, autostart, 0);
	mdev_device_unref(the_device);
}

static void the_status_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	fail_each_allocation(f, explain_parents, 0);
	make_machine(f);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\","
		  "\"attrs\":[{\"a\":\"1\"},{\"b\":\"2\"}]}");
	make_file(f, DEFS "/mtty/" UA, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\"}");
	make_file(f, DEFS "/other/" UA, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\"}");
	make_file(f, DEFS "/other/" U2, "nonsense");
	fail_each_allocation(f, list_statuses, 0);
}

static void documents_survive_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(mdev_document_new(f->ctx, &the_document), 0);
	assert_int_equal(mdev_document_add_json(the_document, "f", DOCUMENT, strlen(DOCUMENT)), 0);
	fail_each_allocation(f, read_document, 0);
	fail_each_allocation(f, apply_document, 0);
	f->fail_write = U1 "/b";
	f->fail_error = EIO;
	fail_each_allocation(f, apply_document, -ECANCELED);
	fail_each_allocation(f, plan_document, 0);
	fail_each_allocation(f, export_document, 0);
	mdev_document_unref(the_document);
}

static void stopping_survives_every_failed_allocation(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &the_device), 0);
	fail_each_allocation(f, stop_device, 0);
	mdev_device_unref(the_device);
}

/* Virtual functions that have types -------------------------------------------- */

#define GPU "0000:3b:00.0"
#define FUNCTION "sys/bus/pci/devices/0000:3b:00."

/* One that has a type, known to nobody, and one that has none. */
static void make_gpu(struct fixture *f)
{
	make_dir(f, "run/mdevctl");
	make_dir(f, "sys/bus/pci/drivers/nvidia");
	make_file(f, FUNCTION "4/nvidia/current_vgpu_type", "901\n");
	make_file(f, FUNCTION "4/nvidia/creatable_vgpu_types", "ID    : vGPU Name\n");
	make_link(f, FUNCTION "4/physfn", "../" GPU);
	make_file(f, FUNCTION "5/nvidia/current_vgpu_type", "0\n");
	make_file(f, FUNCTION "5/nvidia/creatable_vgpu_types", "901   : X20-1B\n902   : X20-2Q\n");
	make_link(f, FUNCTION "5/physfn", "../" GPU);
	make_link(f, FUNCTION "0/virtfn0", "../0000:3b:00.4");
	make_link(f, FUNCTION "0/virtfn1", "../0000:3b:00.5");
}

static struct mdev_definition *the_vgpu;

/* The small kernel takes the type and shows none. */
static int start_vgpu(struct fixture *f)
{
	(void)f;
	return mdev_start(the_vgpu, MDEV_OP_NO_CALLOUTS);
}

static int define_vgpu(struct fixture *f)
{
	int r = mdev_define(the_vgpu, MDEV_OP_NO_CALLOUTS);

	remove_tree(f, DEFS "/" GPU);
	return r;
}

static int list_vgpus(struct fixture *f)
{
	struct mdev_device **devices = NULL;
	int r = mdev_device_list(f->ctx, NULL, NULL, &devices);

	if (r == 0)
		assert_true(devices[0] && !devices[1]);
	finish(r, devices, mdev_device_list_free);
	return r;
}

static int stop_vgpu(struct fixture *f)
{
	(void)f;
	return mdev_stop(the_device, MDEV_OP_NO_CALLOUTS);
}

static void vgpus_survive_every_failed_allocation(void **state)
{
	struct mdev_device **devices;
	struct fixture *f = *state;

	make_gpu(f);
	fail_each_allocation(f, list_parents, 0);
	assert_int_equal(mdev_parent_lookup(f->ctx, GPU, &the_parent), 0);
	fail_each_allocation(f, list_types, 0);
	mdev_parent_unref(the_parent);
	fail_each_allocation(f, list_vgpus, 0);
	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), 0);
	the_device = devices[0];
	fail_each_allocation(f, stop_vgpu, -EIO);
	mdev_device_list_free(devices);
	the_vgpu = new_definition(f, U2, GPU, "X20-2Q", NULL);
	fail_each_allocation(f, define_vgpu, 0);
	fail_each_allocation(f, start_vgpu, -EIO);
	mdev_definition_unref(the_vgpu);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(a_context_survives_every_failed_allocation),
		fixture_test(finding_parents_survives_every_failed_allocation),
		fixture_test(explaining_survives_every_failed_allocation),
		fixture_test(finding_types_survives_every_failed_allocation),
		fixture_test(finding_devices_survives_every_failed_allocation),
		fixture_test(a_definition_survives_every_failed_allocation),
		fixture_test(the_store_survives_every_failed_allocation),
		fixture_test(starting_survives_every_failed_allocation),
		fixture_test(modifying_survives_every_failed_allocation),
		fixture_test(details_survive_every_failed_allocation),
		fixture_test(lists_of_definitions_survive_every_failed_allocation),
		fixture_test(a_monitor_survives_every_failed_allocation),
		fixture_test(scripts_survive_every_failed_allocation),
		fixture_test(the_status_survives_every_failed_allocation),
		fixture_test(documents_survive_every_failed_allocation),
		fixture_test(stopping_survives_every_failed_allocation),
		fixture_test(vgpus_survive_every_failed_allocation),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
