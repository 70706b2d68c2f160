/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/record.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/numbers.h"
#include "preload/real.h"
#include "preload/settings.h"

/* Memory is used when touched. */
#define RECORDS_MAX 65536u

/* Of a ring whose size nobody asked for. */
#define AREA_MIN ((size_t)64 << 10)

static struct record *records;
static char *areas;
static size_t area_size;
static uint32_t next_record;

static void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	/* cppcheck-suppress memleak; it is kept until the program ends */
	return memory == MAP_FAILED ? NULL : memory;
}

/* Room for all of them is only numbers; without it hardly anything is lost. */
static void start_areas(void)
{
	area_size = AREA_MIN;
	while (area_size < settings.ring)
		area_size *= 2;
	areas = shared_memory(RECORDS_MAX * area_size);
	if (areas != NULL)
		madvise(areas, RECORDS_MAX * area_size, MADV_DONTDUMP);
}

char *record_area(const struct record *record)
{
	return areas == NULL ? NULL : areas + (size_t)(record - records) * area_size;
}

size_t record_area_size(void)
{
	return area_size;
}

void record_area_clear(const struct record *record)
{
	if (areas != NULL)
		madvise(record_area(record), area_size, MADV_REMOVE);
}

bool records_start(void)
{
	records = shared_memory(RECORDS_MAX * sizeof *records);
	if (records != NULL)
		start_areas();
	return records != NULL;
}

static void init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
}

static bool is_alive(uint32_t pid)
{
	return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

static bool abandoned(const struct record *record)
{
	for (int at = 0; at < RECORD_HOLDERS_MAX; at++)
		if (record->holders[at] != 0 && is_alive(record->holders[at]))
			return false;
	return !record->crowded;
}

static bool take(struct record *record, bool also_abandoned)
{
	uint32_t used = 0;

	if (__atomic_compare_exchange_n(&record->used, &used, 1, false, __ATOMIC_ACQ_REL,
					__ATOMIC_RELAXED))
		return true;
	/* 2: being taken from dead processes, by one at a time. */
	used = 1;
	return also_abandoned && abandoned(record) &&
	       __atomic_compare_exchange_n(&record->used, &used, 2, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

struct record *record_new(void)
{
	for (uint32_t round = 0; round < 2 * RECORDS_MAX && records != NULL; round++) {
		uint32_t at = __atomic_fetch_add(&next_record, 1, __ATOMIC_RELAXED) % RECORDS_MAX;
		struct record *record = &records[at];

		if (!take(record, round >= RECORDS_MAX))
			continue;
		memset((char *)record + sizeof record->used, 0,
		       sizeof *record - sizeof record->used);
		init_lock(&record->out);
		init_lock(&record->in);
		__atomic_store_n(&record->used, 1, __ATOMIC_RELEASE);
		record_hold(record, getpid());
		return record;
	}
	return NULL;
}

void record_hold(struct record *record, pid_t pid)
{
	for (int at = 0; at < RECORD_HOLDERS_MAX; at++) {
		uint32_t old = __atomic_load_n(&record->holders[at], __ATOMIC_RELAXED);

		if (old != 0 && is_alive(old))
			continue;
		if (__atomic_compare_exchange_n(&record->holders[at], &old, (uint32_t)pid, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return;
	}
	__atomic_store_n(&record->crowded, true, __ATOMIC_RELEASE);
}

void record_expect(struct record *record)
{
	__atomic_add_fetch(&record->expected, 1, __ATOMIC_ACQ_REL);
}

void record_expect_no_more(struct record *record)
{
	__atomic_sub_fetch(&record->expected, 1, __ATOMIC_ACQ_REL);
}

void record_drop(struct record *record, pid_t pid)
{
	bool others = __atomic_load_n(&record->crowded, __ATOMIC_ACQUIRE) ||
		      __atomic_load_n(&record->expected, __ATOMIC_ACQUIRE) != 0;

	for (int at = 0; at < RECORD_HOLDERS_MAX; at++) {
		uint32_t holder = (uint32_t)pid;

		if (!__atomic_compare_exchange_n(&record->holders[at], &holder, 0, false,
						 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			others = others || holder != 0;
	}
	if (!others)
		__atomic_store_n(&record->used, 0, __ATOMIC_RELEASE);
}

void record_leave(struct record *record, pid_t pid)
{
	for (int at = 0; at < RECORD_HOLDERS_MAX; at++) {
		uint32_t holder = (uint32_t)pid;

		__atomic_compare_exchange_n(&record->holders[at], &holder, 0, false,
					    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	}
}

bool record_shared(struct record *record, pid_t pid)
{
	for (int at = 0; at < RECORD_HOLDERS_MAX; at++) {
		uint32_t holder = __atomic_load_n(&record->holders[at], __ATOMIC_ACQUIRE);

		if (holder != 0 && holder != (uint32_t)pid && is_alive(holder))
			return true;
	}
	return __atomic_load_n(&record->crowded, __ATOMIC_ACQUIRE) ||
	       __atomic_load_n(&record->expected, __ATOMIC_ACQUIRE) != 0;
}

bool record_sealed(struct record *record)
{
	uint32_t sealed = __atomic_load_n(&record->sealed, __ATOMIC_ACQUIRE);

	return sealed != 0 && is_alive(sealed);
}

void record_lock(pthread_mutex_t *lock)
{
	if (pthread_mutex_lock(lock) == EOWNERDEAD)
		pthread_mutex_consistent(lock);
}

bool record_carried_elsewhere(struct record *record, pid_t pid)
{
	uint32_t carrier = __atomic_load_n(&record->carrier, __ATOMIC_ACQUIRE);

	if (carrier == 0 || carrier == (uint32_t)pid)
		return false;
	if (is_alive(carrier))
		return true;
	__atomic_compare_exchange_n(&record->carrier, &carrier, 0, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_RELAXED);
	return false;
}

static bool is_zombie(uint32_t pid)
{
	char path[32], status[512], *state;
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "/proc/%u/stat", pid);
	fd = number_raise(real.open(path, O_RDONLY | O_CLOEXEC));
	if (fd < 0)
		return false;
	length = real.read(fd, status, sizeof status - 1);
	number_close(fd);
	status[length > 0 ? length : 0] = '\0';
	/* Behind the program's name, which may be anything. */
	state = strrchr(status, ')');
	return state != NULL && (strncmp(state, ") Z", 3) == 0 || strncmp(state, ") X", 3) == 0);
}

bool record_carrier_ended(struct record *record)
{
	uint32_t carrier = __atomic_load_n(&record->carrier, __ATOMIC_ACQUIRE);

	if (carrier == 0 || !is_zombie(carrier))
		return carrier == 0;
	__atomic_compare_exchange_n(&record->carrier, &carrier, 0, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_RELAXED);
	return true;
}

void record_set_carrier(struct record *record, pid_t pid)
{
	__atomic_store_n(&record->carrier, (uint32_t)pid, __ATOMIC_RELEASE);
	__atomic_store_n(&record->wanted, 0, __ATOMIC_RELEASE);
	syscall(SYS_futex, &record->carrier, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

void record_await_carrier(struct record *record, pid_t pid, int timeout)
{
	struct timespec limit = { .tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L };

	syscall(SYS_futex, &record->carrier, FUTEX_WAIT, (uint32_t)pid, &limit, NULL, 0);
}
