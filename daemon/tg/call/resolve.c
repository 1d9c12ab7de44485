#include "daemon/tg/call/resolve.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/account/account.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/tree.h"

enum { DIALOGS_PAGE = 100 };

struct resolve {
    struct tg_account *account;
    struct peer_text text;
    tg_resolved_fn *done;
    void *ctx;
};

static void found(tg_resolved_fn *done, void *ctx, const struct tg_peer *peer)
{
    struct tg_peer copy = *peer; /* the callback may put peers, which moves what we point to */

    done(ctx, &(struct tg_resolved){.peer = &copy});
}

static void unknown(tg_resolved_fn *done, void *ctx, const char *detail, const char *remedy)
{
    done(ctx, &(struct tg_resolved){.detail = detail, .remedy = remedy});
}

/* What is known already; NULL. A user or channel without an access hash is not known well enough to act on. */
static const struct tg_peer *known(struct tg_account *a, const struct peer_text *t)
{
    const struct tg_peer *p = NULL;

    switch (t->kind) {
    case PEER_TEXT_NAME:
        p = tg_peers_find_username(tg_account_peers(a), t->text);
        break;
    case PEER_TEXT_PHONE:
        p = tg_peers_find_phone(tg_account_peers(a), t->text);
        break;
    case PEER_TEXT_ID:
        p = tg_peers_find(tg_account_peers(a), t->peer, t->id);
        break;
    case PEER_TEXT_SELF:
    case PEER_TEXT_INVITE:
        break;
    }
    return p && (p->has_hash || p->is_self) ? p : NULL;
}

static void tell_unknown(struct resolve *r)
{
    switch (r->text.kind) {
    case PEER_TEXT_NAME:
        unknown(r->done, r->ctx, "no user or chat has this name", "Check the spelling of the username");
        break;
    case PEER_TEXT_PHONE:
        unknown(r->done, r->ctx, "this phone number is not among the account's contacts",
                "Add the number to the account's contacts, or use a username");
        break;
    case PEER_TEXT_INVITE:
        unknown(r->done, r->ctx, "the account is not in the chat of this invite link",
                "Join the chat with this account first");
        break;
    default:
        unknown(r->done, r->ctx, "the account has never met a peer of this id",
                "Use the @name or a link once, or open the chat with this account");
        break;
    }
}

/* What the answer taught is in the cache by now. */
static void on_asked(void *ctx, const struct tg_answer *answer)
{
    struct resolve *r = ctx;
    const struct tg_peer *p = known(r->account, &r->text);

    if (p)
        found(r->done, r->ctx, p);
    else if (answer->outcome != TG_RESULT &&
             !(answer->outcome == TG_RPC_ERROR && (strcmp(answer->error->message, "USERNAME_NOT_OCCUPIED") == 0 ||
                                                   strcmp(answer->error->message, "USERNAME_INVALID") == 0)))
        r->done(r->ctx, &(struct tg_resolved){.failure = answer});
    else
        tell_unknown(r);
    free(r);
}

static void on_name(void *ctx, const struct tg_answer *answer)
{
    struct resolve *r = ctx;
    json_t *tree = NULL;
    enum peer_kind kind;
    int64_t id;
    const struct tg_peer *p = NULL;

    /* The name may be one of several of the peer, which the cache does not all keep: the answer says who is meant. */
    if (answer->outcome == TG_RESULT &&
        tl_tree_result(tg_account_env(r->account)->schema, answer->method, answer->data, answer->len, &tree, NULL,
                       NULL) == 0 &&
        tg_peer_of_json(json_object_get(tree, "peer"), 0, &kind, &id))
        p = tg_peers_find(tg_account_peers(r->account), kind, id);
    json_decref(tree);
    if (p && (p->has_hash || p->is_self)) {
        found(r->done, r->ctx, p);
        free(r);
        return;
    }
    on_asked(r, answer);
}

/* Nobody's invite, or one that is over; other refusals are the caller's to see. */
static bool is_no_invite(const struct tg_answer *answer)
{
    static const char prefix[] = "INVITE_HASH_";

    return answer->outcome == TG_RPC_ERROR && strncmp(answer->error->message, prefix, sizeof(prefix) - 1) == 0;
}

static void on_invite(void *ctx, const struct tg_answer *answer)
{
    struct resolve *r = ctx;
    json_t *tree = NULL;
    const struct tg_peer *p = NULL;

    if (answer->outcome != TG_RESULT && !is_no_invite(answer)) {
        r->done(r->ctx, &(struct tg_resolved){.failure = answer});
        free(r);
        return;
    }
    if (answer->outcome == TG_RESULT && tl_tree_result(tg_account_env(r->account)->schema, answer->method, answer->data,
                                                       answer->len, &tree, NULL, NULL) == 0) {
        const char *name = json_string_value(json_object_get(tree, "_"));
        const json_t *chat = json_object_get(tree, "chat");
        const char *chat_name = json_string_value(json_object_get(chat, "_"));
        const char *id = json_string_value(json_object_get(chat, "id"));
        if (name && strcmp(name, "chatInviteAlready") == 0 && chat_name && id)
            p = tg_peers_find(tg_account_peers(r->account),
                              strncmp(chat_name, "channel", 7) == 0 ? PEER_CHANNEL : PEER_CHAT, strtoll(id, NULL, 10));
    }
    json_decref(tree);
    if (p)
        found(r->done, r->ctx, p);
    else
        tell_unknown(r);
    free(r);
}

static int ask(struct resolve *r, int64_t deadline_us, struct fault *fault)
{
    struct tg_account *a = r->account;

    switch (r->text.kind) {
    case PEER_TEXT_NAME:
        return tg_invoke_named(a, "contacts.resolveUsername", json_pack("{s:s}", "username", r->text.text), deadline_us,
                               TG_INVOKE_REPEATABLE, on_name, r, fault);
    case PEER_TEXT_INVITE:
        return tg_invoke_named(a, "messages.checkChatInvite", json_pack("{s:s}", "hash", r->text.text), deadline_us,
                               TG_INVOKE_REPEATABLE, on_invite, r, fault);
    case PEER_TEXT_PHONE:
        return tg_invoke_named(a, "contacts.getContacts", json_pack("{s:s}", "hash", "0"), deadline_us,
                               TG_INVOKE_REPEATABLE, on_asked, r, fault);
    case PEER_TEXT_ID:
    case PEER_TEXT_SELF:
    default:
        /* No id → hash look-up exists; the account's own chats are all it may hope for. */
        return tg_invoke_named(a, "messages.getDialogs",
                               json_pack("{s:i, s:i, s:{s:s}, s:i, s:s}", "offset_date", 0, "offset_id", 0,
                                         "offset_peer", "_", "inputPeerEmpty", "limit", DIALOGS_PAGE, "hash", "0"),
                               deadline_us, TG_INVOKE_REPEATABLE, on_asked, r, fault);
    }
}

void tg_resolve(struct tg_account *a, const struct peer_text *text, int64_t deadline_us, tg_resolved_fn *done,
                void *ctx)
{
    const struct tg_peer *p = known(a, text);
    struct fault fault = {0};
    struct resolve *r;

    if (text->kind == PEER_TEXT_SELF) {
        found(done, ctx, &(struct tg_peer){.kind = PEER_USER, .id = tg_account_self_id(a), .is_self = true});
        return;
    }
    if (p) {
        found(done, ctx, p);
        return;
    }
    r = calloc(1, sizeof(*r));
    int err = TGC_ENOMEM;
    if (r) {
        *r = (struct resolve){a, *text, done, ctx};
        err = ask(r, deadline_us, &fault);
    }
    if (err) {
        free(r);
        struct tg_answer failure = {
            .outcome = TG_NO_ANSWER, .err = err, .detail = fault.text[0] ? fault.text : "out of memory"};
        done(ctx, &(struct tg_resolved){.failure = &failure});
    }
}

static bool read_long(const json_t *v, int64_t *ret)
{
    const char *text = json_string_value(v);
    char *end;

    if (json_is_integer(v)) {
        *ret = json_integer_value(v);
        return true;
    }
    if (!text || !*text)
        return false;
    errno = 0;
    *ret = strtoll(text, &end, 10);
    return *end == '\0' && errno == 0;
}

static const char no_peer[] = "expected a name, a link, an id or an InputPeer object";

/* By the schema: a member too many, one too few, a value out of its range. */
static int check_object(struct tg_account *a, const json_t *peer, struct fault *fault)
{
    const char *name = json_string_value(json_object_get(peer, "_"));
    const struct tl_comb *comb = name ? tl_find_constructor_name(tg_account_env(a)->schema, name) : NULL;
    struct buf bytes;

    if (!comb || strcmp(comb->result.type->name, "InputPeer") != 0)
        return fault_set(fault, TGC_EINVAL, no_peer);
    buf_init(&bytes, LIMIT_QUERY);
    int err = tl_encode_object(tg_account_env(a)->schema, peer, TL_ENCODE_STRICT, &bytes, fault);
    buf_fini(&bytes);
    return err == TGC_ENOMEM ? err : err ? TGC_EINVAL : 0;
}

/* An InputPeer that the caller made: its access hash counts, or, where it points to a message instead, ours. */
static int resolve_object(struct tg_account *a, const json_t *peer, tg_resolved_fn *done, void *ctx,
                          struct fault *fault)
{
    struct tg_peer given = {0};
    const json_t *hash = json_object_get(peer, "access_hash");
    const char *name = json_string_value(json_object_get(peer, "_"));
    int64_t value = 0;

    int err = check_object(a, peer, fault);
    if (err)
        return err;
    if (!tg_peer_of_json(peer, tg_account_self_id(a), &given.kind, &given.id))
        return fault_set(fault, TGC_EINVAL, no_peer);
    if (strstr(name, "FromMessage")) {
        const struct tg_peer *p = tg_peers_find(tg_account_peers(a), given.kind, given.id);
        if (!p || !p->has_hash)
            return fault_set(fault, TGC_EINVAL,
                             "%s is taken only of a peer that the account knows: give its name or id", name);
        found(done, ctx, p);
        return 0;
    }
    if (hash && !read_long(hash, &value))
        return fault_set(fault, TGC_EINVAL, "access_hash is not a 64-bit integer");
    given.is_self = given.kind == PEER_USER && given.id == tg_account_self_id(a);
    given.has_hash = true;
    given.access_hash = value;
    found(done, ctx, &given);
    return 0;
}

int tg_resolve_json(struct tg_account *a, const json_t *peer, int64_t deadline_us, tg_resolved_fn *done, void *ctx,
                    struct fault *fault)
{
    struct peer_text text = {.kind = PEER_TEXT_ID};

    if (json_is_integer(peer)) {
        if (peer_marked_id_parse(json_integer_value(peer), &text.peer, &text.id) != 0)
            return fault_set(fault, TGC_EINVAL, "not an id of a user or chat");
    } else if (json_is_string(peer)) {
        int err = peer_text_parse(json_string_value(peer), json_string_length(peer), &text, fault);
        if (err)
            return err;
    } else {
        return resolve_object(a, peer, done, ctx, fault);
    }
    tg_resolve(a, &text, deadline_us, done, ctx);
    return 0;
}
