/* Which events a reader gets: those of one account, of the types it names, and of the accounts that its token may see.
 * A gap is everybody's who could have heard of what is missing, whatever types he named. */
#ifndef TGCALLD_API_EVENT_FILTER_H
#define TGCALLD_API_EVENT_FILTER_H

#include <stdbool.h>

#include <jansson.h>

#include "api/fields.h"
#include "daemon/bridge/directory.h"
#include "daemon/bridge/event.h"

enum {
    /* Types that one reader may name, and the length of them with their commas: a type is a word of at most
     * LIMIT_WORD letters. */
    EVENT_TYPES_MAX = 32,
    EVENT_TYPES_TEXT_MAX = 2048,
};

/* All zero passes everything. */
struct event_filter {
    char account[DIRECTORY_NAME_MAX]; /* "": any */
    char *types;                      /* one after another, each with a NUL, and an empty one at the end; NULL: any */
    json_t *accounts;                 /* the array of names that TABLE points into; NULL: any */
    const char **table;               /* in order */
    size_t table_n;
};

/* Whether "call,updateGroupCall" is a list of types; what is wrong goes to FAULTS, as of the member "types". */
bool event_types_check(const char *text, struct faults *faults);

/* ACCOUNT "" or TYPES NULL: any; the list is one that was checked. Takes a reference to ACCOUNTS (NULL: any).
 * TGC_ENOMEM, with RET untouched. */
int event_filter_init(struct event_filter *ret, const char *account, const char *types, json_t *accounts) TGC_MUST;
void event_filter_fini(struct event_filter *f);

bool event_filter_passes(const struct event_filter *f, const struct event_words *event);

#endif
