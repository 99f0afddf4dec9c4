// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-faults OPERATION ARGUMENT...: does an operation of the mdev core with each of its
 * allocations failing in turn, and says how many there were. Whatever fails, the operation is done
 * or not, never by half, and can be done again.
 *
 *	create TYPE UUID	a device, of a type that is a directory in sysfs
 *	remove TYPE UUID
 *	register PARENT		a parent of mdevtest.ko, a directory in sysfs that has "registered"
 *	unregister PARENT
 *	load FILE		a module
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail-nth.h"

/* What is operated on. */
struct subject {
	const char *path;
	const char *uuid;
	char device[128];
	char listed[512];	/* among the devices of the type */
	char module[64];
	char instances[16];	/* available, before */
	int fd;			/* of what is written or loaded, open already */
};

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	fprintf(stderr, "Error: %s: %s\n", what, why);
	exit(1);
}

static void must(const char *what, int ret)
{
	if (ret)
		die(what, strerror(-ret));
}

static void must_be(const char *path, bool there)
{
	if (!access(path, F_OK) != there)
		die(path, there ? "is not there" : "is there");
}

static int open_below(const char *dir, const char *name, int flags)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		die(path, strerror(errno));
	return fd;
}

static int write_text(int fd, const char *text)
{
	ssize_t count = pwrite(fd, text, strlen(text), 0);

	if (count < 0)
		return -errno;
	return count == (ssize_t)strlen(text) ? 0 : -EIO;
}

static int write_below(const char *dir, const char *name, const char *text)
{
	int fd = open_below(dir, name, O_WRONLY), ret = write_text(fd, text);

	close(fd);
	return ret;
}

static void read_below(const char *dir, const char *name, char *text, size_t size)
{
	int fd = open_below(dir, name, O_RDONLY);
	ssize_t count = read(fd, text, size - 1);

	close(fd);
	if (count < 0)
		die(name, strerror(errno));
	text[count] = '\0';
}

/* Devices ------------------------------------------------------------------------------- */

static void check_instances(const struct subject *subject)
{
	char now[16];

	read_below(subject->path, "available_instances", now, sizeof(now));
	if (strcmp(now, subject->instances))
		die("available_instances", now);
}

static void must_be_absent(const struct subject *subject)
{
	must_be(subject->device, false);
	must_be(subject->listed, false);
	check_instances(subject);
}

static void must_be_whole(const struct subject *subject)
{
	char link[160];

	must_be(subject->listed, true);
	snprintf(link, sizeof(link), "%s/mdev_type", subject->device);
	must_be(link, true);
	snprintf(link, sizeof(link), "%s/driver", subject->device);
	must_be(link, true);
}

static int create(void *data)
{
	struct subject *subject = data;

	return write_text(subject->fd, subject->uuid);
}

static void settle_create(void *data, int result)
{
	struct subject *subject = data;

	if (!result) {
		must_be_whole(subject);
		must("remove", write_below(subject->device, "remove", "1"));
	}
	must_be_absent(subject);
}

static int remove_device(void *data)
{
	return write_text(((struct subject *)data)->fd, "1");
}

static void new_device(struct subject *subject)
{
	must("create", write_below(subject->path, "create", subject->uuid));
	subject->fd = open_below(subject->device, "remove", O_WRONLY);
}

static void settle_remove(void *data, int result)
{
	struct subject *subject = data;

	if (result) {
		must_be_whole(subject);
		must("another remove", remove_device(subject));
	}
	must_be_absent(subject);
	close(subject->fd);
	new_device(subject);
}

static unsigned int fail_create(struct subject *subject)
{
	static const struct fault_test test = { .operate = create, .settle = settle_create };

	subject->fd = open_below(subject->path, "create", O_WRONLY);
	return fail_each(&test, subject);
}

static unsigned int fail_remove(struct subject *subject)
{
	static const struct fault_test test = { .operate = remove_device, .settle = settle_remove };
	unsigned int faults;

	new_device(subject);
	faults = fail_each(&test, subject);
	must("the last remove", remove_device(subject));
	return faults;
}

/* Parents ------------------------------------------------------------------------------- */

static void must_be_registered(const struct subject *subject, bool registered)
{
	char text[16], path[512];

	read_below(subject->path, "registered", text, sizeof(text));
	if ((text[0] == '1') != registered)
		die("registered", text);
	snprintf(path, sizeof(path), "%s/mdev_supported_types", subject->path);
	must_be(path, registered);
	if (!registered) {
		snprintf(path, sizeof(path), "/sys/class/mdev_bus/%s", strrchr(subject->path, '/') + 1);
		must_be(path, false);
	}
}

static int register_parent(void *data)
{
	return write_text(((struct subject *)data)->fd, "1");
}

static int unregister_parent(void *data)
{
	return write_text(((struct subject *)data)->fd, "0");
}

static void settle_register(void *data, int result)
{
	must_be_registered(data, !result);
	must("unregister", unregister_parent(data));
}

static void settle_unregister(void *data, int result)
{
	must_be_registered(data, result);
	must("register", register_parent(data));
}

static unsigned int fail_register(struct subject *subject)
{
	static const struct fault_test test = { .operate = register_parent, .settle = settle_register };
	unsigned int faults;

	subject->fd = open_below(subject->path, "registered", O_RDWR);
	must("unregister", unregister_parent(subject));
	faults = fail_each(&test, subject);
	must("register", register_parent(subject));
	return faults;
}

static unsigned int fail_unregister(struct subject *subject)
{
	static const struct fault_test test = { .operate = unregister_parent, .settle = settle_unregister };

	subject->fd = open_below(subject->path, "registered", O_RDWR);
	return fail_each(&test, subject);
}

/* Modules ------------------------------------------------------------------------------- */

static int load(void *data)
{
	struct subject *subject = data;

	return syscall(SYS_finit_module, subject->fd, "", 0) < 0 ? -errno : 0;
}

/* What our modules make, each by its own name. */
static void must_be_unloaded(const struct subject *subject)
{
	static const char *const places[] = {
		"/sys/module", "/sys/class", "/sys/bus", "/sys/bus/mdev/drivers", "/sys/class/mdev_bus",
	};
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", places[i], subject->module);
		must_be(path, false);
	}
}

static void settle_load(void *data, int result)
{
	struct subject *subject = data;

	if (!result && syscall(SYS_delete_module, subject->module, 0) < 0)
		die("unload", strerror(errno));
	must_be_unloaded(subject);
}

static unsigned int fail_load(struct subject *subject)
{
	/* EINVAL is what the driver core says when it has no memory for a directory. */
	static const struct fault_test test = {
		.operate = load, .settle = settle_load, .other = EINVAL,
	};
	const char *name = strrchr(subject->path, '/');

	snprintf(subject->module, sizeof(subject->module), "%s", name ? name + 1 : subject->path);
	*strchrnul(subject->module, '.') = '\0';
	subject->fd = open(subject->path, O_RDONLY | O_CLOEXEC);
	if (subject->fd < 0)
		die(subject->path, strerror(errno));
	must_be_unloaded(subject);
	return fail_each(&test, subject);
}

static const struct operation {
	const char *name;
	unsigned int (*run)(struct subject *subject);
	bool on_device;
} operations[] = {
	{ "create", fail_create, true },
	{ "remove", fail_remove, true },
	{ "register", fail_register, false },
	{ "unregister", fail_unregister, false },
	{ "load", fail_load, false },
};

static const struct operation *find(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct operation *operation = find(argv[1]);
	struct subject subject = { .path = argv[2], .uuid = argv[3], .fd = -1 };

	if (!operation || argc != (operation->on_device ? 4 : 3)) {
		fprintf(stderr, "Usage: %s create|remove TYPE UUID\n"
			"       %s register|unregister PARENT\n"
			"       %s load FILE\n", argv[0], argv[0], argv[0]);
		return 2;
	}
	if (operation->on_device) {
		snprintf(subject.device, sizeof(subject.device), "/sys/bus/mdev/devices/%s",
			 subject.uuid);
		snprintf(subject.listed, sizeof(subject.listed), "%s/devices/%s", subject.path,
			 subject.uuid);
		read_below(subject.path, "available_instances", subject.instances,
			   sizeof(subject.instances));
	}
	printf("%s: %u allocations\n", operation->name, operation->run(&subject));
	return 0;
}
