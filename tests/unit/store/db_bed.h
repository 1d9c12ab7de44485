/* Connections to a bed's database of a server, beside the store's. */
#ifndef TGCALLD_TESTS_STORE_DB_BED_H
#define TGCALLD_TESTS_STORE_DB_BED_H

#include "daemon/store/db.h"
#include "tests/unit/store/bed.h"

/* What went wrong last. */
extern struct fault fault;
/* The test fails with that, but for 0. */
void must(int err);
/* Closed by who opened it. */
struct db *open_one(bool is_shared, int64_t node);
int64_t number(struct db *db, const char *sql);

#endif
