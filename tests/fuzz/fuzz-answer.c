// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target: any bytes as what a callout script answers, to "get attributes" or to "get
 * capabilities". What is accepted can be written; a refusal tells why.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/config.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_attrs(const char *text, size_t length)
{
	struct config config = { .type = strdup("type") };
	char *problem = NULL, *written;
	int r = cfg_parse_attrs(text, length, &config, &problem);

	require((r == -EBADMSG) == !!problem);
	require(r == 0 || r == -EBADMSG);
	for (size_t i = 0; i < config.n_attrs; i++)
		require(config.attrs[i].name && config.attrs[i].value);
	require(cfg_format_compact(&config, &written) == 0);
	require(!strchr(written, '\n'));
	free(written);
	free(problem);
	cfg_clear(&config);
}

static void parse_capabilities(const char *text, size_t length)
{
	struct capabilities capabilities = { 0 };
	int r = cfg_parse_capabilities(text, length, &capabilities);

	require(r == 0 || r == 1);
	require(r == 1 || (capabilities.actions.count == 0 && capabilities.events.count == 0));
	capabilities_clear(&capabilities);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse_attrs((const char *)data, size);
	parse_capabilities((const char *)data, size);
	return 0;
}
