/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "role.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

#define PORT 7711u

enum { OPTION_LISTENER = 512, OPTION_CONNECTOR };

static const struct argp_option options[] = {
	{ "end", 'e', "WHICH", 0, "This one: listens (and receives, or answers) or connects", 0 },
	{ "listener", OPTION_LISTENER, "DOMAIN@ADDRESS", 0, "Where the end that listens is", 0 },
	{ "connector", OPTION_CONNECTOR, "DOMAIN@ADDRESS", 0, "Where the other is", 0 },
	{ 0 }
};

static struct home home(struct argp_state *state, const char *text)
{
	unsigned domain;
	int length = 0;

	if (sscanf(text, "%u@%n", &domain, &length) != 1 || length == 0 || !text[length])
		argp_error(state, "\"%s\" is not like 3@10.0.0.3", text);
	return (struct home){ domain, text + length };
}

static void conclude(struct role *role, struct argp_state *state)
{
	if ((int)role->side < 0)
		argp_error(state, "--end is missing");
	if (!role->plan.home[SIDE_LISTENS].address || !role->plan.home[SIDE_CONNECTS].address)
		argp_error(state, "--listener and --connector are needed");
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct role *role = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &role->plan;
		return 0;
	case 'e':
		if (strcmp(text, "listens") && strcmp(text, "connects"))
			argp_error(state, "--end cannot be \"%s\"", text);
		role->side = strcmp(text, "listens") ? SIDE_CONNECTS : SIDE_LISTENS;
		return 0;
	case OPTION_LISTENER:
		role->plan.home[SIDE_LISTENS] = home(state, text);
		return 0;
	case OPTION_CONNECTOR:
		role->plan.home[SIDE_CONNECTS] = home(state, text);
		return 0;
	case ARGP_KEY_END:
		conclude(role, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

struct role role_from_arguments(int argc, char **argv)
{
	static const struct argp_child children[] = { { &plan_parser, 0, "What is measured", 1 },
						      { 0 } };
	static const struct argp parser = {
		.options = options,
		.parser = parse,
		.children = children,
		.doc = "One end of a measurement between two Xen domains. Both get the same "
		       "arguments but for --end; the one that connects prints the result.",
	};
	struct role role = { .plan = plan_by_default(), .side = (enum side) - 1 };

	role.plan.platform = NULL; /* what there is */
	role.plan.port = PORT;
	memset(role.plan.home, 0, sizeof role.plan.home);
	argp_err_exit_status = 2;
	argp_parse(&parser, argc, argv, 0, NULL, &role);
	role.plan.placement = PLACED_APART;
	return role;
}
