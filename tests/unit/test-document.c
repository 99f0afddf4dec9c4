// SPDX-License-Identifier: LGPL-2.1-or-later
/* Documents: what they say, what they must not say, and what is exported. */
#include <errno.h>
#include <string.h>

#include "fixture.h"

static struct mdev_document *new_document(struct fixture *f)
{
	struct mdev_document *document;

	assert_int_equal(mdev_document_new(f->ctx, &document), 0);
	return document;
}

static int add(struct mdev_document *document, const char *name, const char *text)
{
	return mdev_document_add_json(document, name, text, strlen(text));
}

static char *json_of(const struct mdev_document *document)
{
	char *text;

	assert_int_equal(mdev_document_get_json(document, &text), 0);
	return text;
}

#define DEVICE(members) "{\"devices\":[{\"uuid\":\"" U1 "\",\"parent\":\"mtty\",\"type\":\"t\"" members "}]}"

static void mistakes_are_named_with_their_place(void **state)
{
	static const struct {
		const char *text, *error;
	} mistakes[] = {
		{ "{\n \"devices\": [1,]}", "f:2:16: trailing comma" },
		{ "[]", "f:1:1: not an object" },
		{ "{}", "f:1:1: 'devices' is missing" },
		{ "{\"devices\":{}}", "f:1:2: 'devices' is not an array" },
		{ "{\"device\":[]}", "f:1:2: unknown member 'device'" },
		{ "{\"devices\":[],\"devices\":[]}", "f:1:15: 'devices' is given twice" },
		{ "{\"owner\":\"\",\"devices\":[]}", "f:1:2: '' is not the name of an owner" },
		{ "{\"owner\":7,\"devices\":[]}", "f:1:2: 'owner' is not a string" },
		{ "{\"devices\":[\n\"x\"]}", "f:2:1: a device is not an object" },
		{ "{\"devices\":[{}]}", "f:1:13: 'uuid' is missing" },
		{ "{\"devices\":[{\"uuid\":\"x\"}]}", "f:1:14: 'x' is not a UUID" },
		{ "{\"devices\":[{\"uuid\":\"" U1 "\"}]}", "f:1:13: 'parent' is missing" },
		{ "{\"devices\":[{\"parent\":\"a/b\"}]}", "f:1:14: 'a/b' is not the name of a parent" },
		{ "{\"devices\":[{\"type\":\"..\"}]}", "f:1:14: '..' is not the name of a type" },
		{ "{\"devices\":[{\"type\":\"a\\u0000\"}]}",
		  "f:1:14: 'type' is not a string without a NUL character" },
		{ DEVICE(",\"start\":\"no\""),
		  "f:1:87: 'start' is neither \"auto\" nor \"manual\"" },
		{ DEVICE(",\n\"active\":1"), "f:2:1: 'active' is neither true nor false nor null" },
		{ DEVICE(",\n\"defined\":null"), "f:2:1: 'defined' is neither true nor false" },
		{ DEVICE(",\n\"defined\":false,\"active\":null"),
		  "f:1:13: a device that is not defined must be active" },
		{ DEVICE(",\n\"defined\":false,\"start\":\"auto\""),
		  "f:1:13: a device that is not defined has no 'start'" },
		{ DEVICE(",\n\"defined\":false,\"owner\":\"a\""),
		  "f:1:13: a device that is not defined has no 'owner'" },
		{ DEVICE(",\n\"atrs\":[]"), "f:2:1: unknown member 'atrs'" },
		{ DEVICE(",\n\"type\":\"u\""), "f:2:1: 'type' is given twice" },
		{ DEVICE(",\n\"attrs\":{}"), "f:2:1: 'attrs' is not an array" },
		{ DEVICE(",\"attrs\":[\n{\"a\":\"1\"},\n{\"b\":2}]"),
		  "f:3:1: invalid JSON format for attribute 'b': value must be of type str" },
		{ DEVICE(",\"attrs\":[\n {\"remove\":\"1\"}]"),
		  "f:2:2: Attribute 'remove' cannot be set: with it the kernel removes the device" },
		{ DEVICE(",\"attrs\":[\n {\"../a\":\"1\"}]"), "f:2:2: Invalid attribute '../a'" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct mdev_document *document = new_document(f);
		char *text;

		assert_int_equal(add(document, "f", mistakes[i].text), -EBADMSG);
		assert_error(f, mistakes[i].error);
		text = json_of(document);
		assert_string_equal(text, "{\n  \"devices\": []\n}");
		free(text);
		mdev_document_unref(document);
	}
}

static void texts_must_not_contradict_each_other(void **state)
{
	struct fixture *f = *state;
	struct mdev_document *document = new_document(f);
	char *before, *after;

	assert_int_equal(add(document, "a", "{\"devices\":[{\"uuid\":\"" U2 "\",\"parent\":\"mtty\","
			     "\"type\":\"t\",\"active\":true}],\n\"owner\":\"me\"}"), 0);
	assert_string_equal(mdev_document_get_owner(document), "me");
	before = json_of(document);
	assert_int_equal(add(document, "b", "{\"devices\":[\n{\"uuid\":\"" U2 "\","
			     "\"parent\":\"mtty\",\"type\":\"u\"}]}"), -EBADMSG);
	assert_error(f, "b:2:1: device " U2 " is described twice, see a:1:13");
	assert_int_equal(add(document, "b", "{\"devices\":[\n{\"uuid\":\"" U2 "\","
			     "\"parent\":\"aa\",\"type\":\"t\",\"start\":\"auto\"}]}"), -EBADMSG);
	assert_error(f, "b:2:1: device " U2 " cannot be active on two parents, see a:1:13");
	assert_int_equal(add(document, "b", "{\"devices\":[],\"owner\":\"you\"}"), -EBADMSG);
	assert_error(f, "b:1:15: owner 'you' contradicts owner 'me' at a:2:1");
	assert_int_equal(mdev_document_set_owner(document, "you"), -EINVAL);
	assert_error(f, "Owner 'you' contradicts owner 'me'");
	assert_int_equal(mdev_document_set_owner(document, "a\nb"), -EINVAL);
	assert_int_equal(mdev_document_set_owner(document, "me"), 0);
	after = json_of(document);
	assert_string_equal(before, after);
	free(before);
	free(after);
	assert_int_equal(add(document, "c", "{\"owner\":\"me\",\"devices\":[{\"uuid\":\"" U2 "\","
			     "\"parent\":\"aa\",\"type\":\"t\"}]}"), 0);
	mdev_document_unref(document);
	document = new_document(f);
	assert_int_equal(mdev_document_set_owner(document, "me"), 0);
	assert_int_equal(add(document, "b", "{\"devices\":[],\"owner\":\"you\"}"), -EBADMSG);
	assert_error(f, "b:1:15: owner 'you' contradicts owner 'me'");
	mdev_document_unref(document);
}

/* Read again, a document that was written says the same. */
static void a_document_can_be_written_and_read(void **state)
{
	static const char text[] =
		"{\"owner\":\"me\",\"devices\":["
		"{\"uuid\":\"" UA "\",\"parent\":\"b\",\"type\":\"t\",\"start\":\"auto\"},"
		"{\"uuid\":\"" UA "\",\"parent\":\"a\",\"type\":\"t\",\"owner\":null},"
		"{\"uuid\":\"" U1 "\",\"parent\":\"b\",\"type\":\"t\",\"start\":\"auto\",\"active\":null,"
		"\"owner\":\"you\",\"attrs\":[{\"a\":\"1\"},{\"a/b\":\"\"}]},"
		"{\"uuid\":\"" U2 "\",\"parent\":\"b\",\"type\":\"t\",\"defined\":false}]}";
	struct fixture *f = *state;
	struct mdev_document *document = new_document(f), *copy = new_document(f);
	char *written, *again;

	assert_int_equal(add(document, "a", text), 0);
	written = json_of(document);
	assert_int_equal(add(copy, "b", written), 0);
	again = json_of(copy);
	assert_string_equal(written, again);
	assert_string_equal(written, "{\n  \"owner\": \"me\",\n  \"devices\": [\n    {\n"
		"      \"uuid\": \"" U1 "\",\n      \"parent\": \"b\",\n      \"type\": \"t\",\n"
		"      \"start\": \"auto\",\n      \"active\": null,\n      \"owner\": \"you\",\n"
		"      \"attrs\": [\n        {\n          \"a\": \"1\"\n        },\n        {\n"
		"          \"a/b\": \"\"\n        }\n      ]\n    },\n    {\n"
		"      \"uuid\": \"" U2 "\",\n      \"parent\": \"b\",\n      \"type\": \"t\",\n"
		"      \"defined\": false,\n      \"active\": true\n    },\n    {\n"
		"      \"uuid\": \"" UA "\",\n      \"parent\": \"a\",\n      \"type\": \"t\",\n"
		"      \"start\": \"manual\",\n      \"active\": null,\n      \"owner\": null\n    },\n    {\n"
		"      \"uuid\": \"" UA "\",\n      \"parent\": \"b\",\n      \"type\": \"t\",\n"
		"      \"start\": \"auto\",\n      \"active\": true\n    }\n  ]\n}");
	free(written);
	free(again);
	mdev_document_unref(document);
	mdev_document_unref(copy);
}

static void an_owner_survives_changes_of_a_definition(void **state)
{
	static const char file[] = DEFS "/mtty/" U1;
	struct mdev_definition *definition;
	struct fixture *f = *state;
	char *text;

	make_file(f, file, "{\"mdev_type\":\"t\",\"start\":\"auto\",\"x\":1,\"owner\":\"me\"}");
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), 0);
	assert_string_equal(mdev_definition_get_owner(definition), "me");
	assert_int_equal(mdev_definition_set_json(definition,
						  "{\"mdev_type\":\"u\",\"start\":\"manual\"}", 34), 0);
	assert_int_equal(mdev_modify(definition, 0), 0);
	assert_file(f, file, "{\n  \"mdev_type\": \"u\",\n  \"start\": \"manual\",\n  \"attrs\": [],\n"
		    "  \"owner\": \"me\",\n  \"x\": 1\n}");
	assert_int_equal(mdev_definition_set_owner(definition, ""), -EINVAL);
	assert_error(f, "Invalid owner ''");
	assert_int_equal(mdev_definition_set_owner(definition, NULL), 0);
	assert_null(mdev_definition_get_owner(definition));
	assert_int_equal(mdev_definition_get_json(definition, &text), 0);
	assert_null(strstr(text, "owner"));
	free(text);
	mdev_definition_unref(definition);

	/* It is somebody's member, but not an owner's name. */
	make_file(f, file, "{\"mdev_type\":\"t\",\"start\":\"auto\",\"owner\":{\"a\":1}}");
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), 0);
	assert_null(mdev_definition_get_owner(definition));
	assert_int_equal(mdev_definition_get_json(definition, &text), 0);
	assert_non_null(strstr(text, "\"owner\": {"));
	free(text);
	assert_int_equal(mdev_definition_set_owner(definition, "me"), 0);
	assert_int_equal(mdev_definition_get_json(definition, &text), 0);
	assert_non_null(strstr(text, "\"owner\": \"me\""));
	assert_null(strstr(text, "\"owner\": {"));
	free(text);
	mdev_definition_unref(definition);
}

static void what_cannot_be_described_is_not_exported(void **state)
{
	struct mdev_document *document;
	struct fixture *f = *state;
	char *text;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_file(f, DEFS "/mtty/" U1, "nonsense");
	make_device(f, "mtty", "mtty-1", U1);
	make_file(f, DEFS "/mtty/" U2, "{\"mdev_type\":\"t\",\"start\":\"\",\"attrs\":[{\"remove\":\"1\"}]}");
	make_definition(f, "mtty", UA);
	make_device(f, "mtty", "mtty-2", UA);
	assert_int_equal(mdev_document_export(f->ctx, 0, &document), 0);
	text = json_of(document);
	assert_string_equal(text, "{\n  \"devices\": [\n    {\n      \"uuid\": \"" UA "\",\n"
			    "      \"parent\": \"mtty\",\n      \"type\": \"mtty-1\",\n"
			    "      \"start\": \"manual\",\n      \"active\": null\n    }\n  ]\n}");
	free(text);
	mdev_document_unref(document);
	assert_non_null(strstr(f->warnings, U1 ": "));
	assert_non_null(strstr(f->warnings, "Not exporting device " U2 " on mtty: Attribute 'remove'"));
	assert_non_null(strstr(f->warnings, "Its type is mtty-2, defined is mtty-1"));
	assert_error(f, "");
	assert_int_equal(mdev_document_export(f->ctx, MDEV_OP_FORCE, &document), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(mistakes_are_named_with_their_place),
		fixture_test(texts_must_not_contradict_each_other),
		fixture_test(a_document_can_be_written_and_read),
		fixture_test(an_owner_survives_changes_of_a_definition),
		fixture_test(what_cannot_be_described_is_not_exported),
	};

	return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
