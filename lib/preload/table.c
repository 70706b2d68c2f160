/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/table.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>

#include "preload/signals.h"
#include "preload/stream.h"

#define TABLE_SIZE (1 << 20)

static struct stream **table;
static int end;
unsigned table_used = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool table_start(void)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what is in it */
	void *memory = mmap(NULL, TABLE_SIZE * sizeof *table, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	table = memory;
	return true;
}

struct stream *table_get(int fd)
{
	if (fd < 0 || fd >= __atomic_load_n(&end, __ATOMIC_ACQUIRE))
		return NULL;
	return __atomic_load_n(&table[fd], __ATOMIC_ACQUIRE);
}

void table_lock(void)
{
	signals_hold();
	pthread_mutex_lock(&lock);
}

void table_unlock(void)
{
	pthread_mutex_unlock(&lock);
	signals_release();
}

bool table_put(int fd, struct stream *stream)
{
	if (table == NULL || fd < 0 || fd >= TABLE_SIZE || stream->count == STREAM_NUMBERS_MAX)
		return false;
	stream->numbers[stream->count++] = fd;
	__atomic_add_fetch(&table_used, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&table[fd], stream, __ATOMIC_RELEASE);
	if (fd >= end)
		__atomic_store_n(&end, fd + 1, __ATOMIC_RELEASE);
	return true;
}

void table_clear(int fd)
{
	/* Once: a process may be confined while a thread is closing the number. */
	if (__atomic_exchange_n(&table[fd], NULL, __ATOMIC_ACQ_REL) != NULL)
		__atomic_sub_fetch(&table_used, 1, __ATOMIC_RELEASE);
}

static void take_off(struct stream *stream, int fd)
{
	for (unsigned at = 0; at < stream->count; at++)
		if (stream->numbers[at] == fd)
			stream->numbers[at--] = stream->numbers[--stream->count];
	registrations_forget_number(&stream->registrations, fd);
}

struct stream *table_remove(int fd, bool *last)
{
	struct stream *stream = table_get(fd);

	*last = false;
	if (stream == NULL)
		return NULL;
	table_clear(fd);
	take_off(stream, fd);
	*last = stream->count == 0;
	return stream;
}

struct stream *table_retire(int fd, bool *last)
{
	struct stream *stream = table_get(fd);

	*last = false;
	if (stream == NULL || stream->closed)
		return NULL;
	take_off(stream, fd);
	*last = stream->count == 0;
	stream->closed = *last;
	if (!*last)
		table_clear(fd);
	return stream;
}

int table_number(const struct stream *stream, int fd)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): who asks has the stream */
	if (table_get(fd) == stream && !stream->closed)
		return fd;
	table_lock();
	if (stream->count > 0)
		fd = stream->numbers[0];
	else if (stream->closed)
		fd = -1;
	table_unlock();
	return fd;
}

int table_end(void)
{
	return __atomic_load_n(&end, __ATOMIC_ACQUIRE);
}

void table_forked(void)
{
	pthread_mutex_init(&lock, NULL);
	signals_release();
}
