#include "api/event_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/event_type.h"
#include "daemon/base/utf8.h"

/* The first letters say which one it is, however long the text. */
static void add_unknown(const char *type, size_t len, struct faults *faults)
{
    enum { SHOWN = 64 };
    char detail[sizeof(EVENT_TYPES_THAT_ARE) + SHOWN + 128];

    if (len == 0)
        snprintf(detail, sizeof(detail),
                 "is a list such as call,account,updateGroupCall: there is a type before and behind each comma");
    else
        snprintf(detail, sizeof(detail), "has \"%.*s\", which is no type of event: there are " EVENT_TYPES_THAT_ARE,
                 (int)utf8_cut(type, len < SHOWN ? len : SHOWN), type);
    faults_add(faults, "types", detail);
}

bool event_types_check(const char *text, struct faults *faults)
{
    unsigned n = 0;

    for (const char *end = text; *end; text = end + 1) {
        end = text + strcspn(text, ",");
        if (!event_type_is(text, (size_t)(end - text))) {
            add_unknown(text, (size_t)(end - text), faults);
            return false;
        }
        n++;
    }
    if (n <= EVENT_TYPES_MAX)
        return true;
    faults_add(faults, "types", "names at most 32 types");
    return false;
}

static char *split(const char *list)
{
    size_t len = strlen(list);
    char *types = malloc(len + 2);

    if (!types)
        return NULL;
    memcpy(types, list, len + 1);
    types[len + 1] = '\0';
    for (char *p = types; (p = strchr(p, ',')) != NULL; p++)
        *p = '\0';
    return types;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A token may be bound to many, and each event is looked at. */
static const char **sort(const json_t *names, size_t *ret_n)
{
    size_t n = json_array_size(names);
    const char **table = malloc((n ? n : 1) * sizeof(*table));

    if (!table)
        return NULL;
    for (size_t i = 0; i < n; i++)
        table[i] = json_string_value(json_array_get(names, i));
    qsort(table, n, sizeof(*table), compare);
    *ret_n = n;
    return table;
}

int event_filter_init(struct event_filter *ret, const char *account, const char *types, json_t *accounts)
{
    struct event_filter f = {0};

    if (types)
        f.types = split(types);
    if (accounts)
        f.table = sort(accounts, &f.table_n);
    if ((types && !f.types) || (accounts && !f.table)) {
        event_filter_fini(&f);
        return TGC_ENOMEM;
    }
    f.accounts = json_incref(accounts);
    snprintf(f.account, sizeof(f.account), "%s", account);
    *ret = f;
    return 0;
}

void event_filter_fini(struct event_filter *f)
{
    free(f->types);
    free(f->table);
    json_decref(f->accounts);
    *f = (struct event_filter){0};
}

static bool is_listed(const char *types, const char *type)
{
    for (; *types; types += strlen(types) + 1)
        if (strcmp(types, type) == 0)
            return true;
    return false;
}

bool event_filter_passes(const struct event_filter *f, const struct event_words *event)
{
    bool is_gap = strcmp(event->type, "gap") == 0;

    if (is_gap && !event->account[0])
        return true;
    return (!f->account[0] || strcmp(f->account, event->account) == 0) &&
           (is_gap || !f->types || is_listed(f->types, event->type)) &&
           (!f->accounts || bsearch(&event->account, f->table, f->table_n, sizeof(*f->table), compare));
}
