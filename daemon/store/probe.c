#include "daemon/store/probe.h"

#include "daemon/store/db_pg.h"

int store_probe(const char *url, struct fault *fault)
{
    /* What the URL says itself counts more; it follows. */
    static const char *const names[] = {"connect_timeout", "dbname", NULL};
    const char *const values[] = {"5", url, NULL};
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    int err = 0;

    /* libpq's own words may have the password in them. */
    if (!options)
        return fault_set(fault, TGC_EINVAL, "a parameter of the database's URL is none that libpq knows");
    PQconninfoFree(options);
    PGconn *c = PQconnectdbParams(names, values, 1);
    if (!c)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (PQstatus(c) != CONNECTION_OK)
        err = pg_fault_of_connection(c, fault);
    PQfinish(c);
    return err;
}
