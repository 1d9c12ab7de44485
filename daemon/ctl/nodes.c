/* tgcalldctl nodes */
#include "daemon/ctl/command.h"

static const struct ctl_column columns[] = {
    {.title = "NAME", .path = "name", .is_whole = true},
    {.title = "STATE", .path = "state"},
    {.title = "API", .path = "advertise"},
    {.title = "SELF", .path = "self"},
    {0},
};
static const struct ctl_view view = {.list = "nodes", .columns = columns};

const struct ctl_verb ctl_nodes = {.name = "nodes",
                                   .method = "GET",
                                   .path = "/v1/nodes",
                                   .view = &view,
                                   .summary = "The daemons that share the database, and which has the accounts"};
