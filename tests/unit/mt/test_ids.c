/* ids.h against the shipped schema: a constructor is called by the same number in both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/mt/ids.h"
#include "tests/support/unit.h"
#include "tests/unit/mt/suites.h"

static const struct {
    const char *name;
    unsigned id;
} ids[] = {
#define X(constant, name, id) {name, id},
    MT_IDS(X)
#undef X
};

/* The number behind "name#" at the beginning of a line. */
static unsigned declared(const char *schema, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = schema; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0 && line[len] == '#')
            return (unsigned)strtoul(line + len + 1, NULL, 16);
    }
    return 0;
}

START_TEST(every_id_is_the_schemas)
{
    const char *top = getenv("TGCALLD_SRCDIR");
    char path[4096];

    snprintf(path, sizeof(path), "%s/config/schema/mtproto.tl", top ? top : ".");
    char *schema = unit_read_file(path, NULL);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        unsigned id = declared(schema, ids[i].name);
        ck_assert_msg(id == ids[i].id, "%s is %08x, the schema says %08x", ids[i].name, ids[i].id, id);
    }
    free(schema);
}
END_TEST

START_TEST(no_id_is_there_twice)
{
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        for (size_t k = 0; k < i; k++)
            ck_assert_uint_ne(ids[i].id, ids[k].id);
    }
}
END_TEST

Suite *suite_ids(void)
{
    Suite *s = suite_create("mt/ids");
    TCase *t = tcase_create("ids");

    tcase_add_test(t, every_id_is_the_schemas);
    tcase_add_test(t, no_id_is_there_twice);
    suite_add_tcase(s, t);
    return s;
}
