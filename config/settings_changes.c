#include "config/settings_internal.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_list(const struct text_list *a, const struct text_list *b)
{
    bool same = a->n == b->n;

    for (size_t i = 0; same && i < a->n; i++)
        same = strcmp(a->items[i], b->items[i]) == 0;
    return same;
}

static bool same_listeners(const struct settings *a, const struct settings *b)
{
    bool same = a->listen_n == b->listen_n;

    for (size_t i = 0; same && i < a->listen_n; i++)
        same = a->listen[i].tls == b->listen[i].tls && strcmp(a->listen[i].address, b->listen[i].address) == 0;
    return same;
}

static bool same_dcs(const struct settings *a, const struct settings *b)
{
    bool same = a->dcs_n == b->dcs_n;

    for (size_t i = 0; same && i < a->dcs_n; i++)
        same = a->dcs[i].id == b->dcs[i].id && same_list(&a->dcs[i].addresses, &b->dcs[i].addresses) &&
               same_text(a->dcs[i].public_key, b->dcs[i].public_key);
    return same;
}

static bool same_value(const struct settings_key *key, const struct settings *a, const struct settings *b)
{
    const void *left = (const char *)a + key->offset, *right = (const char *)b + key->offset;

    switch (key->value) {
    case VALUE_BOOL:
        return *(const bool *)left == *(const bool *)right;
    case VALUE_COUNT:
        return *(const unsigned *)left == *(const unsigned *)right;
    case VALUE_SIZE:
        return *(const size_t *)left == *(const size_t *)right;
    case VALUE_DURATION:
        return *(const int64_t *)left == *(const int64_t *)right;
    case VALUE_NAME:
        return *(const int *)left == *(const int *)right;
    case VALUE_WORDS:
    case VALUE_FILES:
        return same_list(left, right);
    case VALUE_LISTEN:
        return same_listeners(a, b);
    case VALUE_UNIX:
        return a->unix_off == b->unix_off && same_text(a->unix_path, b->unix_path);
    case VALUE_WORD:
    case VALUE_TEXT:
    case VALUE_SECRET:
    case VALUE_PATH:
    case VALUE_FILE:
    default:
        return same_text(*(char *const *)left, *(char *const *)right);
    }
}

int settings_changes(const struct settings *a, const struct settings *b, struct text_list *out)
{
    int err = 0;

    for (size_t i = 0; !err && i < settings_keys_n; i++)
        if (!same_value(&settings_keys[i], a, b))
            err = text_list_printf(out, "[%s] %s", settings_keys[i].section, settings_keys[i].name);
    if (!err && !same_dcs(a, b))
        err = text_list_add(out, "[dc N]");
    return err;
}
