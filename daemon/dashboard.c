#include "daemon/dashboard.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/paths.h"
#include "daemon/base/digest.h"
#include "daemon/base/file_read.h"
#include "daemon/base/log.h"

/* A name made of what the bytes are: the same from each daemon that has them, and over restarts. */
static void set_etag(struct page *page)
{
    uint8_t hash[DIGEST_SIZE];
    char text[DIGEST_BASE64URL_LEN(DIGEST_SIZE) + 1];

    digest_sha256(page->bytes, page->len, hash);
    digest_base64url(hash, sizeof(hash), text);
    snprintf(page->etag, sizeof(page->etag), "\"%s\"", text);
}

static bool read_page(const char *folder, const char *name, struct page *ret)
{
    char path[4096];
    int len = snprintf(path, sizeof(path), "%s/%s", folder, name);

    if (len < 0 || (size_t)len >= sizeof(path))
        return false;
    ret->bytes = file_read(path, DASHBOARD_FILE_MAX, &ret->len);
    if (!ret->bytes || ret->len == 0) {
        log_warning("main", "%s: %s", path, ret->bytes ? "is empty" : strerror(errno));
        free(ret->bytes);
        return false;
    }
    snprintf(ret->name, sizeof(ret->name), "%s", name);
    set_etag(ret);
    return true;
}

void dashboard_load(struct dashboard *ret)
{
    char *folder = NULL;
    struct dirent *entry;
    DIR *dir = paths_data("dashboard", &folder) == 0 ? opendir(folder) : NULL;

    ret->n = 0;
    while (dir && ret->n < DASHBOARD_FILES_MAX && (entry = readdir(dir)) != NULL)
        if (page_type(entry->d_name) && read_page(folder, entry->d_name, &ret->pages[ret->n]))
            ret->n++;
    if (dir)
        closedir(dir);
    if (!page_find(ret->pages, ret->n, "index.html")) {
        log_warning("main", "%s/index.html is missing: GET / will be 404", folder ? folder : "dashboard");
        dashboard_fini(ret);
    }
    free(folder);
}

void dashboard_fini(struct dashboard *d)
{
    for (size_t i = 0; i < d->n; i++)
        free(d->pages[i].bytes);
    d->n = 0;
}
