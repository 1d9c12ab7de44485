#include <ctype.h>
#include <string.h>

#include "config/settings_internal.h"

static void error_of(struct reading *r, const char *key, const char *text)
{
    reading_error_at(r, reading_line_of(r, "cluster", key), "cluster", key, "%s", text);
}

static bool is_name(const char *text)
{
    if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text))
        return false;
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0';
}

/* Others are shown it: a password has no place in it. */
static bool is_http_url(const char *text)
{
    const char *host = strncmp(text, "http://", 7) == 0 ? text + 7 : strncmp(text, "https://", 8) == 0 ? text + 8 : "";

    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c > '~')
            return false;
    return *host && *host != '/' && !strchr(host, '@');
}

void settings_check_cluster(struct reading *r)
{
    const struct settings *s = r->s;

    if (s->cluster_node && !is_name(s->cluster_node))
        error_of(r, "node", "a name is a-z, 0-9, - _ and ., and begins with a letter or a digit");
    if (s->cluster_node && !s->store_url)
        error_of(r, "node", "nodes share a PostgreSQL database: [store] url says which");
    if (s->cluster_advertise && !is_http_url(s->cluster_advertise))
        error_of(r, "advertise", "it has to be http://HOST:PORT or https://HOST:PORT, without user and password");
    if (s->cluster_advertise && !s->cluster_node)
        error_of(r, "advertise", "a node has a name as well: node");
}
