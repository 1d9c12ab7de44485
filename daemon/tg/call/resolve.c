#include "daemon/tg/call/resolve.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/account/account.h"
#include "daemon/tg/call/dialogs.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/tree.h"

struct resolve {
    struct tg_account *account;
    struct peer_text text;
    tg_resolved_fn *done;
    void *ctx;
};

static void unknown(tg_resolved_fn *done, void *ctx, const struct peer_text *text)
{
    static const struct tg_resolved words[] = {
        [PEER_TEXT_NAME] = {.remedy = "Check the spelling of the username"},
        [PEER_TEXT_PHONE] = {.detail = "this phone number is not among the account's contacts",
                             .remedy = "Add the number to the account's contacts, or use a username"},
        [PEER_TEXT_INVITE] = {.detail = "the account is not in the chat of this invite link",
                              .remedy = "Join the chat with this account first"},
        [PEER_TEXT_ID] = {.remedy = "Use the @name or a link once, or open the chat with this account; the id of a "
                                    "group is -ID, that of a channel is -1000000000000 - ID, as Bot API has it"},
    };
    struct tg_resolved told = words[text->kind];
    char detail[192];

    /* Which one it was, where a request names several. Numbers and invites are nobody's to read in a log. */
    if (text->kind == PEER_TEXT_NAME) {
        snprintf(detail, sizeof(detail), "no user or chat has the name @%s", text->text);
        told.detail = detail;
    } else if (text->kind == PEER_TEXT_ID) {
        snprintf(detail, sizeof(detail),
                 "the account knows no peer of the id %" PRId64 ", or a group and a channel that both have it",
                 peer_marked_id(text->peer, text->id));
        told.detail = detail;
    }
    done(ctx, &told);
}

/* Tells who it is, where that is known by now. */
static bool tell_known(struct tg_account *a, const struct peer_text *text, tg_resolved_fn *done, void *ctx)
{
    struct tg_peer peer;

    switch (tg_known_name(tg_account_known(a), text, &peer)) {
    case TG_NAME_PEER:
        done(ctx, &(struct tg_resolved){.peer = &peer});
        return true;
    case TG_NAME_MISSED:
        unknown(done, ctx, text);
        return true;
    default:
        return false;
    }
}

/* Telegram was asked, and its answer is learnt. */
static void end(struct resolve *r)
{
    if (!tell_known(r->account, &r->text, r->done, r->ctx)) {
        (void)!tg_known_name_missed(tg_account_known(r->account), &r->text);
        unknown(r->done, r->ctx, &r->text);
    }
    free(r);
}

static void end_failed(struct resolve *r, const struct tg_answer *failure)
{
    r->done(r->ctx, &(struct tg_resolved){.failure = failure});
    free(r);
}

static bool error_is(const struct tg_answer *answer, const char *prefix)
{
    return answer->outcome == TG_RPC_ERROR && strncmp(answer->error->message, prefix, strlen(prefix)) == 0;
}

/* The answer as a tree where there is one, else NULL; other refusals than "there is none" are the caller's to see. */
static bool read_answer(struct resolve *r, const struct tg_answer *answer, const char *none, json_t **ret)
{
    *ret = NULL;
    if (answer->outcome != TG_RESULT && !error_is(answer, none)) {
        end_failed(r, answer);
        return false;
    }
    if (answer->outcome == TG_RESULT)
        (void)!tl_tree_result(tg_account_env(r->account)->schema, answer->method, answer->data, answer->len, ret, NULL,
                              NULL);
    return true;
}

static void on_name(void *ctx, const struct tg_answer *answer)
{
    struct resolve *r = ctx;
    enum peer_kind kind;
    json_t *tree;
    int64_t id;

    if (!read_answer(r, answer, "USERNAME_", &tree))
        return;
    if (tg_peer_of_json(json_object_get(tree, "peer"), 0, &kind, &id))
        (void)!tg_known_name_found(tg_account_known(r->account), &r->text, kind, id);
    else
        tg_known_name_forget(tg_account_known(r->account), &r->text); /* whoever had it */
    json_decref(tree);
    end(r);
}

/* chatInviteAlready, and chatInvitePeek for a chat that may be looked into. */
static void on_invite(void *ctx, const struct tg_answer *answer)
{
    struct resolve *r = ctx;
    json_t *tree;

    if (!read_answer(r, answer, "INVITE_HASH_", &tree))
        return;
    const json_t *chat = json_object_get(tree, "chat");
    const char *name = json_string_value(json_object_get(chat, "_"));
    const char *id = json_string_value(json_object_get(chat, "id"));
    if (name && id)
        (void)!tg_known_name_found(tg_account_known(r->account), &r->text,
                                   strncmp(name, "channel", 7) == 0 ? PEER_CHANNEL : PEER_CHAT, strtoll(id, NULL, 10));
    json_decref(tree);
    end(r);
}

/* The whole list of contacts is learnt: that it was read is remembered as a name of its own. */
static const struct peer_text all_contacts = {.kind = PEER_TEXT_PHONE};

static void on_contacts(void *ctx, const struct tg_answer *answer)
{
    struct resolve *r = ctx;

    if (answer->outcome != TG_RESULT) {
        end_failed(r, answer);
        return;
    }
    (void)!tg_known_name_missed(tg_account_known(r->account), &all_contacts);
    end(r);
}

static void on_dialogs(void *ctx, const struct tg_answer *failure)
{
    struct resolve *r = ctx;

    if (failure)
        end_failed(r, failure);
    else
        end(r);
}

static bool is_enough(void *ctx)
{
    struct resolve *r = ctx;
    struct tg_peer peer;

    return tg_known_name(tg_account_known(r->account), &r->text, &peer) == TG_NAME_PEER;
}

static int ask(struct resolve *r, int64_t deadline_us, struct fault *fault)
{
    struct tg_account *a = r->account;
    struct tg_peer nobody;

    switch (r->text.kind) {
    case PEER_TEXT_NAME:
        return tg_invoke_named(a, "contacts.resolveUsername", json_pack("{s:s}", "username", r->text.text), deadline_us,
                               0, on_name, r, fault);
    case PEER_TEXT_INVITE:
        return tg_invoke_named(a, "messages.checkChatInvite", json_pack("{s:s}", "hash", r->text.text), deadline_us, 0,
                               on_invite, r, fault);
    case PEER_TEXT_PHONE:
        if (tg_known_name(tg_account_known(a), &all_contacts, &nobody) == TG_NAME_MISSED) {
            end(r);
            return 0;
        }
        return tg_invoke_named(a, "contacts.getContacts", json_pack("{s:s}", "hash", "0"), deadline_us, 0, on_contacts,
                               r, fault);
    case PEER_TEXT_ID:
    case PEER_TEXT_SELF:
    default:
        /* No id → hash look-up exists; the account's own chats are all it may hope for. */
        return tg_dialogs_read(a, deadline_us, is_enough, on_dialogs, r, fault);
    }
}

static void ask_for(struct tg_account *a, const struct peer_text *text, int64_t deadline_us, tg_resolved_fn *done,
                    void *ctx)
{
    struct fault fault = {0};
    struct resolve *r = calloc(1, sizeof(*r));
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

void tg_resolve(struct tg_account *a, const struct peer_text *text, int64_t deadline_us, tg_resolved_fn *done,
                void *ctx)
{
    if (text->kind == PEER_TEXT_SELF) {
        struct tg_peer self = {.kind = PEER_USER, .id = tg_account_self_id(a), .is_self = true};
        done(ctx, &(struct tg_resolved){.peer = &self});
        return;
    }
    if (!tell_known(a, text, done, ctx))
        ask_for(a, text, deadline_us, done, ctx);
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

static const char no_peer[] = "expected a name, a link, an id, a Peer or an InputPeer object";

/* By the schema: a member too many, one too few, a value out of its range. */
static int check_object(struct tg_account *a, const json_t *peer, struct fault *fault)
{
    const char *name = json_string_value(json_object_get(peer, "_"));
    const struct tl_comb *comb = name ? tl_find_constructor_name(tg_account_env(a)->schema, name) : NULL;
    struct buf bytes;

    if (!comb || (strcmp(comb->result.type->name, "InputPeer") != 0 && strcmp(comb->result.type->name, "Peer") != 0))
        return fault_set(fault, TGC_EINVAL, no_peer);
    buf_init(&bytes, LIMIT_QUERY);
    int err = tl_encode_object(tg_account_env(a)->schema, peer, TL_ENCODE_STRICT, &bytes, fault);
    buf_fini(&bytes);
    return err == TGC_ENOMEM ? err : err ? TGC_EINVAL : 0;
}

static void found(tg_resolved_fn *done, void *ctx, const struct tg_peer *peer)
{
    struct tg_peer copy = *peer; /* the callback may put peers, which moves what we point to */

    done(ctx, &(struct tg_resolved){.peer = &copy});
}

/* A Peer, as answers bear it, is an id with its kind. In an InputPeer that the caller made its access hash counts, or,
 * where it points to a message instead, ours. */
static int resolve_object(struct tg_account *a, const json_t *peer, int64_t deadline_us, tg_resolved_fn *done,
                          void *ctx, struct fault *fault)
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
    if (strncmp(name, "peer", 4) == 0) {
        struct peer_text text = {.kind = PEER_TEXT_ID, .peer = given.kind, .id = given.id};
        tg_resolve(a, &text, deadline_us, done, ctx);
        return 0;
    }
    const struct tg_peer *p = tg_peers_find(tg_account_peers(a), given.kind, given.id);
    if (given.kind == PEER_CHAT && p && p->kind == PEER_CHANNEL) {
        found(done, ctx, p);
        return 0;
    }
    if (strstr(name, "FromMessage")) {
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
        return resolve_object(a, peer, deadline_us, done, ctx, fault);
    }
    tg_resolve(a, &text, deadline_us, done, ctx);
    return 0;
}

static bool is_text(const json_t *peer, struct peer_text *ret)
{
    return json_is_string(peer) && peer_text_parse(json_string_value(peer), json_string_length(peer), ret, NULL) == 0;
}

bool tg_resolve_is_still(struct tg_account *a, const json_t *peer, const struct tg_peer *resolved)
{
    struct peer_text text;
    struct tg_peer now;

    if (!is_text(peer, &text) || text.kind != PEER_TEXT_NAME)
        return true;
    return tg_known_name(tg_account_known(a), &text, &now) == TG_NAME_PEER && now.kind == resolved->kind &&
           now.id == resolved->id;
}

bool tg_resolve_forget(struct tg_account *a, const json_t *peer)
{
    struct peer_text text;

    if (!is_text(peer, &text) || text.kind == PEER_TEXT_ID || text.kind == PEER_TEXT_SELF)
        return false;
    tg_known_name_forget(tg_account_known(a), &text);
    return true;
}

bool tg_resolve_anew(struct tg_account *a, const json_t *peer, int64_t deadline_us, tg_resolved_fn *done, void *ctx)
{
    struct peer_text text;

    if (!is_text(peer, &text) || text.kind != PEER_TEXT_NAME || tg_known_name_is_fresh(tg_account_known(a), &text))
        return false;
    ask_for(a, &text, deadline_us, done, ctx);
    return true;
}
