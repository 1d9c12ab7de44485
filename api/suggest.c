#include "api/suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 40 };

/* The letters that count; 0 for what is too long to be a slip. */
static size_t plain(const char *text, char out[static WORD_MAX])
{
    size_t n = 0;

    for (; *text; text++) {
        if (*text == '_' || *text == '-')
            continue;
        if (n == WORD_MAX)
            return 0;
        out[n++] = *text >= 'A' && *text <= 'Z' ? (char)(*text | 0x20) : *text;
    }
    return n;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

bool suggest_is_near(const char *a, const char *b, unsigned *ret_slips)
{
    char x[WORD_MAX], y[WORD_MAX];
    size_t n = plain(a, x), m = plain(b, y);
    /* Three rows of the table of distances, with neighbours swapped as one slip. */
    unsigned rows[3][WORD_MAX + 1];

    if (n == 0 || m == 0)
        return false;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (x[i - 1] != y[j - 1]));
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    *ret_slips = rows[n % 3][m];
    return *ret_slips <= (m < 4 ? 0u : m < 7 ? 1u : 2u);
}

const char *suggest_member(const struct field *spec, const char *name)
{
    const char *best = NULL;
    unsigned slips, fewest = UINT32_MAX;

    for (; spec->name; spec++)
        if (suggest_is_near(name, spec->name, &slips) && slips < fewest) {
            best = spec->name;
            fewest = slips;
        }
    return best;
}

/* What people look for behind a collection or one of its things, and where it is. */
static const struct action {
    const char *collection, *word, *route;
} actions[] = {
    {"calls", "create", "POST /v1/calls"},
    {"calls", "new", "POST /v1/calls"},
    {"calls", "add", "POST /v1/calls"},
    {"calls", "list", "GET /v1/calls"},
    {"calls", "all", "GET /v1/calls"},
    {"calls", "stop", "DELETE /v1/calls/{id}"},
    {"calls", "end", "DELETE /v1/calls/{id}"},
    {"calls", "finish", "DELETE /v1/calls/{id}"},
    {"calls", "close", "DELETE /v1/calls/{id}"},
    {"calls", "hangup", "DELETE /v1/calls/{id}"},
    {"calls", "discard", "DELETE /v1/calls/{id}"},
    {"calls", "delete", "DELETE /v1/calls/{id}"},
    {"calls", "get", "GET /v1/calls/{id}"},
    {"calls", "title", "PATCH /v1/calls/{id}"},
    {"calls", "rename", "PATCH /v1/calls/{id}"},
    {"calls", "edit", "PATCH /v1/calls/{id}"},
    {"calls", "update", "PATCH /v1/calls/{id}"},
    {"calls", "settings", "PATCH /v1/calls/{id}"},
    {"calls", "start", "POST /v1/calls/{id}/start"},
    {"calls", "begin", "POST /v1/calls/{id}/start"},
    {"accounts", "create", "POST /v1/accounts"},
    {"accounts", "new", "POST /v1/accounts"},
    {"accounts", "add", "POST /v1/accounts"},
    {"accounts", "list", "GET /v1/accounts"},
    {"accounts", "get", "GET /v1/accounts/{name}"},
    {"accounts", "delete", "DELETE /v1/accounts/{name}"},
    {"accounts", "remove", "DELETE /v1/accounts/{name}"},
    {"accounts", "login", "POST /v1/accounts/{name}/login"},
    {"accounts", "code", "POST /v1/accounts/{name}/login/code"},
    {"accounts", "password", "POST /v1/accounts/{name}/login/password"},
    {"accounts", "logout", "POST /v1/accounts/{name}/logout"},
    {"peers", "resolve", "GET /v1/peers/{peer}"},
    {"peers", "get", "GET /v1/peers/{peer}"},
    {"methods", "invoke", "POST /v1/methods/{method}"},
    {"methods", "call", "POST /v1/methods/{method}"},
};

struct words {
    const char *list[TARGET_SEGMENTS_MAX + 1];
    size_t n;
};

/* How many slips lie between WORDS and PATTERN; false: too many. */
static bool is_near_route(const struct words *words, const char *pattern, unsigned *ret_slips)
{
    char part[WORD_MAX + 1];
    size_t i = 0;

    *ret_slips = 0;
    for (; pattern[0] == '/' && pattern[1]; i++) {
        size_t len = strcspn(pattern + 1, "/");
        unsigned slips = 0;
        if (i == words->n || len > WORD_MAX)
            return false;
        snprintf(part, sizeof(part), "%.*s", (int)len, pattern + 1);
        if (part[0] != '{' && strcmp(part, words->list[i]) != 0 && !suggest_is_near(words->list[i], part, &slips))
            return false;
        *ret_slips += slips;
        pattern += len + 1;
    }
    return i == words->n && i > 0;
}

static const char *nearest(const struct words *words)
{
    const char *best = NULL;
    unsigned slips, fewest = UINT32_MAX;

    for (size_t i = 0; i < routes_count; i++)
        if (routes[i].does != ROUTE_UNBUILT && is_near_route(words, routes[i].pattern, &slips) && slips < fewest) {
            best = routes[i].pattern;
            fewest = slips;
        }
    return best;
}

static const char *action(const struct words *words)
{
    if ((words->n != 3 && words->n != 4) || strcmp(words->list[0], "v1") != 0)
        return NULL;
    for (const struct action *a = actions; a < actions + sizeof(actions) / sizeof(actions[0]); a++)
        if (strcmp(a->collection, words->list[1]) == 0 && strcmp(a->word, words->list[words->n - 1]) == 0)
            return a->route;
    return NULL;
}

/* Empty segments are slashes too many. */
static bool take_words(const struct target *target, struct words *words)
{
    *words = (struct words){0};
    if (target->count > TARGET_SEGMENTS_MAX)
        return false;
    for (size_t i = 0; i < target->count; i++)
        if (target->segments[i][0])
            words->list[words->n++] = target->segments[i];
    return true;
}

bool suggest_route(const struct target *target, char out[static SUGGEST_ROUTE_SIZE])
{
    struct words words, inner;
    const char *found;

    if (!take_words(target, &words))
        return false;
    found = action(&words);
    if (!found)
        found = nearest(&words);
    if (!found) {
        inner = (struct words){{"v1"}, words.n + 1};
        memcpy(inner.list + 1, words.list, words.n * sizeof(words.list[0]));
        found = nearest(&inner);
    }
    if (found)
        snprintf(out, SUGGEST_ROUTE_SIZE, "%s", found);
    return found != NULL;
}

bool suggest_action(const struct target *target, char out[static SUGGEST_ROUTE_SIZE])
{
    struct words words;
    const char *found = take_words(target, &words) ? action(&words) : NULL;

    if (found)
        snprintf(out, SUGGEST_ROUTE_SIZE, "%s", found);
    return found != NULL;
}
