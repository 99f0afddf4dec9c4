/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Roots for measurements: what sysfs and mdevctl show, as files of a tmpfs, which is no slower. */
#ifndef TESTS_BENCH_TREE_H
#define TESTS_BENCH_TREE_H

#define TREE_PARENTS "sys/devices/virtual/mtty"
#define TREE_PARENT  TREE_PARENTS "/mtty"
#define TREE_TYPES   TREE_PARENT "/mdev_supported_types"
#define TREE_BUS     "sys/bus/mdev/devices"
#define TREE_DEFS    "etc/mdevctl.d/mtty"
#define TREE_SCRIPTS "usr/lib/mdevctl/scripts.d/callouts"

#define TREE_UUID_SIZE 37

/* What is in a root; its parent has two types, others ten. */
struct tree {
	unsigned int devices, definitions, parents;
	int has_script;	/* a callout script that is for no type */
	int apart;	/* the definitions are of no device, and nothing wants them active */
};

/* Ends the program with @what if @condition is false. */
void require(int condition, const char *what);

/* The same names in every run, in no order. */
void tree_uuid(char uuid[TREE_UUID_SIZE], unsigned int number);

/* Makes a root in a new directory of /dev/shm, whose name @path gets. */
#define TREE_PATH "/dev/shm/libmdev-bench-XXXXXX"
void tree_make(const struct tree *tree, char path[sizeof(TREE_PATH)]);
void tree_remove(const char *path);

/* Makes the definition of a UUID again. */
void tree_define(const char *path, const char *uuid);

#endif
