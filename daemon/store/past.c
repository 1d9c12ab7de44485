#include "daemon/store/past.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/store/lineage.h"
#include "daemon/store/meta.h"

/* --- what it was --- */

/* "MACHINE PATH" → PATH; NULL where that was another machine. */
static const char *path_here(const struct store *s, const char *place)
{
    size_t machine = strcspn(place, " ");

    if (!place[machine] || strncmp(place, s->config.place, machine + 1) != 0)
        return NULL;
    return place + machine + 1;
}

/* A store has its database to itself (db_claim()), which nobody has who only reads one. */
bool store_is_in_use(const char *path)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;

    if (fd >= 0)
        close(fd);
    return is;
}

static bool is_another_in_use(const struct store *s, const char *path)
{
    struct stat ours, theirs;

    return stat(path, &theirs) == 0 && stat(s->config.path, &ours) == 0 &&
           (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino) && store_is_in_use(path);
}

int store_past_read(struct store *s, struct store_past *ret, struct fault *fault)
{
    char copied_at[24] = "";
    bool has_lineage = false;
    int err;

    *ret = (struct store_past){0};
    if (!s->config.place)
        return 0;
    err = store_meta_text(s, "copied_at", copied_at, sizeof(copied_at), fault);
    if (!err)
        err = store_meta_text(s, "place", ret->place, sizeof(ret->place), fault);
    if (!err)
        err = store_lineage_is_kept(s, &has_lineage, fault);
    if (err)
        return err;
    ret->copied_at = strtoll(copied_at, NULL, 10);
    ret->is_news = copied_at[0] || !has_lineage || strncmp(ret->place, s->config.place, sizeof(ret->place) - 1) != 0;
    if (strncmp(ret->place, s->config.place, sizeof(ret->place) - 1) == 0)
        ret->place[0] = '\0';
    const char *path = ret->place[0] ? path_here(s, ret->place) : NULL;
    if (path && is_another_in_use(s, path))
        return fault_set(fault, TGC_EBUSY,
                         "this is a copy of %s, which another daemon uses now: stop that one first, and do not start "
                         "it again; " STORE_WHY_ALONE,
                         path);
    return store_lineage_take(s, fault);
}

/* --- what is said of it --- */

static void tell(const struct store *s, const struct store_past *past)
{
    char at[32] = "?";
    time_t copied_at = (time_t)past->copied_at;
    struct tm tm;
    const char *path = past->place[0] ? path_here(s, past->place) : NULL;
    const char *where = !past->place[0] ? ""
                        : path          ? " It was used here before, as "
                                        : " It was used on another machine.";

    if (gmtime_r(&copied_at, &tm))
        strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (past->copied_at)
        log_warning(
            "store",
            "this database is a copy, made at %s: what came later is not in it, and logins and logouts since "
            "then are not known.%s%s The daemon that it was copied from must not run any more: " STORE_WHY_ALONE,
            at, where, path ? path : "");
    else if (past->place[0])
        log_warning("store",
                    "this database comes from elsewhere.%s%s A daemon that still uses it there must be stopped for "
                    "good: " STORE_WHY_ALONE,
                    where, path ? path : "");
}

int store_past_end(struct store *s, const struct store_past *past, struct fault *fault)
{
    int err;

    if (!s->config.place || !past->is_news)
        return 0;
    tell(s, past);
    err = store_lineage_keep(s, fault);
    if (!err && s->lineage_fd < 0)
        err = store_lineage_take(s, fault);
    if (!err)
        err = store_meta_put_text(s, "place", s->config.place, fault);
    return err ? err : db_exec(s->db, "DELETE FROM meta WHERE name = 'copied_at'", fault);
}

void store_past_mark(int64_t now_s, char out[static STORE_MARK_SIZE])
{
    snprintf(out, STORE_MARK_SIZE,
             "INSERT INTO meta (name, value) VALUES ('copied_at', CAST('%" PRId64 "' AS BLOB)) "
             "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
             now_s);
}
