/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock publish: the command line, and what it makes of vifs, bridges and arguments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "arguments.h"
#include "bridges.h"
#include "changes.h"
#include "claims.h"
#include "commands.h"
#include "published.h"
#include "report.h"
#include "status.h"
#include "store.h"
#include "vifs.h"
#include "warnings.h"

#define BACKENDS_MAX 16

/* An address whose owner the command line says. */
struct given {
	struct inet address;
	const char *domain; /* number or name */
};

struct publishing {
	bool dry, watch, remove, list;
	struct given *given; /* as many as there are arguments */
	size_t given_count;
	unsigned backends[BACKENDS_MAX];
	size_t backend_count;
};

static int print_help(void)
{
	printf("Usage: xsock publish [OPTION]... [ADDRESS=DOMAIN]...\n"
	       "Tells all domains of this host, through XenStore, which domain owns which Internet\n"
	       "address: those of the guests' network devices (the ip= of a vif), those of domain 0\n"
	       "on bridges with such devices, and those given as ADDRESS=DOMAIN, with the domain's\n"
	       "number or name. What was published before and is not so any more is withdrawn. To\n"
	       "be run in domain 0.\n\n"
	       "      --own=ADDRESS        an address of domain 0 that is on no such bridge\n"
	       "      --backend=DOMAIN     believe this driver domain about its vifs, too\n"
	       "  -w, --watch              stay, and follow changes, until SIGTERM or SIGINT\n"
	       "  -n, --dry-run            only show what would change\n"
	       "      --remove             withdraw everything\n"
	       "  -l, --list               show what is published; in any domain\n"
	       "      --platform=NAME      'xen'; the platform 'local' is not supported\n"
	       "  -v, --verbose            tell each change\n"
	       "  -h, --help               show this help and exit\n"
	       "  -V, --version            show the version and exit\n"
	       "\n"
	       "Exit status:\n"
	       "  0  all went well\n"
	       "  1  the command line is wrong\n"
	       "  2  XenStore could not be read or written, or memory ran out\n");
	return STATUS_OK;
}

static bool take_address(struct publishing *publishing, const char *text, const char *domain)
{
	struct given *given = &publishing->given[publishing->given_count++];
	const char *unfit;

	given->domain = domain;
	if (!inet_parse(text, &given->address))
		return complain(NULL, "'%s' is not an IPv4 or IPv6 address", text), false;
	unfit = inet_unfit(&given->address);
	if (unfit)
		complain(NULL, "%s is %s, which belongs to no domain", text, unfit);
	return !unfit;
}

static bool take_pair(struct publishing *publishing, char *pair)
{
	char *equals = strchr(pair, '=');

	if (!equals || !equals[1])
		return complain(NULL, "'%s' is not ADDRESS=DOMAIN", pair), false;
	*equals = '\0';
	return take_address(publishing, pair, equals + 1);
}

static bool take_backend(struct publishing *publishing, const char *text)
{
	unsigned *backend = &publishing->backends[publishing->backend_count];

	if (publishing->backend_count == BACKENDS_MAX)
		return complain(NULL, "more than %d backends", BACKENDS_MAX - 1), false;
	if (!store_number(text, backend))
		return complain(NULL, "'%s' is not a domain's number", text), false;
	publishing->backend_count++;
	return true;
}

static bool take_platform(const char *name)
{
	if (!strcmp(name, "xen"))
		return true;
	if (!strcmp(name, "local"))
		complain(NULL, "on the platform local nothing is published: use a hosts file, see "
			       "xsock-hosts(5)");
	else
		complain(NULL, "there is no platform '%s'", name);
	return false;
}

static bool take_option(struct publishing *publishing, int letter, const char *value)
{
	switch (letter) {
	case 'o':
		return take_address(publishing, value, "0");
	case 'b':
		return take_backend(publishing, value);
	case 'w':
		return publishing->watch = true;
	case 'n':
		return publishing->dry = true;
	case 'r':
		return publishing->remove = true;
	case 'l':
		return publishing->list = true;
	case 'P':
		return take_platform(value);
	case 'v':
		return report_verbose(true), true;
	default: /* getopt_long has complained */
		return false;
	}
}

static bool agrees(const struct publishing *publishing)
{
	int modes = publishing->watch + publishing->dry + publishing->remove + publishing->list;

	if (modes > 1)
		complain(NULL, "--watch, --dry-run, --remove and --list exclude each other");
	else if (publishing->given_count && (publishing->remove || publishing->list))
		complain(NULL, "--remove and --list go with no address");
	else
		return true;
	return false;
}

/* Returns the exit status, or -1 to go on. */
static int parse(struct publishing *publishing, int argc, char **argv)
{
	static const struct option known[] = {
		{ "own", required_argument, NULL, 'o' },
		{ "backend", required_argument, NULL, 'b' },
		{ "watch", no_argument, NULL, 'w' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "remove", no_argument, NULL, 'r' },
		{ "list", no_argument, NULL, 'l' },
		{ "platform", required_argument, NULL, 'P' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	bool good = true;
	int letter;

	while (good && (letter = getopt_long(argc, argv, "wnlvhV", known, NULL)) != -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V')
			return print_version();
		good = take_option(publishing, letter, optarg);
	}
	for (int i = optind; good && i < argc; i++)
		good = take_pair(publishing, argv[i]);
	return good && agrees(publishing) ? -1 : wrong_usage("xsock publish");
}

static bool claim_vif(const struct vif *vif, struct claims *claims)
{
	char *word, *rest = NULL;
	struct inet inet;
	bool good = true;

	/* The words are used up: each look collects the vifs anew. */
	for (word = vif->addresses ? strtok_r(vif->addresses, " ,", &rest) : NULL; word && good;
	     word = strtok_r(NULL, " ,", &rest)) {
		if (inet_parse(word, &inet) && !inet_unfit(&inet))
			good = claims_add(claims, &inet, vif->domain);
		else
			warning("%s of domain %u: '%s' is not an address that a domain can own",
				vif->interface, vif->domain, word);
	}
	return good;
}

static bool claim_given(struct xs_handle *store, const struct given *given, struct claims *claims)
{
	char text[INET_TEXT];
	unsigned domain;

	if (store_domain(store, given->domain, &domain))
		return claims_add(claims, &given->address, domain);
	warning("no domain %s is running: %s is not published", given->domain,
		inet_text(&given->address, text));
	return true;
}

static void disputed(const struct claim *one, const struct claim *other)
{
	char text[INET_TEXT];

	warning("%s is said to be domain %u's and domain %u's: it is not published",
		inet_text(&one->address, text), one->domain, other->domain);
}

static bool collect(struct xs_handle *store, const struct publishing *publishing,
		    struct claims *claims)
{
	struct vifs vifs = { 0 };
	bool good = true;

	for (size_t i = 0; i < publishing->backend_count && good; i++)
		good = vifs_collect(store, publishing->backends[i], &vifs);
	for (size_t i = 0; i < vifs.count && good; i++)
		good = claim_vif(&vifs.vif[i], claims);
	for (size_t i = 0; i < publishing->given_count && good; i++)
		good = claim_given(store, &publishing->given[i], claims);
	good = good && bridges_collect(&vifs, 0, claims);
	vifs_clear(&vifs);
	claims_settle(claims, disputed);
	return good;
}

static void show_change(char sign, const char *address, const char *domain)
{
	printf("%c %s %s\n", sign, address, domain);
}

static void note_change(char sign, const char *address, const char *domain)
{
	note(NULL, "%s %s, domain %s", sign == '+' ? "published" : "withdrawn:", address, domain);
}

static bool publish_once(struct xs_handle *store, const struct publishing *publishing)
{
	struct claims claims = { 0 };
	bool good;

	warnings_begin();
	good = collect(store, publishing, &claims);
	warnings_end();
	good = good && published_write(store, &claims, publishing->dry,
				       publishing->dry ? show_change : note_change);
	claims_clear(&claims);
	return good;
}

static bool publish_always(struct xs_handle *store, const struct publishing *publishing,
			   struct changes *changes)
{
	bool ended = false;
	bool good = changes_watch(changes, store, publishing->backends, publishing->backend_count);

	while (good && !ended)
		good = publish_once(store, publishing) && changes_wait(changes, &ended);
	return good;
}

static bool list(struct xs_handle *store)
{
	struct claims claims = { 0 };
	char text[INET_TEXT];
	bool good = published_read(store, &claims);

	for (size_t i = 0; i < claims.count && good; i++)
		printf("%s %u\n", inet_text(&claims.claim[i].address, text),
		       claims.claim[i].domain);
	claims_clear(&claims);
	return good;
}

static bool is_domain_0(struct xs_handle *store)
{
	unsigned own;

	if (!store_own_domain(store, &own))
		return false;
	if (own != 0)
		complain(NULL, "this is domain %u: only domain 0 can publish", own);
	return own == 0;
}

static bool run(struct xs_handle *store, const struct publishing *publishing,
		struct changes *changes)
{
	if (publishing->list)
		return list(store);
	if (!is_domain_0(store))
		return false;
	if (publishing->remove)
		return published_remove(store);
	return publishing->watch ? publish_always(store, publishing, changes)
				 : publish_once(store, publishing);
}

int publish_command(int argc, char **argv)
{
	struct publishing publishing = { .backend_count = 1 }; /* domain 0 */
	struct changes changes = { .signals = -1, .addresses = -1 };
	struct xs_handle *store = NULL;
	bool good = false;
	int status;

	publishing.given = calloc((size_t)argc, sizeof *publishing.given);
	if (!publishing.given)
		return complain(NULL, "out of memory"), STATUS_LOCAL;
	status = parse(&publishing, argc, argv);
	if (status < 0) {
		if (!publishing.watch || changes_begin(&changes))
			store = store_open();
		good = store && run(store, &publishing, &changes);
		status = good ? STATUS_OK : STATUS_LOCAL;
	}
	if (store)
		xs_close(store);
	changes_end(&changes);
	free(publishing.given);
	return status;
}
