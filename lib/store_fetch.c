// SPDX-License-Identifier: LGPL-2.1-or-later
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

#include "store_fetch.h"

/* A thread takes that long to begin as some tens of files take to be read. */
#define WORTH_THREADS 1000
/* Reading is mostly the kernel's work, which does not get faster with many processors. */
#define MAX_THREADS 4
/* Files that are taken at once: enough for threads to meet seldom. */
#define BATCH 16

struct fetch {
	int dir;
	const struct store_entry *entries;
	struct fetched *fetched;
	size_t count;
	size_t next;	/* not taken yet; shared by the threads */
};

void fetched_clear(struct fetched *fetched)
{
	store_result_clear(&fetched->file);
	cfg_clear(&fetched->config);
	free(fetched->problem);
	*fetched = (struct fetched){ 0 };
}

/* Touches nothing but @fetched: neither context nor log. */
static void fetch_one(int dir, const struct store_entry *entry, struct fetched *fetched)
{
	*fetched = (struct fetched){ 0 };
	store_read_quietly(dir, entry, &fetched->file);
	if (fetched->file.r == 0)
		fetched->r = cfg_parse(fetched->file.bytes, fetched->file.length, &fetched->config,
				       &fetched->problem);
}

static void *fetch_work(void *data)
{
	struct fetch *fetch = data;
	size_t i;

	while ((i = __atomic_fetch_add(&fetch->next, BATCH, __ATOMIC_RELAXED)) < fetch->count)
		for (size_t end = i + BATCH; i < end && i < fetch->count; i++)
			fetch_one(fetch->dir, &fetch->entries[i], &fetch->fetched[i]);
	return NULL;
}

static unsigned int fetch_count_threads(size_t count)
{
	unsigned int processors = MAX_THREADS;
	cpu_set_t set;

	if (count < WORTH_THREADS)
		return 1;
	/* It fails where there are more than fit. */
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		processors = CPU_COUNT(&set);
	return processors < MAX_THREADS ? processors : MAX_THREADS;
}

void fetch_definitions(int dir, const struct store_entry *entries, size_t count,
		       struct fetched *fetched)
{
	struct fetch fetch = {
		.dir = dir, .entries = entries, .fetched = fetched, .count = count,
	};
	unsigned int wanted = fetch_count_threads(count) - 1, started = 0;
	pthread_t threads[MAX_THREADS - 1];
	sigset_t all, former;

	/* Signals are for the application's threads. */
	if (wanted > 0) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &former);
		while (started < wanted &&
		       pthread_create(&threads[started], NULL, fetch_work, &fetch) == 0)
			started++;
		pthread_sigmask(SIG_SETMASK, &former, NULL);
	}
	/* This thread, too, and alone if there are no others. */
	fetch_work(&fetch);
	while (started > 0)
		pthread_join(threads[--started], NULL);
}
