// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "option_table.h"
#include "out.h"
#include "table.h"
#include "util/array.h"
#include "util/buffer.h"

struct show_values {
	struct mdev_uuid uuid;
	const char *parent;
	bool qemu;
	bool iommufd;
	bool libvirt;
	bool json;
};

static const struct cli_option show_options[] = {
	OPTION(show_values, uuid, "u", OPTION_UUID, .required = true, .help = "UUID of the device"),
	OPTION(show_values, parent, "p", OPTION_PARENT,
	       .help = "Only if the device is active on, or defined for, this parent"),
	OPTION(show_values, qemu, NULL, OPTION_FLAG, .excludes = { "libvirt", "json" },
	       .help = "Print the value of QEMU's option -device that attaches it"),
	OPTION(show_values, iommufd, NULL, OPTION_FLAG, .needs = { "qemu" },
	       .help = "Use its VFIO character device, with QEMU's object iommufd0"),
	OPTION(show_values, libvirt, NULL, OPTION_FLAG, .excludes = { "json" },
	       .help = "Print the element of a libvirt domain that attaches it"),
	OPTION(show_values, json, NULL, OPTION_FLAG, .help = "Print JSON"),
	{ 0 }
};

#define SHOW_COLUMNS                                                                           \
	"UUID,PHYSFN,PARENT,NUMA,TYPE,TYPENAME,DESCRIPTION,API,START,ACTIVE,DEFINED,DRIVER," \
	"GROUP,NODE,DEVNODE,ACCESS,PATH,USERS,ATTRS"

/* To attach it --------------------------------------------------------------- */

/* Of QEMU it is the name of a device, of libvirt a model. */
static int show_find_api(const struct item *item, const char **api)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	*api = item->type ? mdev_type_get_device_api(item->type) : NULL;
	if (!*api && !item->device)
		return cli_error("Device %s is not active, and its type, %s, cannot be read on %s",
				 item->uuid->text, item->type_id, item->parent);
	if (!*api)
		return cli_error("Device %s has a type, %s, that cannot be read on %s",
				 item->uuid->text, item->type_id, item->parent);
	if (strncmp(*api, "vfio-", 5) != 0 || (*api)[strspn(*api, letters)] != '\0')
		return cli_error("Device %s is not for VFIO: its device API is '%s'",
				 item->uuid->text, *api);
	return EXIT_SUCCESS;
}

/* The PCI function that the device is; NULL if it is none, or that is not known. */
static const char *show_pci_name(const struct item *item)
{
	if (item->info)
		return mdev_device_info_get_pci_name(item->info);
	/* One that is defined for a virtual function will be that one. */
	return !item->device && item->is_pci && item->function ? item->parent : NULL;
}

/* Whether QEMU is to use the device's own node instead of that of its group. */
static int show_choose_node(const struct show_values *show, const struct item *item, bool *own)
{
	const char *uuid = item->uuid->text;

	if (!item->device)
		return cli_error("Device %s is not active: QEMU can use it once it is started",
				 uuid);
	if (item->info && show_pci_name(item) && !mdev_device_info_get_driver(item->info))
		return cli_error("Device %s cannot be used: no driver is bound to %s", uuid,
				 show_pci_name(item));
	if (!item->info || !mdev_device_info_get_driver(item->info))
		return cli_error("Device %s has no driver: the module vfio_mdev, or that of its "
				 "vendor, is not loaded", uuid);
	*own = show->iommufd || !mdev_device_info_get_group_node(item->info);
	if (*own && !mdev_device_info_get_vfio_node(item->info))
		return cli_error("Device %s has no VFIO character device: the kernel is older "
				 "than Linux 6.6, or built without CONFIG_VFIO_DEVICE_CDEV", uuid);
	return EXIT_SUCCESS;
}

/* QEMU takes a comma for the end of a value, unless there are two. */
static void show_add_value(struct buffer *out, const char *value)
{
	for (; *value; value++)
		buffer_add(out, *value == ',' ? ",," : value, *value == ',' ? 2 : 1);
}

static int show_qemu(const struct show_values *show, const struct item *item)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	const char *pci_name = show_pci_name(item), *api = "vfio-pci";
	bool own = false;
	int r;

	r = pci_name || !item->device ? EXIT_SUCCESS : show_find_api(item, &api);
	if (r == EXIT_SUCCESS)
		r = show_choose_node(show, item, &own);
	if (r != EXIT_SUCCESS)
		return r;
	buffer_add_format(&out, "%s,%s=", api, pci_name ? "host" : "sysfsdev");
	show_add_value(&out, pci_name ? pci_name : mdev_device_info_get_path(item->info));
	if (own)
		buffer_add_string(&out, ",iommufd=iommufd0");
	return cli_written(out.failed ? -ENOMEM : out_print_line(out.text));
}

/*
 * libvirt is not to bind the function to another driver: its vendor's is the one that knows of
 * the type.
 */
static int show_libvirt_pci(const char *name)
{
	unsigned int domain, bus, slot, function;
	_cleanup_buffer_ struct buffer out = { 0 };

	if (sscanf(name, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return cli_error("'%s' is not a PCI address", name);
	buffer_add_format(&out,
			  "<hostdev mode='subsystem' type='pci' managed='no'>\n"
			  "  <source>\n"
			  "    <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
			  "  </source>\n"
			  "</hostdev>\n", domain, bus, slot, function);
	return cli_written(out.failed ? -ENOMEM : out_write(out.text, out.length));
}

static int show_libvirt(const struct item *item)
{
	static const char *const models[] = { "vfio-pci", "vfio-ccw", "vfio-ap" };
	_cleanup_buffer_ struct buffer out = { 0 };
	bool is_known = false;
	const char *pci_name = show_pci_name(item), *api;

	if (pci_name)
		return show_libvirt_pci(pci_name);
	if (item->is_pci && !item->device)
		return cli_error("Device %s is not active: it gets a virtual function of %s when it "
				 "is started", item->uuid->text, item->parent);
	if (show_find_api(item, &api) != EXIT_SUCCESS)
		return EXIT_FAILURE;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		is_known = is_known || strcmp(api, models[i]) == 0;
	if (!is_known)
		return cli_error("libvirt cannot attach device %s: its device API is '%s'",
				 item->uuid->text, api);
	buffer_add_format(&out,
			  "<hostdev mode='subsystem' type='mdev' model='%s'>\n"
			  "  <source>\n"
			  "    <address uuid='%s'/>\n"
			  "  </source>\n"
			  "</hostdev>\n", api, item->uuid->text);
	return cli_written(out.failed ? -ENOMEM : out_write(out.text, out.length));
}

/* ---------------------------------------------------------------------------- */

static int show_describe(const struct show_values *show, const struct inventory *inventory)
{
	struct column_list columns;
	const struct table table = {
		.columns = &columns,
		.items = inventory->items,
		.count = inventory->count,
	};

	if (!column_parse(NULL, SHOW_COLUMNS, ITEM_DEVICE, &columns))
		return EXIT_USAGE;
	return cli_written(show->json ? table_print_item_json(&table) : table_print_item(&table));
}

/* The active device, else the definitions. */
static int show_find(struct cli *cli, struct inventory_request *request,
		     struct inventory *inventory)
{
	int r = inventory_read_devices(cli, request, inventory);

	if (r < 0 || inventory->device_count > 0)
		return r;
	inventory_clear(inventory);
	request->defined = true;
	return inventory_read_devices(cli, request, inventory);
}

static int show_read(struct cli *cli, const struct show_values *show, struct inventory *inventory)
{
	struct inventory_request request = { .uuid = &show->uuid, .parent = show->parent };
	int r;

	if (show_find(cli, &request, inventory) < 0)
		return cli_failed(cli);
	if (inventory->device_count == 0)
		return cli_error("Device %s is neither active nor defined%s%s", show->uuid.text,
				 show->parent ? " on " : "", show->parent ?: "");
	if (inventory->device_count > 1)
		return cli_error("Device %s is defined for several parents: give --parent",
				 show->uuid.text);
	/* Only the types of its own parent are worth reading. */
	request.parent = inventory_get_parent(inventory, 0);
	request.parts = PART_PARENTS | PART_TYPES | PART_INFO;
	if (!show->qemu && !show->libvirt)
		request.parts |= PART_USERS | PART_ATTRS;
	if (inventory_read_parts(cli, &request, inventory) < 0)
		return cli_failed(cli);
	r = inventory_list_devices(inventory);
	return r < 0 ? cli_written(r) : EXIT_SUCCESS;
}

static int show_run(struct cli *cli, const void *values)
{
	const struct show_values *show = values;
	_cleanup_(inventory_clear) struct inventory inventory = { 0 };
	int r;

	r = show_read(cli, show, &inventory);
	if (r != EXIT_SUCCESS)
		return r;
	if (show->qemu)
		return show_qemu(show, inventory.items);
	return show->libvirt ? show_libvirt(inventory.items) : show_describe(show, &inventory);
}

const struct cmd cmd_show = {
	.name = "show",
	.summary = "Show all about one mediated device, or how a virtual machine gets it",
	.options = show_options,
	.values_size = sizeof(struct show_values),
	.run = show_run,
};
