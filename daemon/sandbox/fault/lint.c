#include "daemon/sandbox/fault/lint.h"

#include <stdio.h>

#include "daemon/sandbox/world/json.h"

static const struct {
    const char *name, *text;
} kinds[] = {
#define X(id, name, text) {name, text},
    LINTS(X)
#undef X
};

void lint_note(struct lints *l, enum lint lint, const char *client, const char *detail)
{
    l->count[lint]++;
    if (client && *client)
        snprintf(l->client[lint], sizeof(l->client[lint]), "%s", client);
    if (detail && *detail)
        snprintf(l->detail[lint], sizeof(l->detail[lint]), "%s", detail);
}

json_t *lint_list(const struct lints *l)
{
    json_t *list = json_array();

    for (int i = 0; i < LINT_COUNT; i++) {
        if (!l->count[i])
            continue;
        json_t *j = json_pack("{s:s, s:s, s:I}", "lint", kinds[i].name, "text", kinds[i].text, "count",
                              (json_int_t)l->count[i]);
        if (*l->client[i])
            json_put(j, "client", json_string(l->client[i]));
        if (*l->detail[i])
            json_put(j, "detail", json_string(l->detail[i]));
        json_array_append_new(list, j);
    }
    return list;
}
