/* The files of the dashboard, as they are served: to everybody, as there is no data in them. */
#ifndef TGCALLD_API_PAGE_H
#define TGCALLD_API_PAGE_H

#include <stdbool.h>
#include <stddef.h>

enum { PAGE_NAME_SIZE = 64, PAGE_ETAG_SIZE = 48 };

struct page {
    char name[PAGE_NAME_SIZE]; /* "index.html", which GET / is too; see page_type() */
    char etag[PAGE_ETAG_SIZE]; /* in quotes; another one when the bytes are others */
    char *bytes;
    size_t len;
};

/* The media type of a file of this name: of one or more of a-z, 0-9, '_', and .html, .css, .js or .svg. NULL: no such
 * file is served. */
const char *page_type(const char *name);

/* The page NAME of N, or NULL. */
const struct page *page_find(const struct page *pages, size_t n, const char *name);

/* Whether GIVEN, the value of an If-None-Match (RFC 9110, 13.1.2), has ETAG in it, so that the client has these bytes
 * already. */
bool page_is_known(const char *given, const char *etag);

#endif
