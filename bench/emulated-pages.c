/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Grants: a page's reference is its number in a file that both processes have. */
#include "emulated.h"

#include "fail.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xengnttab.h>

#define PAGE ((size_t)4096)
#define FILE_BYTES ((off_t)1 << 36) /* of which only what is used takes memory */

struct xengntdev_handle {
	int unused;
};

static struct xengntdev_handle the_handle;
static int file = -1;
static _Atomic uint32_t *next_page; /* given out once each: a run is short */

void emulated_pages_create(void)
{
	file = memfd_create("emulated-pages", MFD_CLOEXEC);
	if (file < 0 || ftruncate(file, FILE_BYTES))
		fail_errno("a memfd");
	next_page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (next_page == MAP_FAILED)
		fail_errno("shared memory");
	*next_page = 1; /* to libxenvchan, 0 is none */
}

static void *map_pages(uint32_t first, size_t count)
{
	void *pages = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file,
			   (off_t)first * (off_t)PAGE);

	return pages == MAP_FAILED ? NULL : pages;
}

xengntshr_handle *xengntshr_open(struct xentoollog_logger *logger, unsigned flags)
{
	(void)logger;
	(void)flags;
	return &the_handle;
}

int xengntshr_close(xengntshr_handle *handle)
{
	(void)handle;
	return 0;
}

void *xengntshr_share_pages(xengntshr_handle *handle, uint32_t domain, int count, uint32_t *refs,
			    int writable)
{
	uint32_t first = atomic_fetch_add(next_page, (uint32_t)count);

	(void)handle;
	(void)domain;
	(void)writable;
	for (uint32_t i = 0; i < (uint32_t)count; i++)
		refs[i] = first + i;
	return map_pages(first, (size_t)count);
}

void *xengntshr_share_page_notify(xengntshr_handle *handle, uint32_t domain, uint32_t *ref,
				  int writable, uint32_t notify_offset, evtchn_port_t notify_port)
{
	(void)notify_offset;
	(void)notify_port;
	return xengntshr_share_pages(handle, domain, 1, ref, writable);
}

int xengntshr_unshare(xengntshr_handle *handle, void *pages, uint32_t count)
{
	(void)handle;
	return munmap(pages, count * PAGE);
}

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned flags)
{
	(void)logger;
	(void)flags;
	return &the_handle;
}

int xengnttab_close(xengnttab_handle *handle)
{
	(void)handle;
	return 0;
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *handle, uint32_t count, uint32_t domain,
				      uint32_t *refs, int protection)
{
	(void)handle;
	(void)domain;
	(void)protection;
	for (uint32_t i = 1; i < count; i++) {
		if (refs[i] != refs[0] + i) {
			errno = EINVAL;
			return NULL;
		}
	}
	return map_pages(refs[0], count);
}

void *xengnttab_map_grant_ref_notify(xengnttab_handle *handle, uint32_t domain, uint32_t ref,
				     int protection, uint32_t notify_offset,
				     evtchn_port_t notify_port)
{
	(void)notify_offset;
	(void)notify_port;
	return xengnttab_map_domain_grant_refs(handle, 1, domain, &ref, protection);
}

int xengnttab_unmap(xengnttab_handle *handle, void *pages, uint32_t count)
{
	(void)handle;
	return munmap(pages, count * PAGE);
}
