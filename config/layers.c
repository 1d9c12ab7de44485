#include "config/layers.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/paths.h"
#include "daemon/base/layer_line.h"

struct found {
    unsigned wanted;
    bool there;
    char *names;
    size_t size, n;
};

static void add(struct found *f, unsigned layer)
{
    f->there = f->there || layer == f->wanted;
    if (f->n < f->size)
        f->n += (size_t)snprintf(f->names + f->n, f->size - f->n, "%s%u", f->n ? ", " : "", layer);
}

static unsigned layer_of_line(const char *line)
{
    if (text_start_of(line, strlen(line)) == TEXT_BOM)
        line += 3;
    line += strspn(line, " \t");
    return strncmp(line, "//", 2) == 0 ? (unsigned)layer_of_comment(line + 2, strcspn(line + 2, "\n")) : 0;
}

static unsigned layer_of_file(const char *path)
{
    FILE *f = fopen(path, "re");
    char line[256];
    unsigned layer = 0, one;

    /* A longer line comes in pieces; none of them is such a comment. */
    while (f && fgets(line, sizeof(line), f))
        if ((one = layer_of_line(line)) != 0)
            layer = one;
    if (f)
        fclose(f);
    return layer;
}

bool layers_find(const struct text_list *given, unsigned layer, char *ret_names, size_t size, const char **ret_without)
{
    struct found f = {.wanted = layer, .names = ret_names, .size = size};
    char *pattern = NULL;
    glob_t shipped = {0};

    ret_names[0] = '\0';
    *ret_without = NULL;
    if (paths_data("schema/layer-*.tl", &pattern) == 0 && glob(pattern, 0, NULL, &shipped) == 0) {
        for (size_t i = 0; i < shipped.gl_pathc; i++) {
            unsigned n;
            if (sscanf(strrchr(shipped.gl_pathv[i], '/'), "/layer-%u.tl", &n) == 1)
                add(&f, n);
        }
        for (size_t i = 0; i < given->n; i++) {
            unsigned n = layer_of_file(given->items[i]);
            if (n)
                add(&f, n);
            else if (!*ret_without)
                *ret_without = given->items[i];
        }
    }
    globfree(&shipped);
    free(pattern);
    return f.there;
}
