#include "daemon/tg/call/dialogs.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/table.h"
#include "daemon/tg/call/desk.h"
#include "daemon/tl/tree.h"

enum { PAGE = 100, PAGES_MAX = 200, FOLDERS = 2 };

struct waiter {
    int64_t deadline_us;
    bool (*is_enough)(void *ctx);
    void (*done)(void *ctx, const struct tg_answer *failure);
    void *ctx;
    struct waiter *next;
};

/* One for all of an account who wait. */
struct dialogs {
    struct tg_account *account;
    struct waiter *waiters;
    struct net_timer *late; /* who waits has no more time */
    int folder;             /* 0, then 1: the archive, where there is one */
    bool has_archive;
    unsigned pages;
    uint64_t mark; /* when the first was asked for: see tg_known_mark() */
    /* Where the next page begins. */
    json_int_t offset_date, offset_id;
    struct tg_peer offset_peer;
};

static void on_page(void *ctx, const struct tg_answer *answer);

/* The next page, by the time of who has the most. */
static int ask(struct dialogs *d, struct fault *fault)
{
    json_t *peer =
        d->offset_id ? tg_peer_input(&d->offset_peer, "InputPeer") : json_pack("{s:s}", "_", "inputPeerEmpty");
    json_t *params = json_pack("{s:I, s:I, s:o, s:i, s:s}", "offset_date", d->offset_date, "offset_id", d->offset_id,
                               "offset_peer", peer, "limit", PAGE, "hash", "0");
    int64_t deadline_us = 0;
    const struct waiter *w;

    if (params && d->folder)
        json_object_set_new(params, "folder_id", json_integer(d->folder));
    LL_FOREACH (d->waiters, w)
        if (w->deadline_us > deadline_us)
            deadline_us = w->deadline_us;
    return tg_invoke_named(d->account, "messages.getDialogs", params, deadline_us, 0, on_page, d, fault);
}

/* Takes those out who wait no longer; who asks anew meanwhile is not among them. */
static struct waiter *take(struct dialogs *d, bool (*is_over)(const struct waiter *w, int64_t now))
{
    int64_t now = tg_now(tg_account_env(d->account));
    struct waiter *out = NULL, *w, *next;

    LL_FOREACH_SAFE(d->waiters, w, next)
    {
        if (is_over && !is_over(w, now))
            continue;
        LL_DELETE(d->waiters, w);
        LL_APPEND(out, w);
    }
    return out;
}

static bool has_enough(const struct waiter *w, int64_t now)
{
    (void)now;
    return w->is_enough(w->ctx);
}

static bool is_late(const struct waiter *w, int64_t now)
{
    return w->deadline_us <= now;
}

static void tell(struct waiter *list, const struct tg_answer *failure)
{
    struct waiter *w, *next;

    LL_FOREACH_SAFE(list, w, next)
    {
        w->done(w->ctx, failure);
        free(w);
    }
}

static void end(struct dialogs *d, const struct tg_answer *failure)
{
    struct tg_desk *desk = tg_account_kept(d->account);
    struct waiter *all = take(d, NULL);

    desk->dialogs = NULL;
    net_timer_free(d->late);
    free(d);
    tell(all, failure);
}

static void set_timer(struct dialogs *d)
{
    const struct waiter *w, *first = d->waiters;

    LL_FOREACH (d->waiters, w)
        if (w->deadline_us < first->deadline_us)
            first = w;
    if (first)
        net_timer_set(d->late, first->deadline_us);
}

/* The page is still read, for the others and for who comes. */
static void on_late(void *ctx)
{
    struct dialogs *d = ctx;
    struct waiter *late = take(d, is_late);

    set_timer(d);
    tell(late, &(struct tg_answer){.outcome = TG_NO_ANSWER,
                                   .err = TGC_ETIMEOUT,
                                   .detail = "the account's chats could not be read in time"});
}

/* The date of a dialog's top message; 0 where it is not there. */
static json_int_t date_of(const json_t *messages, const json_t *dialog)
{
    const json_t *top = json_object_get(dialog, "top_message"), *message;
    size_t i;

    json_array_foreach (messages, i, message)
        if (json_equal(json_object_get(message, "id"), top) &&
            json_equal(json_object_get(message, "peer_id"), json_object_get(dialog, "peer")))
            return json_integer_value(json_object_get(message, "date"));
    return 0;
}

/* Whether there is another page: it begins behind the last dialog that can be pointed to. */
static bool step(struct dialogs *d, const json_t *tree)
{
    const json_t *dialogs = json_object_get(tree, "dialogs"), *messages = json_object_get(tree, "messages");
    const char *name = json_string_value(json_object_get(tree, "_"));
    enum peer_kind kind;
    int64_t id;

    for (size_t i = 0; i < json_array_size(dialogs); i++) {
        const char *what = json_string_value(json_object_get(json_array_get(dialogs, i), "_"));
        d->has_archive |= what && strcmp(what, "dialogFolder") == 0;
    }
    if (!name || strcmp(name, "messages.dialogsSlice") != 0 || ++d->pages >= PAGES_MAX)
        return false;
    for (size_t i = json_array_size(dialogs); i-- > 0;) {
        const json_t *dialog = json_array_get(dialogs, i);
        json_int_t date = date_of(messages, dialog), top = json_integer_value(json_object_get(dialog, "top_message"));
        if (!date || !top || !tg_peer_of_json(json_object_get(dialog, "peer"), 0, &kind, &id))
            continue;
        const struct tg_peer *peer = tg_peers_find(tg_account_peers(d->account), kind, id);
        if (!peer || !(peer->has_hash || peer->is_self))
            continue;
        if (date == d->offset_date && top == d->offset_id && peer->id == d->offset_peer.id)
            return false; /* it does not go on */
        d->offset_date = date;
        d->offset_id = top;
        d->offset_peer = *peer;
        return true;
    }
    return false;
}

/* Goes on for who still waits. */
static void go_on(struct dialogs *d, bool (*is_over)(const struct waiter *w, int64_t now),
                  const struct tg_answer *failure)
{
    struct waiter *over = take(d, is_over);
    struct fault fault = {0};

    if (!d->waiters) {
        LL_CONCAT(d->waiters, over);
        end(d, failure);
        return;
    }
    int err = ask(d, &fault);
    if (err)
        end(d, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = fault.text});
    else
        set_timer(d);
    tell(over, failure);
}

static void on_page(void *ctx, const struct tg_answer *answer)
{
    struct dialogs *d = ctx;
    struct fault fault = {0};
    json_t *tree = NULL;

    if (answer->outcome == TG_NO_ANSWER && answer->err == TGC_ETIMEOUT) {
        go_on(d, is_late, answer);
        return;
    }
    if (answer->outcome != TG_RESULT) {
        end(d, answer);
        return;
    }
    int err = tl_tree_result(tg_account_env(d->account)->schema, answer->method, answer->data, answer->len, &tree, NULL,
                             &fault);
    bool more = !err && step(d, tree);
    json_decref(tree);
    if (!err && !more && d->has_archive && d->folder + 1 < FOLDERS) {
        d->folder++;
        d->offset_date = d->offset_id = 0;
        more = true;
    }
    if (err) {
        end(d, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = fault.text});
    } else if (more) {
        go_on(d, has_enough, NULL);
    } else {
        tg_known_dialogs_read(tg_account_known(d->account), d->mark);
        end(d, NULL);
    }
}

static int begin(struct tg_account *a, struct waiter *w, struct dialogs **ret, struct fault *fault)
{
    struct dialogs *d = calloc(1, sizeof(*d));
    int err = TGC_ENOMEM;

    if (d) {
        d->account = a;
        d->waiters = w;
        d->mark = tg_known_mark(tg_account_known(a));
        err = net_timer_new(tg_account_env(a)->loop, on_late, d, &d->late);
    }
    err = err ? fault_set(fault, err, "out of memory") : ask(d, fault);
    if (err) {
        if (d)
            net_timer_free(d->late);
        free(d);
        return err;
    }
    set_timer(d);
    *ret = d;
    return 0;
}

int tg_dialogs_read(struct tg_account *a, int64_t deadline_us, bool (*is_enough)(void *ctx),
                    void (*done)(void *ctx, const struct tg_answer *failure), void *ctx, struct fault *fault)
{
    struct tg_desk *desk;
    struct waiter *w;

    if (tg_known_dialogs_are_read(tg_account_known(a))) {
        done(ctx, NULL);
        return 0;
    }
    desk = tg_desk_of(a);
    w = desk ? malloc(sizeof(*w)) : NULL;
    if (!w)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *w = (struct waiter){deadline_us, is_enough, done, ctx, NULL};
    if (desk->dialogs) {
        LL_APPEND(desk->dialogs->waiters, w);
        set_timer(desk->dialogs);
        return 0;
    }
    int err = begin(a, w, &desk->dialogs, fault);
    if (err)
        free(w);
    return err;
}
