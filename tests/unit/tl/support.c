#include "tests/unit/tl/support.h"

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

const struct tl_schema *shipped(const char *name)
{
    static struct {
        char name[16];
        struct tl_schema *schema;
    } loaded[3];

    for (size_t i = 0; i < 3; i++) {
        if (loaded[i].schema && strcmp(loaded[i].name, name) == 0)
            return loaded[i].schema;
        if (loaded[i].schema)
            continue;
        struct fault fault = {0};
        int err = tl_schema_read(shipped_path(name), &loaded[i].schema, &fault);
        ck_assert_msg(err == 0, "%s:%u:%u: %s", shipped_path(name), fault.line, fault.column, fault.text);
        snprintf(loaded[i].name, sizeof(loaded[i].name), "%s", name);
        return loaded[i].schema;
    }
    ck_abort_msg("no more schemas");
    return NULL;
}

struct tl_schema *schema_of(const char *text)
{
    struct tl_schema *schema = NULL;
    struct fault fault = {0};
    int err = tl_schema_parse(text, strlen(text), "test", &schema, &fault);

    ck_assert_msg(err == 0, "%u:%u: %s", fault.line, fault.column, fault.text);
    return schema;
}
