/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inspect/sockets.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "inspect/holders.h"
#include "inspect/memory.h"
#include "platform/platform.h"

#define FIELDS_MOST 64u
#define SLOTS_MOST 65536u
#define SOCKETS_MOST 65536u /* of a process */
#define REGISTRIES_MOST 16u /* of a process: a program's own, and one of what is loaded into it */

/* What is wanted, and of whom. */
struct look {
	const struct platform *platform;
	bool all;
	struct sockets *sockets;
	const struct holder *holder;
	int memory_fd;
	unsigned registries; /* of this process, good or bad */
	size_t most;         /* sockets with those of this process */
	int error;
};

/* One registry, copied. */
struct copy {
	struct registry head;
	struct registry_field fields[REGISTRY_KINDS][FIELDS_MOST];
	uint32_t generation;
	struct registry_slot *slots;
};

static bool copy_fields(int memory_fd, struct copy *copy)
{
	for (int kind = 0; kind < REGISTRY_KINDS; kind++) {
		uint32_t count = copy->head.field_count[kind];

		if (count > FIELDS_MOST || copy->head.object_bytes[kind] > REGISTRY_OBJECT_MAX ||
		    !memory_read(memory_fd, (uintptr_t)copy->head.fields[kind], copy->fields[kind],
				 count * sizeof copy->fields[kind][0]))
			return false;
	}
	return true;
}

static bool copy_slots(int memory_fd, struct copy *copy)
{
	size_t size = copy->head.slot_count * sizeof *copy->slots;

	copy->slots = malloc(size);
	return copy->slots != NULL &&
	       memory_read(memory_fd, (uintptr_t)copy->head.slots, copy->slots, size);
}

static bool copy_registry(int memory_fd, uint64_t address, struct copy *copy)
{
	if (!memory_read(memory_fd, address, &copy->head, sizeof copy->head) ||
	    copy->head.bytes < sizeof copy->head ||
	    copy->head.slot_bytes != sizeof(struct registry_slot) || copy->head.slot_count == 0 ||
	    copy->head.slot_count > SLOTS_MOST)
		return false;
	return memory_read(memory_fd, (uintptr_t)copy->head.generation, &copy->generation,
			   sizeof copy->generation) &&
	       copy_fields(memory_fd, copy) && copy_slots(memory_fd, copy);
}

static const struct registry_field *field_of(const struct copy *copy, unsigned kind, unsigned field)
{
	const struct registry_field *at = &copy->fields[kind][field];

	if (field >= copy->head.field_count[kind] || at->size > copy->head.object_bytes[kind] ||
	    at->offset > copy->head.object_bytes[kind] - at->size)
		return NULL;
	return at;
}

static uint64_t number_of(const struct registry_field *field, const char *object)
{
	uint64_t value = 0;

	if (field != NULL && field->size <= sizeof value)
		memcpy(&value, object + field->offset, field->size);
	return value;
}

static void counters_of(const struct registry_field *field, const char *object,
			uint64_t counters[REFUSAL_CAUSES])
{
	size_t most = REFUSAL_CAUSES * sizeof counters[0];

	if (field != NULL)
		memcpy(counters, object + field->offset, field->size < most ? field->size : most);
}

static void text_of(const struct registry_field *field, const char *object, char *text, size_t size)
{
	size_t length = 0;

	if (field != NULL)
		while (length < size - 1 && length < field->size && object[field->offset + length])
			length++;
	for (size_t at = 0; at < length; at++) {
		char letter = object[field->offset + at];

		text[at] = isalnum((unsigned char)letter) || letter == '-' || letter == '_' ? letter
											    : '?';
	}
	text[length] = '\0';
}

_Static_assert((int)LISTENER_FIELDS <= (int)CONNECTION_FIELDS, "room for both");

static void describe(const struct copy *copy, unsigned kind, const char *object,
		     struct socket_view *view)
{
	unsigned fields = kind == REGISTRY_LISTENER ? LISTENER_FIELDS : CONNECTION_FIELDS;
	unsigned service = kind == REGISTRY_LISTENER ? LISTENER_SERVICE : CONNECTION_SERVICE;

	for (unsigned field = 0; field < fields; field++)
		view->field[field] = number_of(field_of(copy, kind, field), object);
	if (kind == REGISTRY_LISTENER)
		counters_of(field_of(copy, kind, LISTENER_REFUSED_BY), object, view->refused_by);
	text_of(field_of(copy, kind, service), object, view->service, sizeof view->service);
}

static struct socket_view *add(struct sockets *sockets)
{
	if (sockets->count == sockets->room) {
		size_t room = sockets->room * 2 + 16;
		struct socket_view *view = realloc(sockets->view, room * sizeof *view);

		if (view == NULL)
			return NULL;
		sockets->view = view;
		sockets->room = room;
	}
	return &sockets->view[sockets->count];
}

static bool is_wanted(const struct look *look, const struct copy *copy,
		      const struct registry_slot *slot)
{
	return slot->serial != 0 && slot->object != 0 && slot->kind < REGISTRY_KINDS &&
	       slot->generation == copy->generation &&
	       !strncmp(slot->platform, look->platform->ops->name, sizeof slot->platform) &&
	       (look->all || slot->domain == look->platform->self);
}

/* The slot is looked at again afterwards: the object may have gone, and something else come to its
 * place, meanwhile. */
static bool take(struct look *look, struct copy *copy, size_t at, struct socket_view *view)
{
	const struct registry_slot *slot = &copy->slots[at];
	struct registry_slot again;
	char object[REGISTRY_OBJECT_MAX];

	*view = (struct socket_view){ .process = look->holder->process,
				      .serial = slot->serial,
				      .domain = slot->domain,
				      .kind = slot->kind };
	memcpy(view->command, look->holder->command, sizeof view->command);
	if (!memory_read(look->memory_fd, slot->object, object,
			 copy->head.object_bytes[slot->kind]) ||
	    !memory_read(look->memory_fd, (uintptr_t)(copy->head.slots + at), &again,
			 sizeof again) ||
	    memcmp(slot, &again, sizeof again) != 0)
		return false;
	describe(copy, slot->kind, object, view);
	return true;
}

static bool look_at_registry(uint64_t address, void *context)
{
	struct look *look = context;
	struct copy copy = { 0 };

	if (copy_registry(look->memory_fd, address, &copy)) {
		look->sockets->unlisted += copy.head.unlisted;
		for (size_t at = 0; at < copy.head.slot_count && look->error == 0; at++) {
			struct socket_view *view;

			if (!is_wanted(look, &copy, &copy.slots[at]))
				continue;
			if (look->sockets->count == look->most) {
				look->sockets->unlisted++;
				continue;
			}
			view = add(look->sockets);
			if (view == NULL)
				look->error = fail(ENOMEM, "no memory for so many sockets");
			else if (take(look, &copy, at, view))
				look->sockets->count++;
		}
	}
	free(copy.slots);
	return look->error == 0 && ++look->registries < REGISTRIES_MOST;
}

static bool look_at_holder(const struct holder *holder, void *context)
{
	struct look *look = context;

	look->holder = holder;
	look->registries = 0;
	look->most = look->sockets->count + SOCKETS_MOST;
	look->memory_fd = memory_open(holder);
	if (look->memory_fd < 0 ||
	    !memory_search(holder, look->memory_fd, REGISTRY_MAGIC, look_at_registry, look))
		look->sockets->refused++;
	if (look->memory_fd >= 0)
		close(look->memory_fd);
	return look->error == 0;
}

static int by_process_and_age(const void *one, const void *other)
{
	const struct socket_view *first = one, *second = other;

	if (first->process != second->process)
		return first->process < second->process ? -1 : 1;
	return first->serial < second->serial ? -1 : first->serial > second->serial;
}

int sockets_collect(const struct platform *platform, bool all, struct sockets *sockets)
{
	struct look look = { .platform = platform, .all = all, .sockets = sockets };
	int error;

	sockets_clear(sockets);
	error = holders_find(platform, all, look_at_holder, &look, &sockets->hidden);
	if (sockets->count > 0)
		qsort(sockets->view, sockets->count, sizeof *sockets->view, by_process_and_age);
	return error != 0 ? error : look.error;
}

const struct socket_view *sockets_find(const struct sockets *sockets,
				       const struct socket_view *like)
{
	if (sockets->count == 0)
		return NULL;
	return bsearch(like, sockets->view, sockets->count, sizeof *like, by_process_and_age);
}

void sockets_clear(struct sockets *sockets)
{
	free(sockets->view);
	*sockets = (struct sockets){ 0 };
}
