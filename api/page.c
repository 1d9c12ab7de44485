#include "api/page.h"

#include <string.h>

static const struct {
    const char *suffix, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

const char *page_type(const char *name)
{
    size_t stem = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

    if (stem == 0 || strlen(name) >= PAGE_NAME_SIZE)
        return NULL;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(name + stem, types[i].suffix) == 0)
            return types[i].type;
    return NULL;
}

const struct page *page_find(const struct page *pages, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(pages[i].name, name) == 0)
            return &pages[i];
    return NULL;
}

bool page_is_known(const char *given, const char *etag)
{
    size_t len = strlen(etag);

    while (given) {
        given += strspn(given, " \t,");
        if (given[0] == '*')
            return true;
        /* A weak tag counts as much here. */
        if (strncmp(given, "W/", 2) == 0)
            given += 2;
        if (strncmp(given, etag, len) == 0 && strchr(" \t,", given[len]))
            return true;
        given = strchr(given, ',');
    }
    return false;
}
