#include "daemon/store/probe.h"

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
