// SPDX-License-Identifier: LGPL-2.1-or-later
/* Documents that are applied: single devices, and 200 random states one after the other. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fixture.h"

/* A kernel whose parents have as many ports as this, of which mtty-2 takes two. */
#define PORTS 6

int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

static const char *const parents[] = { "p1", "p2" };
static const char *const attr_files[] = { "a", "b", NULL };

static unsigned int ports_in_use(struct fixture *f, const char *parent, const char *type)
{
	struct strings names = { 0 };
	char path[512];
	unsigned int count;
	int dir;

	snprintf(path, sizeof(path), "%s/sys/devices/virtual/mtty/%s/mdev_supported_types/%s/devices",
		 f->root, parent, type);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	assert_int_equal(walk_directory(dir, walk_add_name, &names), 0);
	close(dir);
	count = names.count;
	strings_clear(&names);
	return count * (strcmp(type, "mtty-2") == 0 ? 2 : 1);
}

/* @change: in ports, which the write that is about to be done makes */
static void show_instances(struct fixture *f, const char *parent, int change)
{
	int free = PORTS - change - ports_in_use(f, parent, "mtty-1") -
		   ports_in_use(f, parent, "mtty-2");

	for (int cost = 1; cost <= 2; cost++) {
		char path[256], text[16];

		snprintf(path, sizeof(path), "sys/devices/virtual/mtty/%s/mdev_supported_types/"
			 "mtty-%d/available_instances", parent, cost);
		snprintf(text, sizeof(text), "%d\n", free / cost);
		make_file(f, path, text);
	}
}

static int cost_of_device(struct fixture *f, const char *parent, const char *uuid)
{
	char path[256];

	snprintf(path, sizeof(path), "sys/devices/virtual/mtty/%s/mdev_supported_types/mtty-2/devices/"
		 "%s", parent, uuid);
	return exists(f, path) ? 2 : 1;
}

/* What the fixture's kernel leaves out: ports are counted, and attributes keep their values. */
static void model_ports(struct fixture *f, const char *path)
{
	char parent[64], name[64], *value = strrchr(f->written, '=') + 1;

	assert_int_equal(sscanf(path, "sys/devices/virtual/mtty/%63[^/]/%63[^/]/", parent, name), 2);
	if (strcmp(path_base(path), "create") == 0) {
		show_instances(f, parent, strstr(path, "mtty-2") ? 2 : 1);
	} else if (strcmp(path_base(path), "remove") == 0) {
		show_instances(f, parent, -cost_of_device(f, parent, name));
	} else {
		value[strlen(value) - 1] = '\n';
		make_file(f, path, value);
	}
	f->written[0] = '\0';
}

static void make_machine(struct fixture *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(parents); i++) {
		make_parent(f, parents[i]);
		make_type(f, parents[i], "mtty-1", "");
		make_type(f, parents[i], "mtty-2", "");
		show_instances(f, parents[i], 0);
	}
	f->on_write = model_ports;
	f->attrs = attr_files;
}

static struct mdev_document *new_document(struct fixture *f, const char *text)
{
	struct mdev_document *document;

	assert_int_equal(mdev_document_new(f->ctx, &document), 0);
	assert_int_equal(mdev_document_add_json(document, "t", text, strlen(text)), 0);
	return document;
}

/* What apply said: "WORD/RESULT " for each change. */
struct said {
	char text[1024];
};

static int hear(void *data, const struct mdev_change *change, size_t done, size_t total, int result,
		const char *error)
{
	struct said *said = data;
	size_t used = strlen(said->text);

	assert_true(done >= 1 && done <= total);
	assert_int_equal(*error != '\0', result < 0);
	snprintf(said->text + used, sizeof(said->text) - used, "%s/%d ",
		 mdev_change_get_word(change), result);
	return 0;
}

static int apply_text(struct fixture *f, const char *text, unsigned int flags, struct said *said)
{
	struct mdev_document *document = new_document(f, text);
	int r;

	said->text[0] = '\0';
	r = mdev_document_apply(document, flags, hear, said);
	mdev_document_unref(document);
	return r;
}

#define ONE(uuid, parent, type, members)                                            \
	"{\"uuid\":\"" uuid "\",\"parent\":\"" parent "\",\"type\":\"" type "\"" members "}"
#define DOCUMENT(devices) "{\"owner\":\"me\",\"devices\":[" devices "]}"

static void assert_defined(struct fixture *f, const char *parent, const char *uuid, const char *part)
{
	char path[128], *text;

	snprintf(path, sizeof(path), DEFS "/%s/%s", parent, uuid);
	assert_int_equal(exists(f, path), part != NULL);
	if (!part)
		return;
	text = read_text(f, path);
	assert_non_null(strstr(text, part));
	free(text);
}

static void assert_active(struct fixture *f, const char *uuid, const char *parent, const char *type)
{
	struct mdev_device *device = NULL;

	assert_int_equal(mdev_device_lookup(f->ctx, UUID(uuid), &device), parent ? 0 : -ENODEV);
	if (parent) {
		assert_string_equal(mdev_device_get_parent(device), parent);
		assert_string_equal(mdev_device_get_type(device), type);
	}
	mdev_device_unref(device);
}

static void a_device_comes_changes_moves_and_goes(void **state)
{
	struct fixture *f = *state;
	struct said said;

	make_machine(f);
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", ",\"start\":\"auto\"")), 0,
				    &said), 0);
	assert_string_equal(said.text, "create/0 ");
	assert_active(f, U1, "p1", "mtty-1");
	assert_defined(f, "p1", U1, "\"owner\": \"me\"");
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-2", ",\"start\":\"auto\"")), 0,
				    &said), 0);
	assert_string_equal(said.text, "change/0 ");
	assert_active(f, U1, "p1", "mtty-2");
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p2", "mtty-2", ",\"start\":\"auto\"")), 0,
				    &said), 0);
	assert_string_equal(said.text, "remove/0 change/0 ");
	assert_active(f, U1, "p2", "mtty-2");
	assert_defined(f, "p1", U1, NULL);
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p2", "mtty-2", ",\"active\":false")), 0,
				    &said), 0);
	assert_active(f, U1, NULL, NULL);
	assert_defined(f, "p2", U1, "manual");
	assert_int_equal(apply_text(f, DOCUMENT(""), 0, &said), 0);
	assert_string_equal(said.text, "remove/0 ");
	assert_defined(f, "p2", U1, NULL);
}

static void a_device_that_fails_is_as_before_and_the_others_go_on(void **state)
{
	struct fixture *f = *state;
	struct said said;

	make_machine(f);
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", ",\"start\":\"auto\","
						   "\"attrs\":[{\"a\":\"1\"}]")), 0, &said), 0);
	f->fail_write = U1 "/b";
	f->fail_error = EIO;
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-2", ",\"start\":\"auto\","
						   "\"attrs\":[{\"a\":\"2\"},{\"b\":\"3\"}]") ","
				    ONE(U2, "p1", "mtty-1", ",\"start\":\"auto\"")), 0, &said),
			 -ECANCELED);
	assert_string_equal(said.text, "change/-5 create/0 ");
	assert_error(f, "1 of the devices is not as described: " U1);
	assert_active(f, U1, "p1", "mtty-1");
	assert_file(f, "sys/devices/virtual/mtty/p1/" U1 "/a", "1\n");
	assert_defined(f, "p1", U1, "\"a\": \"1\"");
	assert_active(f, U2, "p1", "mtty-1");

	/* Attributes of the active device are set back, too. */
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", ",\"start\":\"auto\","
						   "\"attrs\":[{\"a\":\"2\"},{\"b\":\"3\"}]") ","
				    ONE(U2, "p1", "mtty-1", ",\"start\":\"auto\"")), 0, &said),
			 -ECANCELED);
	assert_string_equal(said.text, "change/-5 ");
	assert_file(f, "sys/devices/virtual/mtty/p1/" U1 "/a", "1\n");
	/* A device that is new is gone again. */
	f->fail_write = UA "/a";
	assert_int_equal(apply_text(f, "{\"devices\":[" ONE(UA, "p2", "mtty-1", ",\"start\":\"auto\","
						   "\"attrs\":[{\"a\":\"2\"}]") "]}", 0, &said),
			 -ECANCELED);
	assert_active(f, UA, NULL, NULL);
	assert_defined(f, "p2", UA, NULL);
}

static void what_cannot_be_undone_is_said(void **state)
{
	struct fixture *f = *state;
	struct mdev_document *document;
	struct said said;

	make_machine(f);
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", ",\"start\":\"auto\"")), 0,
				    &said), 0);
	f->fail_write = "/create";
	f->fail_error = EIO;
	document = new_document(f, DOCUMENT(ONE(U1, "p1", "mtty-2", ",\"start\":\"auto\"")));
	fixture_keep_log(f, MDEV_LOG_INFO);
	assert_int_equal(mdev_document_apply(document, 0, NULL, NULL), -ECANCELED);
	assert_non_null(strstr(f->warnings, "; then: failed to undo the step 'stop' on p1: Failed to "
			       "create mdev " U1 ", type mtty-1 on p1"));
	assert_defined(f, "p1", U1, "mtty-1");
	/* The next run makes up for it. */
	f->fail_write = NULL;
	assert_int_equal(mdev_document_apply(document, 0, NULL, NULL), 0);
	assert_active(f, U1, "p1", "mtty-2");
	mdev_document_unref(document);
}

static void devices_of_others_are_left_alone(void **state)
{
	static const char unowned[] = "{\"devices\":[" ONE(U2, "p1", "mtty-1", "") "]}";
	struct fixture *f = *state;
	struct said said;

	make_machine(f);
	make_file(f, DEFS "/p1/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"manual\",\"owner\":\"you\"}");
	make_file(f, DEFS "/p1/" U2, "{\"mdev_type\":\"mtty-1\",\"start\":\"manual\"}");
	make_device(f, "p1", "mtty-1", UA);
	assert_int_equal(apply_text(f, DOCUMENT(""), 0, &said), 0);
	assert_string_equal(said.text, "");
	assert_int_equal(apply_text(f, unowned, 0, &said), 0);
	assert_string_equal(said.text, "");
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", "") ","
						ONE(U2, "p1", "mtty-1", "") ","
						ONE(UA, "p1", "mtty-1", "")), 0, &said), -ECANCELED);
	assert_string_equal(said.text, "conflict/-1 conflict/-1 conflict/-1 ");
	assert_error(f, "3 of the devices are not as described: " U1 ", " U2 ", " UA);
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p2", "mtty-1", "") ","
						ONE(UA, "p2", "mtty-1", ",\"start\":\"auto\"")),
				    0, &said), -ECANCELED);
	assert_string_equal(said.text, "conflict/-1 create/0 ");
	assert_active(f, UA, "p1", "mtty-1");
	assert_defined(f, "p2", UA, NULL);
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", "") ","
						ONE(U2, "p1", "mtty-1", "") ","
						ONE(UA, "p1", "mtty-1", "")), MDEV_OP_ADOPT, &said), 0);
	assert_string_equal(said.text, "change/0 remove/0 change/0 change/0 ");
	assert_defined(f, "p1", U1, "\"owner\": \"me\"");
	assert_defined(f, "p1", UA, "\"owner\": \"me\"");
	/* A document without an owner removes nothing, and has no right to what has one. */
	assert_int_equal(apply_text(f, "{\"devices\":[]}", 0, &said), 0);
	assert_string_equal(said.text, "");
	assert_int_equal(apply_text(f, unowned, 0, &said), -ECANCELED);
	assert_string_equal(said.text, "conflict/-1 ");
}

static void a_definition_that_cannot_be_read_is_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct said said;

	make_machine(f);
	make_file(f, DEFS "/p1/" U1, "nonsense");
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", "")), MDEV_OP_ADOPT, &said),
			 -ECANCELED);
	assert_string_equal(said.text, "conflict/-1 ");
	assert_file(f, DEFS "/p1/" U1, "nonsense");
}

/* Between reading and writing, another process changes a definition. */
static int change_by_another(void *data, const struct mdev_change *change, size_t done, size_t total,
			     int result, const char *error)
{
	struct fixture *f = data;

	(void)change, (void)total, (void)error;
	if (done == 1)
		make_file(f, DEFS "/p1/" UA, "{\"mdev_type\":\"x\",\"start\":\"auto\"}");
	assert_int_equal(result, done == 1 ? 0 : -ESTALE);
	return 0;
}

static void a_definition_that_changes_meanwhile_is_not_touched(void **state)
{
	static const char *const texts[] = {
		DOCUMENT(ONE(U1, "p1", "mtty-1", ",\"attrs\":[{\"a\":\"1\"}]") ","
			 ONE(UA, "p1", "mtty-1", ",\"attrs\":[{\"a\":\"1\"}]")),
		DOCUMENT(ONE(U1, "p1", "mtty-1", ",\"attrs\":[{\"a\":\"2\"}]")),
	};
	struct fixture *f = *state;
	struct mdev_document *document;
	struct said said;

	make_machine(f);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		remove_tree(f, DEFS);
		assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", "") ","
							ONE(UA, "p1", "mtty-1", "")), 0, &said), 0);
		document = new_document(f, texts[i]);
		assert_int_equal(mdev_document_apply(document, 0, change_by_another, f), -ECANCELED);
		mdev_document_unref(document);
		assert_file(f, DEFS "/p1/" UA, "{\"mdev_type\":\"x\",\"start\":\"auto\"}");
	}
}

static int end_it(void *data, const struct mdev_change *change, size_t done, size_t total, int result,
		  const char *error)
{
	(void)data, (void)change, (void)done, (void)total, (void)result, (void)error;
	return 1;
}

static void the_callback_ends_it(void **state)
{
	struct fixture *f = *state;
	struct mdev_document *document;

	make_machine(f);
	document = new_document(f, DOCUMENT(ONE(U1, "p1", "mtty-1", "") "," ONE(U2, "p1", "mtty-1", "")));
	assert_int_equal(mdev_document_apply(document, 0, end_it, NULL), -EINTR);
	assert_defined(f, "p1", U1, "me");
	assert_defined(f, "p1", U2, NULL);
	mdev_document_unref(document);
}

/* Ends the operation while U1 is in the middle of its change. */
static void cancel_at_create(struct fixture *f, const char *path)
{
	if (strcmp(path_base(path), "create") == 0 && strstr(path, "mtty-2"))
		mdev_ctx_cancel(f->ctx);
	model_ports(f, path);
}

static void an_interrupted_change_is_undone(void **state)
{
	struct fixture *f = *state;
	struct said said;

	make_machine(f);
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", ",\"start\":\"auto\"")), 0,
				    &said), 0);
	f->on_write = cancel_at_create;
	f->attrs = NULL;
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-2", ",\"start\":\"auto\","
						   "\"attrs\":[{\"late\":\"1\"}]")), 0, &said),
			 -EINTR);
	assert_active(f, U1, "p1", "mtty-1");
	assert_defined(f, "p1", U1, "mtty-1");
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", ",\"start\":\"auto\"")), 0,
				    &said), 0);
}

/* Full parents: everything has to wait for something else. */
static void instances_go_from_hand_to_hand(void **state)
{
	struct fixture *f = *state;
	struct said said;

	make_machine(f);
	for (size_t i = 0; i < ARRAY_SIZE(parents); i++)
		for (char c = '0'; c < '5'; c++) {
			char uuid[] = "99999999-0000-0000-0000-000000000000";

			uuid[34] += i;
			uuid[35] = c;
			make_device(f, parents[i], "mtty-1", uuid);
			show_instances(f, parents[i], 0);
		}
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p1", "mtty-1", ",\"start\":\"auto\"") ","
						ONE(U2, "p2", "mtty-1", ",\"start\":\"auto\"")),
				    0, &said), 0);
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p2", "mtty-1", ",\"start\":\"auto\"") ","
						ONE(U2, "p1", "mtty-1", ",\"start\":\"auto\"")),
				    0, &said), 0);
	assert_active(f, U1, "p2", "mtty-1");
	assert_active(f, U2, "p1", "mtty-1");
	/* One too many: it is not there at all, and the others are not disturbed. */
	assert_int_equal(apply_text(f, DOCUMENT(ONE(U1, "p2", "mtty-1", ",\"start\":\"auto\"") ","
						ONE(U2, "p1", "mtty-1", ",\"start\":\"auto\"") ","
						ONE(UA, "p1", "mtty-1", ",\"start\":\"auto\"")),
				    0, &said), -ECANCELED);
	assert_string_equal(said.text, "create/-87 ");
	assert_defined(f, "p1", UA, NULL);
}

/* Random states ------------------------------------------------------------------- */

#define STATES 200
#define UUIDS  6
#define SEED   20261129

struct random {
	unsigned int state;
	unsigned int ports[ARRAY_SIZE(parents)];	/* that the state takes */
	struct buffer text;
};

/* The same everywhere: ISO C's example of rand(). */
static unsigned int random_below(struct random *random, unsigned int limit)
{
	random->state = random->state * 1103515245 + 12345;
	return (random->state >> 16) % limit;
}

/* "active" if there are ports for it; where else the UUID is active is known to the caller. */
static bool random_takes(struct random *random, unsigned int parent, unsigned int cost)
{
	/* One port is another's. */
	if (random->ports[parent] + cost > PORTS - 1 || random_below(random, 4) == 0)
		return false;
	random->ports[parent] += cost;
	return true;
}

static void random_device(struct random *random, unsigned int number, unsigned int parent,
			  bool *is_active)
{
	unsigned int type = 1 + random_below(random, 2), attrs = random_below(random, 3);
	bool transient = !*is_active && random_below(random, 6) == 0;
	bool active = !*is_active && random_takes(random, parent, type);

	if (transient && !active)
		return;
	*is_active = *is_active || active;
	buffer_add_format(&random->text, "%s{\"uuid\":\"%08u-0000-0000-0000-000000000000\",\"parent\":"
			  "\"%s\",\"type\":\"mtty-%u\",\"active\":%s", random->text.length > 40 ? "," : "",
			  number, parents[parent], type, active ? "true" : "false");
	if (transient)
		buffer_add_string(&random->text, ",\"defined\":false");
	else if (random_below(random, 2) == 0)
		buffer_add_string(&random->text, ",\"start\":\"auto\"");
	buffer_add_string(&random->text, ",\"attrs\":[");
	for (unsigned int i = 0; i < attrs; i++)
		buffer_add_format(&random->text, "%s{\"%s\":\"%u\"}", i > 0 ? "," : "", attr_files[i],
				  random_below(random, 3));
	buffer_add_string(&random->text, "]}");
}

/* The text of a document that the machine has room for. */
static char *random_document(struct random *random)
{
	char *text;

	memset(random->ports, 0, sizeof(random->ports));
	/* Spaces, so that the first device is known by the length. */
	buffer_add_format(&random->text, "%-40s", "{\"owner\":\"me\",\"devices\":[");
	for (unsigned int i = 0; i < UUIDS; i++) {
		bool is_active = false;

		for (unsigned int k = 0; k < ARRAY_SIZE(parents); k++)
			if (random_below(random, 2) == 0)
				random_device(random, i, k, &is_active);
	}
	buffer_add_string(&random->text, "]}");
	assert_int_equal(buffer_take(&random->text, &text), 0);
	return text;
}

/* What transient devices an earlier document has left is somebody else's now. */
static void stop_transient(struct fixture *f)
{
	struct mdev_device **devices;

	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), 0);
	for (size_t i = 0; devices[i]; i++) {
		const char *uuid = mdev_device_get_uuid(devices[i])->text;
		char path[128];

		snprintf(path, sizeof(path), DEFS "/%s/%s", mdev_device_get_parent(devices[i]), uuid);
		if (*uuid == '0' && !exists(f, path))
			assert_int_equal(mdev_stop(devices[i], 0), 0);
	}
	mdev_device_list_free(devices);
}

static void assert_nothing_to_do(struct mdev_document *document)
{
	struct mdev_change **changes;

	assert_int_equal(mdev_document_plan(document, 0, &changes), 0);
	for (size_t i = 0; changes[i]; i++)
		if (mdev_change_get_action(changes[i]) != MDEV_ACTION_NONE)
			fail_msg("%s on %s: %s: %s", mdev_change_get_uuid(changes[i])->text,
				 mdev_change_get_parent(changes[i]), mdev_change_get_word(changes[i]),
				 mdev_change_get_reason(changes[i]));
	mdev_change_list_free(changes);
}

static void export_changes_nothing(struct fixture *f)
{
	struct mdev_document *exported, *read;
	char *text;

	assert_int_equal(mdev_document_export(f->ctx, 0, &exported), 0);
	assert_int_equal(mdev_document_get_json(exported, &text), 0);
	read = new_document(f, text);
	assert_nothing_to_do(read);
	free(text);
	mdev_document_unref(exported);
	mdev_document_unref(read);
}

static void random_states_are_reached_in_one_run(void **state)
{
	struct random random = { .state = SEED };
	struct fixture *f = *state;
	char *others;

	print_message("# seed %u\n", random.state);
	make_machine(f);
	make_file(f, DEFS "/p1/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"owner\":\"you\"}");
	make_device(f, "p1", "mtty-1", U1);
	make_device(f, "p2", "mtty-1", U2);
	others = read_text(f, DEFS "/p1/" U1);
	for (unsigned int i = 0; i < STATES; i++) {
		char *text = random_document(&random);
		struct mdev_document *document = new_document(f, text);
		struct said said = { "" };

		stop_transient(f);
		if (mdev_document_apply(document, 0, hear, &said) < 0)
			fail_msg("State %u: %s\n%s", i, mdev_ctx_last_error(f->ctx), text);
		assert_nothing_to_do(document);
		said.text[0] = '\0';
		assert_int_equal(mdev_document_apply(document, 0, hear, &said), 0);
		assert_string_equal(said.text, "");
		export_changes_nothing(f);
		assert_file(f, DEFS "/p1/" U1, others);
		assert_active(f, U1, "p1", "mtty-1");
		assert_active(f, U2, "p2", "mtty-1");
		mdev_document_unref(document);
		free(text);
	}
	free(others);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(a_device_comes_changes_moves_and_goes),
		fixture_test(a_device_that_fails_is_as_before_and_the_others_go_on),
		fixture_test(what_cannot_be_undone_is_said),
		fixture_test(devices_of_others_are_left_alone),
		fixture_test(a_definition_that_cannot_be_read_is_a_conflict),
		fixture_test(a_definition_that_changes_meanwhile_is_not_touched),
		fixture_test(the_callback_ends_it),
		fixture_test(an_interrupted_change_is_undone),
		fixture_test(instances_go_from_hand_to_hand),
		fixture_test(random_states_are_reached_in_one_run),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
