#include "daemon/store/left.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "daemon/base/log.h"

/* 0 where it is no store, or somebody uses it. */
static int64_t accounts_in(const char *path)
{
    struct fault fault = {0};
    struct db *db = NULL;
    struct stat st;
    int64_t n = 0;

    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0 || store_is_in_use(path))
        return 0;
    int err = db_check_journal(path, &fault);
    if (!err)
        err = db_open(path, &db, &fault);
    if (!err)
        err = db_number(db, "SELECT count(*) FROM accounts", &n, &fault);
    db_close(db);
    return err ? 0 : n;
}

void store_warn_of_left(struct store *s)
{
    struct fault fault = {0};
    int64_t here = 0;

    if (!s->config.left_path || db_number(s->db, "SELECT count(*) FROM accounts", &here, &fault) != 0 || here)
        return;
    int64_t there = accounts_in(s->config.left_path);
    if (there)
        log_warning(
            "store",
            "the database %s has no accounts, and the store %s has %" PRId64 ", which [store] url leaves behind: "
            "nothing moves by itself. To take logins along see \"Moving to PostgreSQL\" in tgcalld(8); to be told of "
            "this no more put that file elsewhere",
            s->config.path, s->config.left_path, there);
}
