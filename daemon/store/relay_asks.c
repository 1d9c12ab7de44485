#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/store/relay_link_internal.h"

void relay_add_id(struct buf *ids, int64_t id)
{
    (void)buf_printf(ids, ids->len ? ",%" PRId64 : "%" PRId64, id);
}

static struct relay_asked *find(struct relay_link *l, int64_t id)
{
    struct relay_asked *a;

    HASH_FIND(hh, l->asks, &id, sizeof(id), a);
    return a;
}

static struct relay_asked **list_of(struct relay_link *l, const struct relay_asked *a)
{
    return a->state == ASK_PUT ? &l->put : &l->queued;
}

static void forget(struct relay_link *l, struct relay_asked *a)
{
    l->put_n -= a->state != ASK_QUEUED;
    DL_DELETE(*list_of(l, a), a);
    HASH_DEL(l->asks, a);
    buf_fini(&a->sealed);
    free(a->visible);
    free(a);
}

static void tell(struct relay_link *l, struct relay_asked *a, enum relay_fate fate, const uint8_t *bytes, size_t len)
{
    void *asked = a->asked;

    forget(l, a);
    l->config.calls.tell(l->config.calls.ctx, asked, fate, bytes, len);
}

static void set_state(struct relay_link *l, struct relay_asked *a, enum relay_ask_state state)
{
    DL_DELETE(*list_of(l, a), a);
    l->put_n -= a->state != ASK_QUEUED;
    a->state = state;
    l->put_n += state != ASK_QUEUED;
    DL_APPEND(*list_of(l, a), a);
}

static int64_t draw_id(struct relay_link *l)
{
    int64_t id;

    do
        id = (int64_t)(random_u64(&l->seal.random) >> 1);
    while (id == 0 || find(l, id));
    return id;
}

/* As all names are. What else a client has written the server might refuse, and with it all that is put together. */
static bool is_plain(const char *name)
{
    size_t n = 0;

    while (name[n] > ' ' && name[n] <= '~')
        n++;
    return !name[n] && n < sizeof(((struct relay_asked *)NULL)->name);
}

/* Whoever bears no such name is nobody the database knows. */
static int set_route(struct relay_asked *a, const struct relay_route *route)
{
    a->route = (struct relay_route){.about = route->about, .id = route->id, .name = a->name};
    if (route->name && is_plain(route->name))
        snprintf(a->name, sizeof(a->name), "%s", route->name);
    if (!route->visible)
        return 0;
    a->route.visible = a->visible = strdup(route->visible);
    return a->visible ? 0 : TGC_ENOMEM;
}

int relay_link_ask(struct relay_link *l, const struct relay_ask *ask)
{
    struct relay_asked *a = calloc(1, sizeof(*a));

    if (!a)
        return TGC_ENOMEM;
    *a = (struct relay_asked){.id = draw_id(l),
                              .asked = ask->asked,
                              .deadline_us = ask->deadline_us,
                              .node = ask->node,
                              .may_repeat = ask->may_repeat && !ask->node,
                              .state = ASK_QUEUED};
    int err = set_route(a, &ask->route);
    buf_init(&a->sealed, LIMIT_JSON_TEXT);
    if (!err)
        err = relay_seal(&l->seal, RELAY_REQUEST, a->id, ask->bytes, ask->len, &a->sealed);
    if (!err) {
        HASH_ADD(hh, l->asks, id, sizeof(a->id), a);
        err = a->hh.tbl ? 0 : TGC_ENOMEM;
    }
    if (err) {
        buf_fini(&a->sealed);
        free(a->visible);
        free(a);
        return err;
    }
    DL_APPEND(l->queued, a);
    if (a->deadline_us < l->next_deadline_us)
        l->next_deadline_us = a->deadline_us;
    return 0;
}

/* --- out --- */

bool relay_asks_has_more(const struct relay_link *l)
{
    return l->queued != NULL;
}

static int put(struct relay_link *l, struct relay_asked *a, int64_t now_us, struct fault *fault)
{
    const struct relay_row row = {.id = a->id,
                                  .asker = l->node,
                                  .route = &a->route,
                                  .node = a->node,
                                  .left_us = a->deadline_us - now_us,
                                  .may_repeat = a->may_repeat,
                                  .bytes = a->sealed.data,
                                  .len = a->sealed.len};

    a->is_seen = true;
    return relay_sql_put(l->db, &row, fault);
}

int relay_asks_send(struct relay_link *l, struct fault *fault)
{
    int64_t now_us = relay_now(l);
    size_t n = 0, bytes = 0;
    struct relay_asked *a;
    int err = 0;

    if (l->dropped.len)
        err = relay_sql_drop(l->db, l->node, buf_text(&l->dropped), fault);
    DL_FOREACH (l->queued, a) {
        a->is_seen = false;
        if (err || n == RELAY_BATCH || bytes > RELAY_BATCH_BYTES)
            continue;
        err = put(l, a, now_us, fault);
        n++;
        bytes += a->sealed.len;
    }
    return err || !n ? err : relay_sql_tell_holder(l->db, fault);
}

void relay_asks_sent(struct relay_link *l, bool is_sure)
{
    struct relay_asked *a, *next;

    if (is_sure)
        buf_reset(&l->dropped);
    DL_FOREACH_SAFE(l->queued, a, next)
    {
        if (!a->is_seen)
            continue;
        a->is_seen = false;
        if (!is_sure) {
            l->put_n += a->state == ASK_QUEUED;
            a->state = ASK_UNSURE;
            continue;
        }
        set_state(l, a, ASK_PUT);
        if (!a->may_repeat)
            buf_fini(&a->sealed);
    }
}

/* --- back --- */

/* One that is not known was told of before. */
static void on_withdrawn(void *link, const struct relay_row *row)
{
    struct relay_link *l = link;
    struct relay_asked *a = find(l, row->id);
    bool waits = row->state == RELAY_WAITING || row->state == RELAY_WAITING_FOR;

    if (!a)
        return;
    if (row->state == RELAY_UNREAD)
        tell(l, a, RELAY_NOT_READ, NULL, 0);
    else if (waits && !row->was_taken && !a->may_be_done)
        tell(l, a, RELAY_NOT_TAKEN, NULL, 0);
    else if (row->state != RELAY_ANSWERED)
        tell(l, a, RELAY_LOST, NULL, 0);
    else if (relay_open(&l->seal, RELAY_ANSWER, row->id, row->bytes, row->len, &l->opened) == 0)
        tell(l, a, RELAY_HAS_ANSWER, l->opened.data, l->opened.len);
    else
        tell(l, a, RELAY_LOST, NULL, 0);
}

static void on_answer(void *link, const struct relay_row *row)
{
    struct relay_link *l = link;

    relay_add_id(&l->dropped, row->id);
    l->read_bytes += row->len;
    on_withdrawn(l, row);
}

int relay_asks_drop(struct relay_link *l, struct fault *fault)
{
    int err = l->dropped.len ? relay_sql_drop(l->db, l->node, buf_text(&l->dropped), fault) : 0;

    if (!err)
        buf_reset(&l->dropped);
    return err;
}

static size_t count(const struct buf *ids)
{
    size_t n = ids->len != 0;

    for (size_t i = 0; i < ids->len; i++)
        n += ids->data[i] == ',';
    return n;
}

/* What was taken is dropped before more is fetched, as it would come again. */
int relay_asks_fetch(struct relay_link *l, struct fault *fault)
{
    int err = relay_asks_drop(l, fault);

    if (err)
        return err;
    l->read_bytes = 0;
    err = relay_sql_fetch(l->db, l->node, RELAY_BATCH, on_answer, l, fault);
    l->wants_fetch = !err && (count(&l->dropped) == RELAY_BATCH || l->read_bytes >= RELAY_SQL_BYTES);
    return err;
}

int relay_asks_mend(struct relay_link *l, struct fault *fault)
{
    return l->put_n ? relay_sql_mend(l->db, l->node, on_withdrawn, l, fault) : 0;
}

/* --- after a connection was lost --- */

struct relay_seen {
    struct relay_link *link;
    bool is_whole; /* the table lost nothing since the mark was made */
};

static void on_seen(void *ctx, const struct relay_row *row)
{
    struct relay_seen *s = ctx;
    struct relay_asked *a = find(s->link, row->id);

    s->is_whole |= row->state == RELAY_MARK;
    if (a)
        a->is_seen = true;
}

/* A's row is not there. */
static void look_for(struct relay_link *l, struct relay_asked *a, bool is_whole)
{
    bool was_written = a->state == ASK_PUT || (a->state == ASK_UNSURE && !is_whole);

    a->may_be_done |= was_written;
    if (a->state == ASK_UNSURE)
        set_state(l, a, is_whole || a->may_repeat ? ASK_QUEUED : ASK_PUT);
    else if (a->state == ASK_PUT && a->may_repeat)
        set_state(l, a, ASK_QUEUED);
}

/* Of a table that lost nothing, what is not there was never written: nobody else removes it before its time. Of one
 * that did, it may have been taken: then whoever took it puts its answer there again. */
int relay_asks_look(struct relay_link *l, struct fault *fault)
{
    struct relay_seen seen = {.link = l};
    struct relay_asked *a, *next;

    for (a = l->asks; a; a = a->hh.next)
        a->is_seen = false;
    int err = relay_sql_look(l->db, l->node, on_seen, &seen, fault);
    if (err)
        return err;
    for (a = l->asks; a; a = next) {
        next = a->hh.next;
        if (a->is_seen)
            set_state(l, a, ASK_PUT);
        else
            look_for(l, a, seen.is_whole);
        a->is_seen = false;
    }
    return 0;
}

/* --- in time --- */

/* IDS: those that are in the database, or may be. */
static void expire_queued(struct relay_link *l, bool all, int64_t now_us, struct buf *ids)
{
    struct relay_asked *a, *next;

    l->next_deadline_us = INT64_MAX;
    for (a = l->asks; a; a = next) {
        next = a->hh.next;
        bool is_over = all || a->deadline_us <= now_us;
        if (!is_over && a->deadline_us < l->next_deadline_us)
            l->next_deadline_us = a->deadline_us;
        a->is_seen = is_over;
        if (is_over && a->state == ASK_QUEUED)
            tell(l, a, a->may_be_done ? RELAY_LOST : RELAY_NOT_TAKEN, NULL, 0);
        else if (is_over)
            relay_add_id(ids, a->id);
    }
}

static void expire_rest(struct relay_link *l)
{
    struct relay_asked *a, *next;

    for (a = l->asks; a; a = next) {
        next = a->hh.next;
        if (a->is_seen)
            tell(l, a, RELAY_LOST, NULL, 0);
    }
}

int relay_asks_expire(struct relay_link *l, bool all, struct fault *fault)
{
    int64_t now_us = relay_now(l);
    struct buf ids;
    int err = 0;

    if (!l->asks || (!all && now_us < l->next_deadline_us))
        return 0;
    buf_init(&ids, LIMIT_STORE_QUEUE);
    expire_queued(l, all, now_us, &ids);
    if (ids.len && !l->is_away && buf_text(&ids))
        err = relay_sql_withdraw(l->db, l->node, buf_text(&ids), on_withdrawn, l, fault);
    buf_fini(&ids);
    expire_rest(l);
    return err;
}
