#include "daemon/tg/call/dialogs.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/tl/tree.h"

enum { PAGE = 100, PAGES_MAX = 200, FOLDERS = 2 };

struct read {
    struct tg_account *account;
    int64_t deadline_us;
    bool (*is_enough)(void *ctx);
    void (*done)(void *ctx, const struct tg_answer *failure);
    void *ctx;
    int folder; /* 0, then 1: the archive, where there is one */
    bool has_archive;
    unsigned pages;
    /* Where the next page begins. */
    json_int_t offset_date, offset_id;
    struct tg_peer offset_peer;
};

static void on_page(void *ctx, const struct tg_answer *answer);

static int ask(struct read *d, struct fault *fault)
{
    json_t *peer =
        d->offset_id ? tg_peer_input(&d->offset_peer, "InputPeer") : json_pack("{s:s}", "_", "inputPeerEmpty");
    json_t *params = json_pack("{s:I, s:I, s:o, s:i, s:s}", "offset_date", d->offset_date, "offset_id", d->offset_id,
                               "offset_peer", peer, "limit", PAGE, "hash", "0");

    if (params && d->folder)
        json_object_set_new(params, "folder_id", json_integer(d->folder));
    return tg_invoke_named(d->account, "messages.getDialogs", params, d->deadline_us, 0, on_page, d, fault);
}

static void end(struct read *d, const struct tg_answer *failure)
{
    void (*done)(void *ctx, const struct tg_answer *failure) = d->done;
    void *ctx = d->ctx;

    free(d);
    done(ctx, failure);
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
static bool step(struct read *d, const json_t *tree)
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

static void on_page(void *ctx, const struct tg_answer *answer)
{
    struct read *d = ctx;
    struct fault fault = {0};
    json_t *tree = NULL;

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
    if (!err && !more)
        tg_known_dialogs_read(tg_account_known(d->account));
    if (!err && more && !d->is_enough(d->ctx)) {
        err = ask(d, &fault);
        if (!err)
            return;
    }
    struct tg_answer failure = {.outcome = TG_NO_ANSWER, .err = err, .detail = fault.text};
    end(d, err ? &failure : NULL);
}

int tg_dialogs_read(struct tg_account *a, int64_t deadline_us, bool (*is_enough)(void *ctx),
                    void (*done)(void *ctx, const struct tg_answer *failure), void *ctx, struct fault *fault)
{
    if (tg_known_dialogs_are_read(tg_account_known(a))) {
        done(ctx, NULL);
        return 0;
    }
    struct read *d = calloc(1, sizeof(*d));
    if (!d)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *d = (struct read){.account = a, .deadline_us = deadline_us, .is_enough = is_enough, .done = done, .ctx = ctx};
    int err = ask(d, fault);
    if (err)
        free(d);
    return err;
}
