/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Granted pages: gntalloc's on the granter's side, gntdev's on the mapper's. */
#include "platform/xen/xen.h"

#include "base/error.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REQUEST_MAX 65536u /* gntdev takes no more pages at once */

static const char share_limit[] = "/sys/module/xen_gntalloc/parameters/limit";
static const char table_limit[] = "/sys/module/xen_gntdev/parameters/limit";

/* What a module's parameter is set to, for a sentence. */
static void read_parameter(const char *path, char text[24])
{
	int fd = own_descriptor(open(path, O_RDONLY | O_CLOEXEC));
	ssize_t length = fd < 0 ? -1 : read(fd, text, 23);

	close_descriptor(&fd);
	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!*text)
		memcpy(text, "unknown", 8);
}

static int check_count(size_t count)
{
	if (count == 0 || count > REQUEST_MAX)
		return fail(EINVAL, "%zu pages at once; 1 to %u can be", count, REQUEST_MAX);
	return 0;
}

/* A child that held the pages would hide this process's death from the peer; nor may one be forked
 * before this. They may be NULL. */
static void keep_from_children(void *pages, size_t count)
{
	if (pages)
		madvise(pages, count * PAGE_BYTES, MADV_DONTFORK);
}

/* The peer is another domain, and the device that this takes was there when the platform was
 * opened. */
static int check(struct platform *platform, unsigned domain, bool opened, const char *device)
{
	int result = xen_check_peer(platform, domain);

	if (result == 0 && !opened)
		result = fail(
			ENODEV,
			"/dev/xen/%s is missing or closed to this user; modprobe xen-%s, as root",
			device, device);
	return result;
}

static int check_grant(struct platform *platform, unsigned domain)
{
	return check(platform, domain, xen_of(platform)->share != NULL, "gntalloc");
}

static int check_map(struct platform *platform, unsigned domain)
{
	return check(platform, domain, xen_of(platform)->table != NULL, "gntdev");
}

/* -- granting ------------------------------------------------------------------------------- */

static int grant_failed(int error, size_t count, unsigned domain)
{
	char limit[24];

	read_parameter(share_limit, limit);
	if (error == ENOSPC)
		return fail(ENOSPC,
			    "cannot grant %zu pages to domain %u: the limit for all processes of "
			    "this domain, %s (now %s), is reached; root can raise it",
			    count, domain, share_limit, limit);
	return fail(error, "cannot grant %zu pages to domain %u: %s", count, domain,
		    strerror(error));
}

int xen_grant(struct platform *platform, unsigned domain, size_t count, uint32_t *references,
	      void **address)
{
	int result = check_grant(platform, domain);
	void *pages;

	if (result >= 0)
		result = check_count(count);
	if (result < 0)
		return result;
	fork_hold();
	pages = xengntshr_share_pages(xen_of(platform)->share, domain, (int)count, references, 1);
	keep_from_children(pages, count);
	fork_release();
	if (!pages)
		return grant_failed(errno, count, domain);
	*address = pages;
	return 0;
}

int xen_grant_beside(struct platform *platform, const void *control, unsigned domain, size_t count,
		     uint32_t *references, void **address)
{
	(void)control;
	return xen_grant(platform, domain, count, references, address);
}

int xen_grant_control(struct platform *platform, unsigned domain, size_t offset,
		      struct channel *channel, uint32_t *reference, void **address)
{
	int result = check_grant(platform, domain);
	void *page;

	if (result < 0)
		return result;
	fork_hold();
	page = xengntshr_share_page_notify(xen_of(platform)->share, domain, reference, 1,
					   (uint32_t)offset, xen_channel_port(channel));
	keep_from_children(page, 1);
	fork_release();
	if (!page)
		return grant_failed(errno, 1, domain);
	*address = page;
	return 0;
}

void xen_ungrant(struct platform *platform, void *address, size_t count)
{
	xengntshr_unshare(xen_of(platform)->share, address, (uint32_t)count);
}

/* -- mapping -------------------------------------------------------------------------------- */

/* Xen answers most bad references with EINVAL; some come out as other numbers, and are no less the
 * peer's. */
static int map_failed(int error, size_t count, unsigned domain)
{
	char limit[24];

	if (error == EMFILE || error == ENFILE)
		return fail(error, "cannot map %zu pages of domain %u: %s", count, domain,
			    strerror(error));
	if (error == ENOMEM || error == ENOSPC) {
		read_parameter(table_limit, limit);
		return fail(error,
			    "cannot map %zu pages of domain %u: %s; the limit of one request is %s "
			    "(now %s)",
			    count, domain, strerror(error), table_limit, limit);
	}
	return fail(
		error == EFAULT ? EFAULT : EINVAL,
		"cannot map %zu pages: domain %u has not granted all of them to this domain (%s)",
		count, domain, strerror(error));
}

/* The library's argument lacks a const. */
static uint32_t *unconst(const uint32_t *references)
{
	return (uint32_t *)(uintptr_t)references;
}

int xen_map(struct platform *platform, unsigned domain, const uint32_t *references, size_t count,
	    bool writable, void **address)
{
	int result = check_map(platform, domain);
	void *pages;

	if (result >= 0)
		result = check_count(count);
	if (result < 0)
		return result;
	fork_hold();
	pages = xengnttab_map_domain_grant_refs(xen_of(platform)->table, (uint32_t)count, domain,
						unconst(references),
						PROT_READ | (writable ? PROT_WRITE : 0));
	keep_from_children(pages, count);
	fork_release();
	if (!pages)
		return map_failed(errno, count, domain);
	*address = pages;
	return 0;
}

int xen_map_beside(struct platform *platform, const void *control, unsigned domain,
		   const uint32_t *references, size_t count, bool writable, void **address)
{
	(void)control;
	return xen_map(platform, domain, references, count, writable, address);
}

int xen_map_control(struct platform *platform, unsigned domain, uint32_t reference, size_t offset,
		    struct channel *channel, void **address)
{
	int result = check_map(platform, domain);
	void *page;

	if (result < 0)
		return result;
	fork_hold();
	page = xengnttab_map_grant_ref_notify(xen_of(platform)->table, domain, reference,
					      PROT_READ | PROT_WRITE, (uint32_t)offset,
					      xen_channel_port(channel));
	keep_from_children(page, 1);
	fork_release();
	if (!page)
		return map_failed(errno, 1, domain);
	*address = page;
	return 0;
}

void xen_unmap(struct platform *platform, void *address, size_t count)
{
	xengnttab_unmap(xen_of(platform)->table, address, (uint32_t)count);
}
