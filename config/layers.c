#include "config/layers.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/paths.h"

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

/* "// LAYER 214" → 214, else 0. */
static unsigned layer_of_line(const char *line)
{
    static const char word[] = "LAYER ";
    char *end;

    line += strspn(line, " \t");
    if (strncmp(line, "//", 2) != 0)
        return 0;
    line += 2 + strspn(line + 2, " ");
    if (strncmp(line, word, sizeof(word) - 1) != 0)
        return 0;
    unsigned long layer = strtoul(line + sizeof(word) - 1, &end, 10);
    return strchr(" \r\n", *end) && layer <= 1000000 ? (unsigned)layer : 0;
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

bool layers_find(const struct text_list *given, unsigned layer, char *ret_names, size_t size)
{
    struct found f = {.wanted = layer, .names = ret_names, .size = size};
    char *pattern = NULL;
    glob_t shipped = {0};

    ret_names[0] = '\0';
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
        }
    }
    globfree(&shipped);
    free(pattern);
    return f.there;
}
