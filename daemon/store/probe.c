#include "daemon/store/probe.h"

#include "daemon/store/db_pg.h"

int store_probe(const char *url, struct server_facts *ret, struct fault *fault)
{
    const struct db_server server = {.url = url, .clock = &clock_system, .is_shared = true};
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    struct db *db = NULL;

    /* libpq's own words may have the password in them. */
    if (!options)
        return fault_set(fault, TGC_EINVAL, "a parameter of the database's URL is none that libpq knows");
    pg_options_free(options);
    int err = db_open_server(&server, &db, fault);
    if (!err)
        err = server_facts_read(db, &clock_system, ret, fault);
    db_close(db);
    return err;
}
