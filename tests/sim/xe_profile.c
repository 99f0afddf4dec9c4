// SPDX-License-Identifier: LGPL-2.1-or-later
/* The files of the shares, and how a GPU rounds what is written to them. */
#include "xe_profile.h"

#include <errno.h>
#include <stdbool.h>

#include "mem.h"
#include "words.h"

#define MIB 1048576ULL

enum item { ITEM_QUANTUM, ITEM_TIMEOUT, ITEM_PRIORITY, ITEM_QUOTA, ITEMS };

static const char *const item_names[] = {
	"exec_quantum_ms",
	"preempt_timeout_us",
	"sched_priority",
	"vram_quota",
};

static const char *const priorities[] = { "low", "normal", "high" };

/* A file: what of whom it is. */
struct item_file {
	struct xe_profiles *profiles;
	unsigned int owner;
	enum item item;
};

struct owner {
	struct node *dir;
	unsigned long long values[ITEMS];
	struct item_file files[ITEMS];
};

struct xe_profiles {
	struct node *admin;
	unsigned int total;
	unsigned long long memory, multiple;
	struct owner *owners; /* the first one is the physical function */
};

/* The firmware takes the next value that it can have. */
static unsigned long long profiles_round(const struct xe_profiles *profiles,
					 unsigned long long value)
{
	return (value + profiles->multiple - 1) / profiles->multiple * profiles->multiple;
}

/* As the kernel's kstrtoull() with base 0. */
static int parse_value(const char *text, unsigned long long *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return errno ? -ERANGE : *end ? -EINVAL : 0;
}

/* A virtual function cannot have the highest one. */
static int parse_priority(const char *text, unsigned int owner, unsigned long long *value)
{
	for (unsigned int i = 0; i < (owner ? 2 : 3); i++)
		if (!strcmp(text, priorities[i])) {
			*value = i;
			return 0;
		}
	return -EINVAL;
}

static int store_item(struct node *node, const char *bytes, size_t size)
{
	struct item_file *file = node->object;
	char *text = mem_printf("%.*s", (int)size, bytes);
	struct owner *owner = &file->profiles->owners[file->owner];
	unsigned long long value;
	int rc;

	text[strcspn(text, "\n")] = '\0';
	if (file->item == ITEM_PRIORITY)
		rc = parse_priority(text, file->owner, &value);
	else
		rc = parse_value(text, &value);
	free(text);
	if (rc)
		return rc;
	if (file->item == ITEM_QUOTA && value > file->profiles->memory * MIB)
		return -EIO;
	owner->values[file->item] =
		file->item == ITEM_PRIORITY ? value : profiles_round(file->profiles, value);
	return 0;
}

static char *show_priority(unsigned int owner, unsigned long long value)
{
	char *text = mem_strdup("");

	for (unsigned int i = 0; i < (owner ? 2 : 3); i++) {
		bool is_set = i == value;
		char *longer = mem_printf("%s%s%s%s%s", text, i ? " " : "", is_set ? "[" : "",
					  priorities[i], is_set ? "]" : "");

		free(text);
		text = longer;
	}
	return text;
}

static char *show_item(const struct node *node)
{
	const struct item_file *file = node->object;
	unsigned long long value = file->profiles->owners[file->owner].values[file->item];
	char *words, *line;

	if (file->item != ITEM_PRIORITY)
		return mem_printf("%llu\n", value);
	words = show_priority(file->owner, value);
	line = mem_printf("%s\n", words);
	free(words);
	return line;
}

static const struct node_ops item_ops = { .show = show_item, .store = store_item };

static void add_item(struct xe_profiles *profiles, unsigned int owner, enum item item, mode_t mode)
{
	struct node *dir = node_path_dir(profiles->owners[owner].dir, "profile"), *node;
	struct item_file *file = &profiles->owners[owner].files[item];

	*file = (struct item_file){ profiles, owner, item };
	node_remove(node_child(dir, item_names[item]));
	node = node_file(dir, item_names[item], mode, "");
	node->ops = &item_ops;
	node->object = file;
}

/* Only the physical function's priority can be set, and only virtual ones have memory. */
static void add_owner(struct xe_profiles *profiles, unsigned int owner)
{
	char *name = owner ? mem_printf("vf%u", owner) : mem_strdup("pf");

	profiles->owners[owner].dir = node_dir(profiles->admin, name);
	free(name);
	for (unsigned int item = 0; item < ITEMS - !owner; item++)
		add_item(profiles, owner, item, owner && item == ITEM_PRIORITY ? 0444 : 0644);
	if (owner)
		node_file(profiles->owners[owner].dir, "stop", 0200, "");
}

struct xe_profiles *profiles_new(struct node *physical, unsigned int total, unsigned int memory)
{
	struct xe_profiles *profiles = mem_zero(sizeof(*profiles));

	profiles->admin = node_dir(physical, "sriov_admin");
	profiles->total = total;
	profiles->memory = memory;
	profiles->multiple = 1;
	profiles->owners = mem_zero((total + 1) * sizeof(*profiles->owners));
	for (unsigned int i = 0; i <= total; i++)
		add_owner(profiles, i);
	profiles_link(profiles, 0, physical);
	return profiles;
}

void profiles_free(struct xe_profiles *profiles)
{
	free(profiles->owners);
	free(profiles);
}

void profiles_link(struct xe_profiles *profiles, unsigned int number, struct node *function)
{
	node_link(profiles->owners[number].dir, "device", function);
}

void profiles_unlink(struct xe_profiles *profiles, unsigned int number)
{
	node_remove(node_child(profiles->owners[number].dir, "device"));
}

void profiles_provision(struct xe_profiles *profiles, unsigned int count)
{
	for (unsigned int i = 1; i <= profiles->total; i++)
		if (profiles->owners[i].values[ITEM_QUOTA])
			return;
	for (unsigned int i = 1; i <= count; i++)
		profiles->owners[i].values[ITEM_QUOTA] = profiles->memory / count * MIB;
}

void profiles_release(struct xe_profiles *profiles)
{
	for (unsigned int i = 0; i <= profiles->total; i++)
		profiles->owners[i].values[ITEM_QUOTA] = 0;
}

void profiles_reset(struct xe_profiles *profiles)
{
	for (unsigned int i = 0; i <= profiles->total; i++)
		memset(profiles->owners[i].values, 0, sizeof(profiles->owners[i].values));
}

/* Linux 6.19 and integrated GPUs have no vram_quota; some GPUs do not let it be changed. */
static int set_quota(struct xe_profiles *profiles, const char *value)
{
	if (strcmp(value, "rw") && strcmp(value, "ro") && strcmp(value, "none"))
		return -EINVAL;
	for (unsigned int i = 1; i <= profiles->total; i++) {
		struct node *dir = node_path_dir(profiles->owners[i].dir, "profile");

		node_remove(node_child(dir, item_names[ITEM_QUOTA]));
		if (strcmp(value, "none"))
			add_item(profiles, i, ITEM_QUOTA, strcmp(value, "ro") ? 0644 : 0444);
	}
	return 0;
}

static int set_priority(struct xe_profiles *profiles, const char *value)
{
	if (strcmp(value, "rw") && strcmp(value, "ro"))
		return -EINVAL;
	for (unsigned int i = 1; i <= profiles->total; i++)
		add_item(profiles, i, ITEM_PRIORITY, strcmp(value, "ro") ? 0644 : 0444);
	return 0;
}

static int set_multiple(struct xe_profiles *profiles, const char *value)
{
	unsigned int multiple;

	if (word_number(value, 10, &multiple) || !multiple)
		return -EINVAL;
	profiles->multiple = multiple;
	return 0;
}

int profiles_set(struct xe_profiles *profiles, const char *key, const char *value)
{
	if (!strcmp(key, "vram"))
		return set_quota(profiles, value);
	if (!strcmp(key, "priority"))
		return set_priority(profiles, value);
	return strcmp(key, "round") ? -EINVAL : set_multiple(profiles, value);
}
