// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree.h"

#include <errno.h>
#include <sys/stat.h>

#include "mem.h"

/* FNV-1a: kernfs orders a directory by a hash of the names, so nothing may
 * depend on the order of readdir. */
static uint64_t name_hash(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3;
	return hash;
}

static int order(uint64_t hash, const char *name, const struct node *node)
{
	if (hash != node->hash)
		return hash < node->hash ? -1 : 1;
	return strcmp(name, node->name);
}

/* The place of @name in @dir: that of the child, or where it belongs. */
static size_t place(const struct node *dir, const char *name)
{
	uint64_t hash = name_hash(name);
	size_t low = 0, high = dir->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (order(hash, name, dir->children[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Nodes by number, which none gets that another one had; NULL for those that are gone. */
static struct node **nodes;
static ino_t last_ino;

static struct node *node_new(const char *name, mode_t mode)
{
	struct node *node = mem_zero(sizeof(*node));

	node->name = mem_strdup(name);
	node->hash = name_hash(name);
	node->ino = ++last_ino;
	node->mode = mode;
	nodes = mem_resize(nodes, (node->ino + 1) * sizeof(*nodes));
	nodes[node->ino] = node;
	return node;
}

struct node *node_by_ino(ino_t ino)
{
	return ino > 0 && ino <= last_ino ? nodes[ino] : NULL;
}

static struct node *node_add(struct node *up, const char *name, mode_t mode)
{
	struct node *node = node_new(name, mode);
	size_t at = place(up, name);

	up->children = mem_resize(up->children, (up->count + 1) * sizeof(*up->children));
	memmove(&up->children[at + 1], &up->children[at], (up->count - at) * sizeof(*up->children));
	up->children[at] = node;
	up->count++;
	node->up = up;
	return node;
}

struct node *node_root(void)
{
	return node_new("", S_IFDIR | 0755);
}

struct node *node_dir(struct node *up, const char *name)
{
	return node_add(up, name, S_IFDIR | 0755);
}

struct node *node_file(struct node *up, const char *name, mode_t mode, const char *text)
{
	struct node *node = node_add(up, name, S_IFREG | mode);

	node->text = mem_strdup(text);
	return node;
}

static size_t depth(const struct node *node)
{
	size_t steps = 0;

	for (; node->up; node = node->up)
		steps++;
	return steps;
}

/* As the kernel's: up to the last directory that both are in, and down with the target's name. */
static char *relative_path(const struct node *from, const struct node *to)
{
	const struct node *common = to->up;
	char *path = mem_strdup(""), *longer;

	while (depth(common) > depth(from))
		common = common->up;
	for (; from != common; from = from->up) {
		if (depth(common) == depth(from))
			common = common->up;
		longer = mem_printf("../%s", path);
		free(path);
		path = longer;
	}

	char *down = node_path(to), *base = node_path(common);
	size_t skip = *base ? strlen(base) + 1 : 0;

	longer = mem_printf("%s%s", path, down + skip);
	free(path);
	free(down);
	free(base);
	return longer;
}

struct node *node_link(struct node *up, const char *name, const struct node *target)
{
	struct node *node = node_add(up, name, S_IFLNK | 0777);

	node->text = relative_path(up, target);
	return node;
}

struct node *node_path_dir(struct node *root, const char *path)
{
	char *copy = mem_strdup(path), *rest = copy, *name;
	struct node *dir = root;

	while ((name = strsep(&rest, "/"))) {
		struct node *next = node_child(dir, name);

		dir = next ? next : node_dir(dir, name);
	}
	free(copy);
	return dir;
}

static void node_free(struct node *node)
{
	nodes[node->ino] = NULL;
	for (size_t i = 0; i < node->count; i++)
		node_free(node->children[i]);
	free(node->children);
	free(node->name);
	free(node->text);
	free(node->set);
	free(node);
}

void node_remove(struct node *node)
{
	struct node *up;
	size_t at;

	if (!node)
		return;
	up = node->up;
	if (up) {
		at = place(up, node->name);
		up->count--;
		memmove(&up->children[at], &up->children[at + 1],
			(up->count - at) * sizeof(*up->children));
	}
	node_free(node);
}

struct node *node_child(const struct node *dir, const char *name)
{
	size_t at = place(dir, name);

	if (at < dir->count && !strcmp(dir->children[at]->name, name))
		return dir->children[at];
	return NULL;
}

struct node *node_find(struct node *root, const char *path)
{
	char *copy = mem_strdup(path), *rest = copy, *name;
	struct node *node = root;

	while (node && (name = strsep(&rest, "/")))
		if (*name)
			node = node_child(node, name);
	free(copy);
	return node;
}

char *node_path(const struct node *node)
{
	char *up, *path;

	if (!node->up)
		return mem_strdup("");
	up = node_path(node->up);
	path = mem_printf("%s%s%s", up, *up ? "/" : "", node->name);
	free(up);
	return path;
}

size_t node_count_dirs(const struct node *dir)
{
	size_t dirs = 0;

	for (size_t i = 0; i < dir->count; i++)
		dirs += S_ISDIR(dir->children[i]->mode);
	return dirs;
}

char *node_read(const struct node *file)
{
	if (file->set)
		return mem_strdup(file->set);
	return file->ops && file->ops->show ? file->ops->show(file) : mem_strdup(file->text);
}

void node_keep(struct node *file, const char *bytes, size_t size)
{
	free(file->text);
	file->text =
		mem_printf("%.*s%s", (int)size, bytes, size && bytes[size - 1] == '\n' ? "" : "\n");
}

unsigned int node_wait(const struct node *file, const char *bytes, size_t size)
{
	return file->ops && file->ops->wait ? file->ops->wait(file, bytes, size) : 0;
}

int node_write(struct node *file, const char *bytes, size_t size)
{
	if (file->ops && file->ops->store)
		return file->ops->store(file, bytes, size);
	node_keep(file, bytes, size);
	return 0;
}

int node_open(struct node *file)
{
	return file->ops && file->ops->open ? file->ops->open(file) : 0;
}

void node_close(struct node *file)
{
	if (file->ops && file->ops->close)
		file->ops->close(file);
}
