#include "daemon/store/event_tally.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/base/limits.h"
#include "daemon/store/meta.h"

const char store_newest_event[] = "SELECT last FROM event_pages ORDER BY id DESC LIMIT 1";

/* An older version wrote four numbers, and reads no more. */
bool event_tally_parse(const char *text, struct event_tally *ret)
{
    *ret = (struct event_tally){0};
    return !text[0] ||
           (sscanf(text, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, &ret->reserved,
                   &ret->dropped, &ret->n, &ret->bytes, &ret->newest, &ret->forgotten) >= 4 &&
            ret->reserved >= 0 && ret->dropped >= 0 && ret->newest >= 0);
}

int event_tally_read(struct store *s, struct event_tally *ret, struct fault *fault)
{
    char text[EVENT_TALLY_TEXT];
    int err = store_meta_text(s, EVENT_TALLY, text, sizeof(text), fault);

    if (err)
        return err;
    if (!event_tally_parse(text, ret))
        return fault_set(fault, TGC_EDAMAGED, "the database does not say which numbers its events had");
    return 0;
}

static int lock_row(struct store *s, bool *ret_is_there, struct fault *fault)
{
    static const char sql[] = "SELECT value FROM meta WHERE name = '" EVENT_TALLY "' FOR UPDATE";
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (!err)
        err = db_step(st, ret_is_there, fault);
    if (!err)
        db_reset(st);
    return err;
}

/* A new database has no row that could be waited for; of two who make it the second waits for the first. */
int store_log_wait(struct store *s, struct fault *fault)
{
    static const char make[] =
        "INSERT INTO meta (name, value) VALUES ('" EVENT_TALLY "', '') ON CONFLICT (name) DO NOTHING";
    struct db_stmt *st;
    bool is_there;

    if (!s->config.node)
        return 0;
    int err = lock_row(s, &is_there, fault);
    if (err || is_there)
        return err;
    err = db_prepare(s->db, make, &st, fault);
    if (!err)
        err = db_run(st, fault);
    return err ? err : lock_row(s, &is_there, fault);
}

int event_tally_lock(struct store *s, struct event_tally *ret, struct fault *fault)
{
    int err = store_log_wait(s, fault);

    return err ? err : event_tally_read(s, ret, fault);
}

int event_tally_write(struct store *s, const struct event_tally *t, struct fault *fault)
{
    char text[EVENT_TALLY_TEXT];

    snprintf(text, sizeof(text), "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, t->reserved,
             t->dropped, t->n, t->bytes, t->newest, t->forgotten);
    return store_meta_put_text(s, EVENT_TALLY, text, fault);
}

bool event_tally_is_too_much(const struct event_tally *t, int64_t oldest_n, const struct store_config *config)
{
    return t->n > 0 && (t->n - oldest_n >= config->events_keep || t->bytes > config->events_keep_bytes);
}

/* --- a process begins --- */

static int reserve(struct store *s, int64_t up_to, struct fault *fault)
{
    struct event_tally tally;
    int err = db_begin(s->db, fault);

    if (!err)
        err = event_tally_lock(s, &tally, fault);
    if (!err && tally.reserved < up_to)
        tally.reserved = up_to;
    if (!err)
        err = event_tally_write(s, &tally, fault);
    if (!err)
        err = db_commit(s->db, fault);
    if (err)
        db_rollback(s->db);
    return err;
}

int store_events_open(struct store *s, struct fault *fault)
{
    struct store_events_place *place = &s->events;
    struct event_tally tally;
    int err = event_tally_read(s, &tally, fault);

    if (!err)
        err = db_number(s->db, store_newest_event, &place->newest, fault);
    if (err)
        return err;
    place->dropped = tally.dropped;
    place->reserved_before = tally.reserved > place->newest ? tally.reserved : place->newest;
    if (s->config.node && tally.newest > place->newest)
        place->newest = tally.newest;
    place->reserved = place->reserved_before + (s->config.node ? 0 : LIMIT_EVENTS_RESERVED);
    err = reserve(s, place->reserved, fault);
    if (err == TGC_ENOMEM)
        return err;
    if (err)
        place->reserved = place->reserved_before;
    fault_clear(fault);
    return 0;
}

struct store_events_place store_events_place(const struct store *s)
{
    return s->events;
}
