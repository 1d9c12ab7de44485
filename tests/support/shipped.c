#include "tests/support/shipped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

const char *shipped_path(const char *name)
{
    static char path[4096];
    const char *top = getenv("TGCALLD_SRCDIR");

    snprintf(path, sizeof(path), "%s/config/schema/%s.tl", top ? top : ".", name);
    return path;
}

/* Says why itself: before unit_main() there is no test that could fail. */
static struct tl_schema *read_or_exit(const char *name)
{
    struct tl_schema *schema = NULL;
    struct fault fault = {0};

    if (tl_schema_read(shipped_path(name), &schema, &fault)) {
        fprintf(stderr, "%s:%u:%u: %s\n", shipped_path(name), fault.line, fault.column, fault.text);
        exit(1);
    }
    return schema;
}

const struct tl_schema *shipped(const char *name)
{
    static struct {
        const char *name;
        struct tl_schema *schema;
    } all[] = {{"layer-138", NULL}, {"layer-229", NULL}, {"mtproto", NULL}};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(all[i].name, name) != 0)
            continue;
        if (!all[i].schema)
            all[i].schema = read_or_exit(name);
        return all[i].schema;
    }
    ck_abort_msg("no schema %s is shipped", name);
    return NULL;
}

const struct tl_schema *shipped_layer(int layer)
{
    return shipped(layer == 138 ? "layer-138" : "layer-229");
}

void shipped_read(void)
{
    shipped_layer(138);
    shipped_layer(229);
}
