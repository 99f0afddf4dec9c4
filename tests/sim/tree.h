/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The nodes of the simulated /sys: directories, attribute files and links. */
#ifndef SIM_TREE_H
#define SIM_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct node;

/**
 * struct node_ops - what an attribute file does
 * @show: gives the text that reading returns, to be freed, or NULL and errno; NULL: what is stored
 * @store: takes written bytes; returns 0 or -errno; NULL: keeps them as a line
 * @wait: milliseconds that pass before @store of these bytes is called; NULL: none
 * @open: returns 0 or -errno; NULL: nothing happens
 * @close: each successful @open is followed by one, unless the node has gone; NULL: nothing happens
 *
 * @store may remove the node it is called on.
 */
struct node_ops {
	char *(*show)(const struct node *node);
	int (*store)(struct node *node, const char *bytes, size_t size);
	unsigned int (*wait)(const struct node *node, const char *bytes, size_t size);
	int (*open)(struct node *node);
	void (*close)(struct node *node);
};

struct node {
	struct node *up;
	char *name;
	uint64_t hash; /* of the name: the order of a directory, as in kernfs */
	ino_t ino;
	mode_t mode; /* type and permission bits */
	char *text;  /* target of a link, stored text of a file */
	char *set;   /* what reading returns instead, if a test has set it */
	const struct node_ops *ops;
	void *object; /* the parent, type, device or attribute that the file is of */
	struct node **children;
	size_t count;
};

/* Makers return the node, which belongs to its directory @up. */
struct node *node_root(void);
struct node *node_dir(struct node *up, const char *name);
struct node *node_file(struct node *up, const char *name, mode_t mode, const char *text);
struct node *node_link(struct node *up, const char *name, const struct node *target);

/** node_path_dir() - the directory of that path, made where it is missing */
struct node *node_path_dir(struct node *root, const char *path);

/** node_remove() - take a node with all below it out and free it; accepts NULL */
void node_remove(struct node *node);

/** node_by_ino() - the node of that number, NULL if it is gone; the root's is 1 */
struct node *node_by_ino(ino_t ino);

struct node *node_child(const struct node *dir, const char *name);
struct node *node_find(struct node *root, const char *path);

/** node_path() - the path below the root without a leading slash, to be freed */
char *node_path(const struct node *node);

size_t node_count_dirs(const struct node *dir);

/** node_read() - the text of a file, to be freed; NULL and errno where it cannot be read */
char *node_read(const struct node *file);

/** node_keep() - have reading return these bytes, as a line */
void node_keep(struct node *file, const char *bytes, size_t size);

/** node_wait() - milliseconds that the file takes before it is written */
unsigned int node_wait(const struct node *file, const char *bytes, size_t size);

/** node_write() - 0 or -errno; the node may be gone afterwards */
int node_write(struct node *file, const char *bytes, size_t size);

int node_open(struct node *file);
void node_close(struct node *file);

#endif
