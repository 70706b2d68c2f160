/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Granted pages: both ways, many, read-only, refused, and still there after ungrant. */
#include "scenarios.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANY_LOCAL 8192u
#define MANY_XEN 600u /* gntalloc's limit is 1024 for the whole guest */
#define REFERENCES_PER_PAGE (PAGE_BYTES / (unsigned)sizeof(uint32_t))

static unsigned char *page_of(void *address, size_t index)
{
	return (unsigned char *)address + index * PAGE_BYTES;
}

static bool all_zero(const unsigned char *bytes, size_t length)
{
	return bytes[0] == 0 && !memcmp(bytes, bytes + 1, length - 1);
}

void pages_both_ways_a(struct side *side)
{
	uint32_t references[2];
	void *address;

	CHECK_RESULT(side->ops->grant(side->platform, side->peer, 2, references, &address), 0);
	CHECK(all_zero(address, 2 * PAGE_BYTES));
	strcpy((char *)page_of(address, 0), "from a");
	say(side, "first", "%u", references[0]);
	say(side, "second", "%u", references[1]);
	meet(side, "answered");
	CHECK(!strcmp((char *)page_of(address, 1) + 100, "from b"));
	side->ops->ungrant(side->platform, address, 2);
	/* The same memory again must come clean. */
	CHECK_RESULT(side->ops->grant(side->platform, side->peer, 2, references, &address), 0);
	CHECK(all_zero(address, 2 * PAGE_BYTES));
	side->ops->ungrant(side->platform, address, 2);
}

void pages_both_ways_b(struct side *side)
{
	uint32_t references[2];
	void *address;

	references[0] = (uint32_t)hear_number(side, "first");
	references[1] = (uint32_t)hear_number(side, "second");
	CHECK_RESULT(side->ops->map(side->platform, side->peer, references, 2, true, &address), 0);
	CHECK(!strcmp((char *)page_of(address, 0), "from a"));
	strcpy((char *)page_of(address, 1) + 100, "from b");
	side->ops->unmap(side->platform, address, 2);
	/* Any order, and the same page twice. */
	references[0] = references[1];
	CHECK_RESULT(side->ops->map(side->platform, side->peer, references, 2, false, &address), 0);
	CHECK(!strcmp((char *)page_of(address, 0) + 100, "from b"));
	CHECK(!strcmp((char *)page_of(address, 1) + 100, "from b"));
	side->ops->unmap(side->platform, address, 2);
	meet(side, "answered");
}

/* -- many: the references of all lie in pages of their own ----------------------------------- */

static size_t many(const struct side *side)
{
	return !strcmp(side->ops->name, "local") ? MANY_LOCAL : MANY_XEN;
}

static size_t index_pages(size_t count)
{
	return (count + REFERENCES_PER_PAGE - 1) / REFERENCES_PER_PAGE;
}

void pages_many_a(struct side *side)
{
	size_t count = many(side), index_count = index_pages(count);
	uint32_t index_references[16];
	void *index, *address;

	CHECK_RESULT(
		side->ops->grant(side->platform, side->peer, index_count, index_references, &index),
		0);
	CHECK_RESULT(side->ops->grant(side->platform, side->peer, count, index, &address), 0);
	for (size_t i = 0; i < count; i++)
		*(uint32_t *)(void *)page_of(address, i) = (uint32_t)i;
	for (size_t i = 0; i < index_count; i++) {
		char word[16] = { 'i', (char)('a' + i) };

		say(side, word, "%u", index_references[i]);
	}
	meet(side, "written");
	for (size_t i = 0; i < count; i++)
		CHECK(*(uint32_t *)(void *)page_of(address, i) == (uint32_t)i + 7);
	side->ops->ungrant(side->platform, address, count);
	side->ops->ungrant(side->platform, index, index_count);
}

void pages_many_b(struct side *side)
{
	size_t count = many(side), index_count = index_pages(count);
	uint32_t index_references[16];
	void *index, *address;

	for (size_t i = 0; i < index_count; i++) {
		char word[16] = { 'i', (char)('a' + i) };

		index_references[i] = (uint32_t)hear_number(side, word);
	}
	CHECK_RESULT(side->ops->map(side->platform, side->peer, index_references, index_count,
				    false, &index),
		     0);
	CHECK_RESULT(side->ops->map(side->platform, side->peer, index, count, true, &address), 0);
	for (size_t i = 0; i < count; i++) {
		CHECK(*(uint32_t *)(void *)page_of(address, i) == (uint32_t)i);
		*(uint32_t *)(void *)page_of(address, i) += 7;
	}
	side->ops->unmap(side->platform, address, count);
	side->ops->unmap(side->platform, index, index_count);
	meet(side, "written");
}

void pages_read_only_a(struct side *side)
{
	uint32_t reference;
	void *address;

	CHECK_RESULT(side->ops->grant(side->platform, side->peer, 1, &reference, &address), 0);
	strcpy(address, "constant");
	say(side, "reference", "%u", reference);
	meet(side, "tried");
	CHECK(!strcmp(address, "constant"));
	side->ops->ungrant(side->platform, address, 1);
}

void pages_read_only_b(struct side *side)
{
	uint32_t reference = (uint32_t)hear_number(side, "reference");
	void *address;
	int ends[2];

	CHECK_RESULT(side->ops->map(side->platform, side->peer, &reference, 1, false, &address), 0);
	CHECK(!strcmp(address, "constant"));
	/* The kernel may write there as little as we. */
	CHECK(pipe(ends) == 0);
	CHECK(write(ends[1], "x", 1) == 1);
	CHECK(read(ends[0], address, 1) == -1 && errno == EFAULT);
	close(ends[0]);
	close(ends[1]);
	side->ops->unmap(side->platform, address, 1);
	meet(side, "tried");
}

/* -- refused -------------------------------------------------------------------------------- */

void pages_refused_a(struct side *side)
{
	uint32_t good, foreign, gone;
	unsigned third = side->self + side->peer + 5;
	void *good_page, *foreign_page, *gone_page;

	if (!side->ops->reaches_itself)
		CHECK_RESULT(side->ops->grant(side->platform, side->self, 1, &good, &good_page),
			     -EINVAL);
	CHECK_RESULT(side->ops->grant(side->platform, DOMAIN_MAX + 1, 1, &good, &good_page),
		     -EINVAL);
	CHECK_RESULT(side->ops->grant(side->platform, side->peer, 0, &good, &good_page), -EINVAL);
	CHECK_RESULT(side->ops->grant(side->platform, side->peer, 1, &good, &good_page), 0);
	CHECK_RESULT(side->ops->grant(side->platform, third, 1, &foreign, &foreign_page), 0);
	CHECK_RESULT(side->ops->grant(side->platform, side->peer, 1, &gone, &gone_page), 0);
	side->ops->ungrant(side->platform, gone_page, 1);
	say(side, "good", "%u", good);
	say(side, "foreign", "%u", foreign);
	say(side, "gone", "%u", gone);
	meet(side, "tried");
	side->ops->ungrant(side->platform, foreign_page, 1);
	side->ops->ungrant(side->platform, good_page, 1);
}

static void check_refused(struct side *side, const uint32_t *references, size_t count)
{
	void *address = NULL;
	int result = side->ops->map(side->platform, side->peer, references, count, false, &address);

	CHECK(result == -EINVAL || result == -EFAULT);
	CHECK(address == NULL);
}

void pages_refused_b(struct side *side)
{
	uint32_t good = (uint32_t)hear_number(side, "good");
	uint32_t foreign = (uint32_t)hear_number(side, "foreign");
	uint32_t gone = (uint32_t)hear_number(side, "gone");
	const uint32_t bad[] = { 0xffffffffu, 0x7fff0001u, good + 5000, foreign, gone };
	void *address;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		check_refused(side, &bad[i], 1);
		check_refused(side, (uint32_t[]){ good, bad[i] }, 2);
		check_refused(side, (uint32_t[]){ bad[i], good }, 2);
	}
	check_refused(side, &good, 0);
	CHECK_RESULT(side->ops->map(side->platform, side->self, &good, 1, false, &address),
		     -EINVAL);
	CHECK_RESULT(side->ops->map(side->platform, side->peer, &good, 1, false, &address), 0);
	side->ops->unmap(side->platform, address, 1);
	meet(side, "tried");
}

void pages_outlive_a(struct side *side)
{
	uint32_t reference;
	void *address;

	CHECK_RESULT(side->ops->grant(side->platform, side->peer, 1, &reference, &address), 0);
	strcpy(address, "last words");
	say(side, "reference", "%u", reference);
	meet(side, "mapped");
	side->ops->ungrant(side->platform, address, 1);
	meet(side, "ungranted");
}

void pages_outlive_b(struct side *side)
{
	uint32_t reference = (uint32_t)hear_number(side, "reference");
	void *address;

	CHECK_RESULT(side->ops->map(side->platform, side->peer, &reference, 1, true, &address), 0);
	meet(side, "mapped");
	meet(side, "ungranted");
	CHECK(!strcmp(address, "last words"));
	strcpy(address, "nobody listens");
	side->ops->unmap(side->platform, address, 1);
}
