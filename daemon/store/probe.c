#include "daemon/store/probe.h"

#include <stdio.h>

#include "daemon/store/db_pg.h"

int store_probe(const char *url, struct server_facts *ret, struct fault *fault)
{
    const struct db_server server = {.url = url, .clock = &clock_system, .is_shared = true};
    struct db *db = NULL;
    int err = db_open_server(&server, &db, fault);
    if (!err)
        err = server_facts_read(db, &clock_system, ret, fault);
    db_close(db);
    return err;
}

static int read_nodes(struct db *db, struct cluster_node_row *ret, size_t *ret_n, struct fault *fault)
{
    static const char sql[] = "SELECT id, name, lease_us, until_us, beat, leaving FROM tgcalld_node"
                              " WHERE beat > 0 AND leaving <> $1 AND until_us > " PG_NOW_US " ORDER BY id LIMIT $2";
    struct db_stmt *st;
    bool more = true;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, CLUSTER_LEAVES);
    db_bind_int(st, 2, LIMIT_CLUSTER_NODES);
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (err || !more)
            break;
        struct cluster_node_row *n = &ret[(*ret_n)++];
        const char *name = db_text(st, 1);
        *n = (struct cluster_node_row){
            .id = db_int(st, 0), .lease_us = db_int(st, 2), .until_us = db_int(st, 3), .beat = db_int(st, 4)};
        snprintf(n->name, sizeof(n->name), "%s", name ? name : "");
    }
    db_reset(st);
    return err;
}

int store_probe_nodes(const char *url, struct cluster_node_row ret[static LIMIT_CLUSTER_NODES], size_t *ret_n,
                      struct fault *fault)
{
    const struct db_server server = {.url = url, .clock = &clock_system, .is_shared = true};
    struct db *db = NULL;
    int64_t n = 0;
    int err = db_open_server(&server, &db, fault);

    *ret_n = 0;
    if (!err)
        err = db_number(db, "SELECT (to_regclass('tgcalld_node') IS NOT NULL)::INTEGER", &n, fault);
    if (!err && n)
        err = read_nodes(db, ret, ret_n, fault);
    db_close(db);
    return err;
}
