#include "tests/unit/store/db_bed.h"

struct fault fault;

struct db *open_one(bool is_shared, int64_t node)
{
    const struct db_server server = {
        .url = bed_config.url, .clock = &clock_system, .is_shared = is_shared, .node = node};
    struct db *db = NULL;

    int err = db_open_server(&server, &db, &fault);
    ck_assert_msg(err == 0, "%d: %s", err, fault.text);
    return db;
}

void must(int err)
{
    ck_assert_msg(err == 0, "%d: %s", err, fault.text);
}

int64_t number(struct db *db, const char *sql)
{
    int64_t n = -1;

    must(db_number(db, sql, &n, &fault));
    return n;
}
