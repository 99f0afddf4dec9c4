/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A root directory of one test's own, a context on it, and a small kernel: writing
 * to "create" and "remove" makes devices come and go as the mdev core does.
 */
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../lib/ctx.h"
#include "../../lib/sysfs.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/text.h"

#define U1 "11111111-1111-1111-1111-111111111111"
#define U2 "22222222-2222-2222-2222-222222222222"
#define UA "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"

/* The UUID that a text in any form says, until the end of the block; NULL for NULL. */
#define UUID(text) uuid_of(text, &(struct mdev_uuid){ "" })
const struct mdev_uuid *uuid_of(const char *text, struct mdev_uuid *uuid);

#define MTTY "sys/devices/virtual/mtty/mtty"
#define DEFS "etc/mdevctl.d"

struct fixture {
	char root[64];
	struct mdev_ctx *ctx;
	char warnings[8192];	/* log records up to warnings, a line each */

	/* Orders to the small kernel; 0 or NULL for none. */
	const char *fail_write;	/* end of the path of which a write fails ... */
	int fail_error;		/* ... with this errno */
	void (*on_write)(struct fixture *f, const char *path);	/* before a write is carried out */
	unsigned int sleeps;	/* how often the library has waited */
	void (*on_sleep)(struct fixture *f);
	const char *const *attrs; /* files that a created device gets, ended by NULL */
	char created[512];	/* path of the device created last */
	char written[4096];	/* what was written: "<last component>=<bytes>;" each */
};

/* cmocka set-up and tear-down; *state is the fixture. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* Records up to another level than warnings. */
void fixture_keep_log(struct fixture *f, enum mdev_log_level level);

#define fixture_test(function) \
	cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

/* Paths are below the root. Directories above are made. */
void make_dir(struct fixture *f, const char *path);
void make_file(struct fixture *f, const char *path, const char *text);
void make_link(struct fixture *f, const char *path, const char *target);
void remove_tree(struct fixture *f, const char *path);
bool exists(struct fixture *f, const char *path);
char *read_text(struct fixture *f, const char *path);
void assert_file(struct fixture *f, const char *path, const char *text);

/* A parent "mtty" in class/mdev_bus, and its types. */
void make_parent(struct fixture *f, const char *name);
void make_type(struct fixture *f, const char *parent, const char *id, const char *instances);
/* A device as the kernel shows it. */
void make_device(struct fixture *f, const char *parent, const char *type, const char *uuid);
/* And that it has gone, if it was there. */
void remove_device(struct fixture *f, const char *parent, const char *uuid);
/* A device of mtty with its driver: group 12, device vfio3, which has no node. */
void bind_to_vfio(struct fixture *f, const char *uuid);
/* A process with one open file besides /dev/null. */
void make_process(struct fixture *f, const char *pid, const char *command, const char *file);
/* A stored definition with a type and nothing else. */
void make_definition(struct fixture *f, const char *parent, const char *file);

/* A definition object with parent and type, and NULL-terminated names and values of attributes. */
struct mdev_definition *new_definition(struct fixture *f, const char *uuid, const char *parent,
				       const char *type, ...);

/* Not so under valgrind before 3.21, which knows no pidfd_open(). */
bool scripts_can_run(void);

void assert_error(struct fixture *f, const char *text);
void assert_error_has(struct fixture *f, const char *part);

#endif
