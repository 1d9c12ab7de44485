#include "api/suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/limits.h"
#include "daemon/base/near.h"
#include "daemon/base/peer_text.h"
#include "daemon/base/percent.h"

const char *suggest_member(const struct field *spec, const char *name)
{
    const char *best = NULL;
    unsigned slips, fewest = UINT32_MAX;

    for (; spec->name; spec++)
        if (near_is(name, spec->name, &slips) && slips < fewest) {
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
    {"accounts", "resend", "POST /v1/accounts/{name}/login/resend"},
    {"accounts", "cancel", "POST /v1/accounts/{name}/login/cancel"},
    {"accounts", "logout", "POST /v1/accounts/{name}/logout"},
    {"peers", "resolve", "GET /v1/peers/{peer}"},
    {"peers", "get", "GET /v1/peers/{peer}"},
    {"methods", "invoke", "POST /v1/methods/{method}"},
    {"methods", "call", "POST /v1/methods/{method}"},
    {"webhooks", "pause", "PATCH /v1/webhooks/{webhook}"},
    {"webhooks", "resume", "PATCH /v1/webhooks/{webhook}"},
};

struct words {
    const char *list[TARGET_SEGMENTS_MAX + 1];
    size_t n;
};

/* How many slips lie between WORDS and PATTERN; false: too many. */
static bool is_near_route(const struct words *words, const char *pattern, unsigned *ret_slips)
{
    char part[LIMIT_WORD + 1];
    size_t i = 0;

    *ret_slips = 0;
    for (; pattern[0] == '/' && pattern[1]; i++) {
        size_t len = strcspn(pattern + 1, "/");
        unsigned slips = 0;
        if (i == words->n || len > LIMIT_WORD)
            return false;
        snprintf(part, sizeof(part), "%.*s", (int)len, pattern + 1);
        if (part[0] != '{' && strcmp(part, words->list[i]) != 0 && !near_is(words->list[i], part, &slips))
            return false;
        *ret_slips += slips;
        pattern += len + 1;
    }
    return i == words->n && i > 0;
}

static bool nearest(const struct words *words, char out[static SUGGEST_ROUTE_SIZE])
{
    const char *best = NULL;
    unsigned slips, fewest = UINT32_MAX;

    for (size_t i = 0; i < routes_count; i++)
        if (routes[i].does != ROUTE_UNBUILT && is_near_route(words, routes[i].pattern, &slips) && slips < fewest) {
            best = routes[i].pattern;
            fewest = slips;
        }
    if (best)
        route_text(best, words->list, words->n, out);
    return best != NULL;
}

/* "calls", "5", "stop" knows which call is meant, "calls", "stop" does not. */
static bool action(const struct words *words, char out[static SUGGEST_ROUTE_SIZE])
{
    char path[ROUTE_TEXT_SIZE];

    if ((words->n != 3 && words->n != 4) || strcmp(words->list[0], "v1") != 0)
        return false;
    for (const struct action *a = actions; a < actions + sizeof(actions) / sizeof(actions[0]); a++) {
        if (strcmp(a->collection, words->list[1]) != 0 || strcmp(a->word, words->list[words->n - 1]) != 0)
            continue;
        route_text(strchr(a->route, '/'), words->list, words->n - 1, path);
        snprintf(out, SUGGEST_ROUTE_SIZE, "%.*s%s", (int)strcspn(a->route, "/"), a->route, path);
        return true;
    }
    return false;
}

/* A link as a peer, whose slashes were taken for the path's. */
static bool peer_link(const struct words *words, char out[static SUGGEST_ROUTE_SIZE])
{
    char link[LIMIT_PEER_TEXT + 1] = "", encoded[SUGGEST_ROUTE_SIZE - 32];
    size_t i = 2, at = 0;

    if (words->n < 4 || strcmp(words->list[0], "v1") != 0 || strcmp(words->list[1], "peers") != 0)
        return false;
    if (strcasecmp(words->list[i], "https:") == 0 || strcasecmp(words->list[i], "http:") == 0)
        i++;
    for (size_t first = i; i < words->n && at < sizeof(link); i++)
        at += (size_t)snprintf(link + at, sizeof(link) - at, "%s%s", i > first ? "/" : "", words->list[i]);
    struct peer_text peer;
    if (at >= sizeof(link) || peer_text_parse(link, at, &peer, NULL) != 0 ||
        !percent_encode(link, at, encoded, sizeof(encoded)))
        return false;
    snprintf(out, SUGGEST_ROUTE_SIZE, "GET /v1/peers/%s", encoded);
    return true;
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

    if (!take_words(target, &words))
        return false;
    if (action(&words, out) || peer_link(&words, out) || nearest(&words, out))
        return true;
    inner = (struct words){{"v1"}, words.n + 1};
    memcpy(inner.list + 1, words.list, words.n * sizeof(words.list[0]));
    return nearest(&inner, out);
}

bool suggest_action(const struct target *target, char out[static SUGGEST_ROUTE_SIZE])
{
    struct words words;

    return take_words(target, &words) && action(&words, out);
}
