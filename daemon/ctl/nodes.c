/* tgcalldctl nodes */
#include <stdio.h>

#include "daemon/ctl/command.h"

/* What is left of each lease, as text. */
static void prepare(json_t *answer)
{
    json_t *node;
    size_t i;

    json_array_foreach (json_object_get(answer, "nodes"), i, node) {
        const json_t *left = json_object_get(node, "lease_left_ms");
        char text[32];
        snprintf(text, sizeof(text), "%.1f s", (double)json_integer_value(left) / 1000);
        if (json_is_integer(left))
            json_object_set_new(node, "lease_left", json_string(text));
    }
}

static const struct ctl_column columns[] = {
    {.title = "NAME", .path = "name", .is_whole = true},
    {.title = "STATE", .path = "state"},
    {.title = "ACCOUNTS", .path = "accounts"},
    {.title = "LEASE LEFT", .path = "lease_left"},
    {.title = "API", .path = "advertise"},
    {.title = "SELF", .path = "self"},
    {0},
};
static const struct ctl_view view = {.list = "nodes", .columns = columns, .prepare = prepare};

const struct ctl_verb ctl_nodes = {.name = "nodes",
                                   .method = "GET",
                                   .path = "/v1/nodes",
                                   .view = &view,
                                   .summary = "The daemons that share the database, and which has the accounts"};
