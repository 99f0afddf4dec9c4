// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "resemble.h"

/* PCI addresses ---------------------------------------------------------------- */

struct pci_address {
	unsigned long domain, bus, device, function;
	bool has_domain, has_function;
};

/* A number of hexadecimal digits, and how many of them there are. */
struct group {
	unsigned long value;
	size_t digits;
};

#define MAX_GROUPS 4

/*
 * Groups of hexadecimal digits with single separators between them. A dot stands for a colon in
 * many notes, libvirt makes underscores and Kubernetes dashes of both. Return: 0 if it is not so.
 */
static size_t pci_split(const char *text, struct group groups[MAX_GROUPS])
{
	for (size_t count = 0; count < MAX_GROUPS; text++) {
		struct group *group = &groups[count++];

		*group = (struct group){ 0 };
		for (; isxdigit((unsigned char)*text) && group->digits < 8; text++) {
			int c = tolower((unsigned char)*text);

			group->value = group->value << 4 | (c > '9' ? c - 'a' + 10 : c - '0');
			group->digits++;
		}
		if (group->digits == 0)
			return 0;
		if (!*text)
			return count;
		if (!strchr(":._-", *text))
			return 0;
	}
	return 0;
}

static const char *pci_skip_prefix(const char *text)
{
	return strncasecmp(text, "pci_", 4) == 0 ? text + 4 : text;
}

static bool pci_parse(const char *text, struct pci_address *address)
{
	struct group groups[MAX_GROUPS], *next = groups;
	size_t count = pci_split(pci_skip_prefix(text), groups);

	if (count < 2)
		return false;
	*address = (struct pci_address){ 0 };
	address->has_domain = count == 4 || (count == 3 && groups[0].digits >= 4);
	address->has_function = count == 4 || (count == 3 && !address->has_domain);
	if (address->has_domain) {
		if (next->digits < 4)
			return false;
		address->domain = next++->value;
	}
	if (next[0].digits != 2 || next[1].digits != 2)
		return false;
	address->bus = next[0].value;
	address->device = next[1].value;
	if (address->has_function) {
		if (next[2].digits != 1)
			return false;
		address->function = next[2].value;
	}
	return address->device <= 0x1f && address->function <= 7;
}

bool resemble_pci_name(const char *spelling, char name[PCI_NAME_SIZE])
{
	struct pci_address address;

	if (!pci_parse(spelling, &address))
		return false;
	snprintf(name, PCI_NAME_SIZE, "%04lx:%02lx:%02lx.%lx", address.domain & 0xffffffff,
		 address.bus & 0xff, address.device & 0x1f, address.function & 7);
	return true;
}

/* A part that is left out may be anything, but is most probably 0. */
static unsigned int pci_resembles(const char *name, const char *wanted)
{
	struct pci_address is, asked;
	char own_name[PCI_NAME_SIZE];

	if (!resemble_pci_name(name, own_name) || strcmp(own_name, name) != 0 ||
	    !pci_parse(name, &is) || !pci_parse(wanted, &asked))
		return 0;
	if (is.bus != asked.bus || is.device != asked.device)
		return 0;
	if (is.domain == asked.domain && is.function == asked.function)
		return 3;
	if ((is.domain != asked.domain && asked.has_domain) ||
	    (is.function != asked.function && asked.has_function))
		return 0;
	return is.domain == asked.domain ? 2 : 1;
}

/* Parents ------------------------------------------------------------------------ */

/* libvirt's names of node devices: the bus, and underscores for all that is no letter or digit. */
static bool is_nodedev(const char *name, const char *wanted)
{
	static const char *const prefixes[] = { "pci_", "css_", "ap_" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (strncmp(wanted, prefixes[i], strlen(prefixes[i])) == 0) {
			wanted += strlen(prefixes[i]);
			for (; *name && *wanted; name++, wanted++)
				if (*wanted != (isalnum((unsigned char)*name) ? *name : '_'))
					return false;
			return !*name && !*wanted;
		}
	return false;
}

unsigned int resemble_parent(const char *name, const char *wanted)
{
	if (strcasecmp(name, wanted) == 0 || is_nodedev(name, wanted))
		return 4;
	return pci_resembles(name, wanted);
}

/* Types ---------------------------------------------------------------------------- */

/* The letters and digits of a name, lower case, without a vendor's word at its start. */
struct letters {
	char text[128];
	bool starts[128];	/* whether a word starts here */
};

static size_t vendor_length(const char *name)
{
	static const char *const vendors[] = { "nvidia", "grid" };

	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++) {
		size_t length = strlen(vendors[i]);

		if (strncasecmp(name, vendors[i], length) == 0 && name[length] &&
		    !isalnum((unsigned char)name[length]))
			return length;
	}
	return 0;
}

static void letters_of(const char *name, struct letters *letters)
{
	bool starts = true;
	size_t count = 0;

	for (name += vendor_length(name); *name && count < sizeof(letters->text) - 1; name++) {
		if (!isalnum((unsigned char)*name)) {
			starts = true;
			continue;
		}
		letters->starts[count] = starts;
		letters->text[count++] = tolower((unsigned char)*name);
		starts = false;
	}
	letters->text[count] = '\0';
}

/* Whether @part begins with one of the words of @whole and continues like @whole. */
static bool letters_have(const struct letters *whole, const struct letters *part, bool to_end)
{
	size_t length = strlen(part->text);

	for (size_t i = 0; whole->text[i]; i++) {
		if (!whole->starts[i] || strncmp(whole->text + i, part->text, length) != 0)
			continue;
		if (!to_end || !whole->text[i + length] || whole->starts[i + length])
			return true;
	}
	return false;
}

/* A part of the name may be missing; an addition must be a whole word. */
static unsigned int letters_resemble(const char *name, const char *wanted)
{
	struct letters is, asked;

	letters_of(name, &is);
	letters_of(wanted, &asked);
	if (!is.text[0] || !asked.text[0])
		return 0;
	if (strcmp(is.text, asked.text) == 0)
		return 2;
	return letters_have(&is, &asked, false) || letters_have(&asked, &is, true);
}

unsigned int resemble_type(const char *id, const char *name, const char *wanted)
{
	unsigned int by_id = letters_resemble(id, wanted);
	unsigned int by_name = name ? letters_resemble(name, wanted) : 0;

	return by_id > by_name ? by_id : by_name;
}
