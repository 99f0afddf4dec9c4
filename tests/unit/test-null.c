// SPDX-License-Identifier: LGPL-2.1-or-later
/* NULL where nothing says that it is allowed: -EINVAL, told, and never a crash. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

static struct fixture *the_fixture;

static void refused(int r, const char *call)
{
	const char *text = mdev_ctx_last_error(the_fixture->ctx);

	if (r != -EINVAL)
		fail_msg("%s: %d", call, r);
	if (!strstr(text, "was given NULL"))
		fail_msg("%s: '%s'", call, text);
	/* A different one, so that the next call has to make its own. */
	assert_int_equal(mdev_ctx_set_root(the_fixture->ctx, ""), -EINVAL);
}

/* Something that must be there but is NULL; the context is known. */
#define REFUSED(call) refused(call, #call)
/* The context itself, or what it would come from, is NULL: nowhere to tell it. */
#define SILENTLY_REFUSED(call) assert_int_equal(call, -EINVAL)

static void without_a_context_nothing_is_done(void **state)
{
	struct mdev_definition *definition, **definitions;
	struct mdev_device *device, **devices;
	struct mdev_parent *parent, **parents;

	(void)state;
	SILENTLY_REFUSED(mdev_ctx_new(NULL));
	SILENTLY_REFUSED(mdev_ctx_set_root(NULL, "/"));
	SILENTLY_REFUSED(mdev_ctx_check_core(NULL));
	SILENTLY_REFUSED(mdev_ctx_check_parents(NULL));
	SILENTLY_REFUSED(mdev_ctx_check_who(NULL, "root"));
	SILENTLY_REFUSED(mdev_device_lookup_node(NULL, "/dev/vfio/0", &device));
	SILENTLY_REFUSED(mdev_parent_list(NULL, &parents));
	SILENTLY_REFUSED(mdev_parent_lookup(NULL, "mtty", &parent));
	SILENTLY_REFUSED(mdev_device_list(NULL, NULL, NULL, &devices));
	SILENTLY_REFUSED(mdev_user_list(NULL, NULL, NULL));
	SILENTLY_REFUSED(mdev_definition_list_active(NULL, NULL, 0, NULL));
	SILENTLY_REFUSED(mdev_device_lookup(NULL, UUID(U1), &device));
	SILENTLY_REFUSED(mdev_definition_new(NULL, UUID(U1), &definition));
	SILENTLY_REFUSED(mdev_definition_list(NULL, NULL, NULL, &definitions));
	SILENTLY_REFUSED(mdev_definition_list_all(NULL, NULL, NULL, &definitions));
	SILENTLY_REFUSED(mdev_definition_lookup(NULL, UUID(U1), NULL, &definition));
	SILENTLY_REFUSED(mdev_definition_list_parse(NULL, "[]", 2, &definitions));
	SILENTLY_REFUSED(mdev_definition_list_format(NULL, NULL, NULL));
	SILENTLY_REFUSED(mdev_module_get_state(NULL, "mdev", NULL));
	SILENTLY_REFUSED(mdev_module_load(NULL, "mdev"));
	SILENTLY_REFUSED(mdev_monitor_new(NULL, NULL));
	SILENTLY_REFUSED(mdev_monitor_next(NULL, NULL));
	SILENTLY_REFUSED(mdev_status_list(NULL, NULL, NULL, 0, NULL));
	SILENTLY_REFUSED(mdev_ctx_explain_parents(NULL, NULL));
	SILENTLY_REFUSED(mdev_autostart(NULL, NULL, 0, NULL, NULL));
	SILENTLY_REFUSED(mdev_document_new(NULL, NULL));
	SILENTLY_REFUSED(mdev_document_export(NULL, 0, NULL));
}

static void without_an_object_nothing_is_done(void **state)
{
	struct mdev_definition *definition;
	struct mdev_type *type, **types;
	const char *name, *value;
	char *text;

	(void)state;
	SILENTLY_REFUSED(mdev_type_list(NULL, &types));
	SILENTLY_REFUSED(mdev_type_lookup(NULL, "mtty-1", &type));
	SILENTLY_REFUSED(mdev_parent_get_info(NULL, NULL));
	SILENTLY_REFUSED(mdev_device_get_info(NULL, NULL));
	SILENTLY_REFUSED(mdev_device_list_users(NULL, NULL));
	SILENTLY_REFUSED(mdev_device_read_attr(NULL, "a", &text));
	SILENTLY_REFUSED(mdev_device_write_attr(NULL, "a", "1"));
	SILENTLY_REFUSED(mdev_device_get_definition(NULL, 0, &definition));
	SILENTLY_REFUSED(mdev_definition_set_json(NULL, "{}", 2));
	SILENTLY_REFUSED(mdev_definition_get_json(NULL, &text));
	SILENTLY_REFUSED(mdev_definition_get_attr(NULL, 0, &name, &value));
	SILENTLY_REFUSED(mdev_definition_set_parent(NULL, "mtty"));
	SILENTLY_REFUSED(mdev_definition_set_type(NULL, "mtty-1"));
	SILENTLY_REFUSED(mdev_definition_insert_attr(NULL, 0, "a", "1"));
	SILENTLY_REFUSED(mdev_definition_remove_attr(NULL, 0));
	SILENTLY_REFUSED(mdev_definition_set_attr(NULL, "a", "1"));
	SILENTLY_REFUSED(mdev_definition_unset_attr(NULL, "a"));
	SILENTLY_REFUSED(mdev_definition_copy(NULL, &definition));
	SILENTLY_REFUSED(mdev_define(NULL, 0));
	SILENTLY_REFUSED(mdev_undefine(NULL, 0));
	SILENTLY_REFUSED(mdev_modify(NULL, 0));
	SILENTLY_REFUSED(mdev_start(NULL, 0));
	SILENTLY_REFUSED(mdev_start_instances(NULL, 1, 0, NULL, NULL, NULL));
	SILENTLY_REFUSED(mdev_define_instances(NULL, 1, 0, NULL, NULL, NULL));
	SILENTLY_REFUSED(mdev_move(NULL, "mtty", 0, NULL));
	SILENTLY_REFUSED(mdev_definition_replace_json(NULL, "{}", 2));
	SILENTLY_REFUSED(mdev_definition_get_text(NULL, &text));
	SILENTLY_REFUSED(mdev_stop(NULL, 0));
	SILENTLY_REFUSED(mdev_modify_live(NULL, NULL, 0));
	SILENTLY_REFUSED(mdev_definition_set_owner(NULL, NULL));
	SILENTLY_REFUSED(mdev_definition_set_access(NULL, NULL));
	SILENTLY_REFUSED(mdev_device_wait_access(NULL, "root", 0));
	SILENTLY_REFUSED(mdev_device_renew_access(NULL));
	SILENTLY_REFUSED(mdev_document_add_json(NULL, "a", "{}", 2));
	SILENTLY_REFUSED(mdev_document_set_owner(NULL, "me"));
	SILENTLY_REFUSED(mdev_document_get_json(NULL, &text));
	SILENTLY_REFUSED(mdev_document_plan(NULL, 0, NULL));
	SILENTLY_REFUSED(mdev_document_apply(NULL, 0, NULL, NULL));
}

static void releasing_nothing_is_allowed(void **state)
{
	(void)state;
	mdev_ctx_unref(NULL);
	mdev_parent_unref(NULL);
	mdev_parent_list_free(NULL);
	mdev_type_unref(NULL);
	mdev_type_list_free(NULL);
	mdev_device_unref(NULL);
	mdev_device_list_free(NULL);
	mdev_parent_info_unref(NULL);
	mdev_device_info_unref(NULL);
	mdev_status_unref(NULL);
	mdev_status_list_free(NULL);
	mdev_user_unref(NULL);
	mdev_user_list_free(NULL);
	mdev_monitor_unref(NULL);
	mdev_event_unref(NULL);
	mdev_definition_unref(NULL);
	mdev_definition_list_free(NULL);
	mdev_document_unref(NULL);
	mdev_change_unref(NULL);
	mdev_change_list_free(NULL);
}

static void a_missing_string_or_result_is_told(void **state)
{
	struct mdev_ctx *ctx = (the_fixture = *state)->ctx;
	struct mdev_uuid uuid;
	struct mdev_definition *definition, **definitions;
	struct mdev_device *device;
	struct mdev_parent *parent;
	struct mdev_type *type;
	enum mdev_module_state module;
	char *text;

	SILENTLY_REFUSED(mdev_uuid_parse(NULL, &uuid));
	REFUSED(mdev_ctx_set_root(ctx, NULL));
	REFUSED(mdev_parent_list(ctx, NULL));
	REFUSED(mdev_parent_lookup(ctx, NULL, &parent));
	REFUSED(mdev_parent_lookup(ctx, "mtty", NULL));
	REFUSED(mdev_device_list(ctx, NULL, NULL, NULL));
	REFUSED(mdev_device_lookup(ctx, NULL, &device));
	REFUSED(mdev_device_lookup(ctx, UUID(U1), NULL));
	REFUSED(mdev_definition_new(ctx, UUID(U1), NULL));
	REFUSED(mdev_definition_list(ctx, NULL, NULL, NULL));
	REFUSED(mdev_definition_list_all(ctx, NULL, NULL, NULL));
	REFUSED(mdev_definition_lookup(ctx, NULL, NULL, &definition));
	REFUSED(mdev_definition_lookup(ctx, UUID(U1), NULL, NULL));
	REFUSED(mdev_module_get_state(ctx, NULL, &module));
	REFUSED(mdev_module_get_state(ctx, "mdev", NULL));
	REFUSED(mdev_module_load(ctx, NULL));
	REFUSED(mdev_monitor_new(ctx, NULL));
	REFUSED(mdev_definition_list_parse(ctx, NULL, 0, &definitions));
	REFUSED(mdev_definition_list_parse(ctx, "[]", 2, NULL));
	REFUSED(mdev_definition_list_format(ctx, NULL, &text));
	make_parent(the_fixture, "mtty");
	assert_int_equal(mdev_parent_lookup(ctx, "mtty", &parent), 0);
	REFUSED(mdev_parent_get_info(parent, NULL));
	REFUSED(mdev_type_list(parent, NULL));
	REFUSED(mdev_type_lookup(parent, NULL, &type));
	REFUSED(mdev_type_lookup(parent, "mtty-1", NULL));
	mdev_parent_unref(parent);
}

static void a_document_refuses_missing_arguments(void **state)
{
	struct fixture *f = the_fixture = *state;
	struct mdev_document *document;

	REFUSED(mdev_document_new(f->ctx, NULL));
	REFUSED(mdev_document_export(f->ctx, 0, NULL));
	assert_int_equal(mdev_document_new(f->ctx, &document), 0);
	REFUSED(mdev_document_add_json(document, NULL, "{}", 2));
	REFUSED(mdev_document_add_json(document, "a", NULL, 0));
	REFUSED(mdev_document_set_owner(document, NULL));
	REFUSED(mdev_document_get_json(document, NULL));
	REFUSED(mdev_document_plan(document, 0, NULL));
	mdev_document_unref(document);
}

static void a_definition_refuses_missing_strings(void **state)
{
	struct fixture *f = the_fixture = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "t", "a", "1", NULL);
	const char *name, *value;

	REFUSED(mdev_definition_set_json(definition, NULL, 0));
	REFUSED(mdev_definition_get_json(definition, NULL));
	REFUSED(mdev_definition_copy(definition, NULL));
	REFUSED(mdev_definition_get_attr(definition, 0, NULL, &value));
	REFUSED(mdev_definition_get_attr(definition, 0, &name, NULL));
	REFUSED(mdev_definition_set_parent(definition, NULL));
	REFUSED(mdev_definition_set_type(definition, NULL));
	REFUSED(mdev_definition_insert_attr(definition, 0, NULL, "1"));
	REFUSED(mdev_definition_insert_attr(definition, 0, "a", NULL));
	REFUSED(mdev_definition_set_attr(definition, NULL, "1"));
	REFUSED(mdev_definition_set_attr(definition, "a", NULL));
	REFUSED(mdev_definition_unset_attr(definition, NULL));
	assert_int_equal(mdev_definition_count_attrs(definition), 1);
	mdev_definition_unref(definition);
}

static void a_device_refuses_missing_arguments(void **state)
{
	struct fixture *f = the_fixture = *state;
	struct mdev_device *device;
	char *value;

	make_parent(f, "mtty");
	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	REFUSED(mdev_device_get_definition(device, 0, NULL));
	REFUSED(mdev_device_get_info(device, NULL));
	REFUSED(mdev_device_list_users(device, NULL));
	REFUSED(mdev_user_list(the_fixture->ctx, NULL, NULL));
	REFUSED(mdev_definition_list_active(the_fixture->ctx, NULL, 0, NULL));
	REFUSED(mdev_device_read_attr(device, NULL, &value));
	REFUSED(mdev_device_wait_access(device, NULL, 0));
	REFUSED(mdev_device_lookup_node(f->ctx, NULL, &device));
	REFUSED(mdev_device_lookup_node(f->ctx, "/dev/vfio/0", NULL));
	REFUSED(mdev_ctx_check_who(f->ctx, NULL));
	REFUSED(mdev_device_read_attr(device, "a", NULL));
	REFUSED(mdev_device_write_attr(device, NULL, "1"));
	REFUSED(mdev_device_write_attr(device, "a", NULL));
	REFUSED(mdev_modify_live(device, NULL, 0));
	mdev_device_unref(device);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(without_a_context_nothing_is_done),
		fixture_test(without_an_object_nothing_is_done),
		fixture_test(releasing_nothing_is_allowed),
		fixture_test(a_missing_string_or_result_is_told),
		fixture_test(a_definition_refuses_missing_strings),
		fixture_test(a_device_refuses_missing_arguments),
		fixture_test(a_document_refuses_missing_arguments),
	};

	return cmocka_run_group_tests_name("null", tests, NULL, NULL);
}
