// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Runs a fuzz target on every file of its corpus, with any compiler: what fuzzing has
 * found stays a test. CORPUS is the directory used when none is named.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX_SIZE	(1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The input is given a block of its own size, so that a sanitizer sees its end. */
static void replay(const char *dir, const char *name)
{
	char path[4096];
	uint8_t *buffer, *input;
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "re");
	buffer = malloc(INPUT_MAX_SIZE);
	if (!file || !buffer) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	size = fread(buffer, 1, INPUT_MAX_SIZE, file);
	fclose(file);

	input = malloc(size ? size : 1);
	if (!input)
		exit(EXIT_FAILURE);
	memcpy(input, buffer, size);
	free(buffer);
	LLVMFuzzerTestOneInput(input, size);
	free(input);
}

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : CORPUS;
	struct dirent **entries;
	int i, count;

	count = scandir(dir, &entries, visible, alphasort);
	if (count < 0) {
		perror(dir);
		return EXIT_FAILURE;
	}
	printf("1..%d\n", count);
	for (i = 0; i < count; i++) {
		fflush(stdout);
		replay(dir, entries[i]->d_name);
		printf("ok %d - %s does no harm\n", i + 1, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
