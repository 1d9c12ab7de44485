#include "daemon/tg/known/harvest.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tl/walk.h"

/* What an object on the way down is to us. */
enum what {
    OTHER,
    USER,
    CHAT,
    CHANNEL,
    MIGRATED_TO,
    USERNAME,
    GROUP_CALL,
    CALL_DISCARDED,
    UPDATE_GROUP_CALL,
    PEER,
    TOO_LONG
};

static const struct {
    const char *name;
    enum what what;
} names[HARVEST_NAMES] = {
    {"user", USER},
    {"chat", CHAT},
    {"chatForbidden", CHAT},
    {"channel", CHANNEL},
    {"channelForbidden", CHANNEL},
    {"inputChannel", MIGRATED_TO},
    {"username", USERNAME},
    {"groupCall", GROUP_CALL},
    {"groupCallDiscarded", CALL_DISCARDED},
    {"updateGroupCall", UPDATE_GROUP_CALL},
    {"peerUser", PEER},
    {"peerChat", PEER},
    {"peerChannel", PEER},
    {"updatesTooLong", TOO_LONG},
};

struct walk {
    const struct harvest_words *words;
    struct tg_peers *peers;
    struct harvest *ret;
    enum what stack[LIMIT_TL_DEPTH + 1];
    unsigned depth;
    struct tg_peer peer; /* the user or chat being read; they do not nest */
    bool peer_min, peer_has_hash, username_active;
    char first_username[TG_USERNAME_MAX]; /* of the usernames vector */
    struct tg_call_seen call;
    /* The updateGroupCall being read. */
    bool update_has_peer, update_has_chat_id;
    enum peer_kind update_peer_kind;
    int64_t update_peer_id;
    size_t update_call;           /* index + 1 of its call */
    bool bare[HARVEST_CALLS_MAX]; /* the calls whose update gave an id without a kind */
};

void tg_harvest_words(const struct tl_schema *schema, struct harvest_words *ret)
{
    ret->schema = schema;
    for (size_t i = 0; i < HARVEST_NAMES; i++)
        ret->combs[i] = tl_find_constructor_name(schema, names[i].name);
}

static enum what what_of(const struct harvest_words *words, const struct tl_comb *comb)
{
    for (size_t i = 0; i < HARVEST_NAMES; i++)
        if (comb == words->combs[i])
            return names[i].what;
    return OTHER;
}

static enum what top(const struct walk *w)
{
    return w->depth ? w->stack[w->depth - 1] : OTHER;
}

static bool is(const struct tl_param *field, const char *name)
{
    return field && strcmp(field->name, name) == 0;
}

static int begin_object(void *ctx, const struct tl_param *field, const struct tl_comb *comb)
{
    struct walk *w = ctx;
    enum what what = what_of(w->words, comb), parent = top(w);

    /* A Peer or an InputChannel matters in one place only. */
    if (what == PEER && !(parent == UPDATE_GROUP_CALL && is(field, "peer")))
        what = OTHER;
    if (what == MIGRATED_TO && !(parent == CHAT && is(field, "migrated_to")))
        what = OTHER;
    if (what == USERNAME && parent != USER && parent != CHANNEL)
        what = OTHER;
    switch (what) {
    case USER:
    case CHAT:
    case CHANNEL:
        memset(&w->peer, 0, sizeof(w->peer));
        w->peer.kind = what == USER ? PEER_USER : what == CHAT ? PEER_CHAT : PEER_CHANNEL;
        w->peer_min = w->peer_has_hash = false;
        w->first_username[0] = '\0';
        break;
    case USERNAME:
        w->username_active = false;
        break;
    case GROUP_CALL:
    case CALL_DISCARDED:
        memset(&w->call, 0, sizeof(w->call));
        w->call.discarded = what == CALL_DISCARDED;
        w->call.from_update = parent == UPDATE_GROUP_CALL;
        w->call.duration = -1;
        w->call.layer_lacks_rtmp = !(comb->flags_defined[0] & (UINT32_C(1) << 12));
        break;
    case UPDATE_GROUP_CALL:
        w->update_has_peer = w->update_has_chat_id = false;
        w->update_call = 0;
        break;
    case PEER:
        w->update_peer_kind = strcmp(comb->name, "peerUser") == 0   ? PEER_USER
                              : strcmp(comb->name, "peerChat") == 0 ? PEER_CHAT
                                                                    : PEER_CHANNEL;
        break;
    case TOO_LONG:
        w->ret->too_long = true;
        break;
    case MIGRATED_TO:
    case OTHER:
        break;
    }
    if (w->depth >= sizeof(w->stack) / sizeof(w->stack[0]))
        return TGC_ELIMIT;
    w->stack[w->depth++] = what;
    return 0;
}

static int keep_call(struct walk *w)
{
    if (w->ret->calls_n == HARVEST_CALLS_MAX) {
        w->ret->calls_lost = true;
        return 0;
    }
    w->ret->calls[w->ret->calls_n++] = w->call;
    if (w->call.from_update)
        w->update_call = w->ret->calls_n;
    return 0;
}

static int end_object(void *ctx)
{
    struct walk *w = ctx;
    enum what what = w->stack[--w->depth];

    switch (what) {
    case USER:
    case CHAT:
    case CHANNEL:
        if (!w->peer.username[0])
            memcpy(w->peer.username, w->first_username, sizeof(w->peer.username));
        w->peer.has_hash = w->peer_has_hash || what == CHAT;
        if (w->peer.is_self)
            w->ret->self_id = w->peer.id;
        return tg_peers_put(w->peers, &w->peer, w->peer_min);
    case GROUP_CALL:
    case CALL_DISCARDED:
        return keep_call(w);
    case UPDATE_GROUP_CALL:
        if (w->update_call && (w->update_has_peer || w->update_has_chat_id)) {
            struct tg_call_seen *call = &w->ret->calls[w->update_call - 1];
            call->has_peer = true;
            /* Old layers give a bare id of either kind: settled when all chats of the answer are read. */
            w->bare[w->update_call - 1] = !w->update_has_peer;
            call->peer_kind = w->update_has_peer ? w->update_peer_kind : PEER_CHAT;
            call->peer_id = w->update_peer_id;
        }
        return 0;
    case PEER:
        w->update_has_peer = true;
        return 0;
    default:
        return 0;
    }
}

static int skip_vector(void *ctx, const struct tl_param *field, uint32_t count)
{
    (void)ctx;
    (void)field;
    (void)count;
    return 0;
}

static int end_vector(void *ctx)
{
    (void)ctx;
    return 0;
}

static int on_int(void *ctx, const struct tl_param *field, int32_t v)
{
    struct walk *w = ctx;

    if (top(w) == GROUP_CALL) {
        if (is(field, "participants_count"))
            w->call.participants_count = v;
        else if (is(field, "version"))
            w->call.version = v;
        else if (is(field, "schedule_date"))
            w->call.schedule_date = v;
    } else if (top(w) == CALL_DISCARDED && is(field, "duration")) {
        w->call.duration = v;
    }
    return 0;
}

static int on_long(void *ctx, const struct tl_param *field, int64_t v)
{
    struct walk *w = ctx;

    switch (top(w)) {
    case USER:
    case CHAT:
    case CHANNEL:
        if (is(field, "id")) {
            w->peer.id = v;
        } else if (is(field, "access_hash")) {
            w->peer.access_hash = v;
            w->peer_has_hash = true;
        }
        break;
    case MIGRATED_TO:
        if (is(field, "channel_id"))
            w->peer.migrated_to = v;
        break;
    case GROUP_CALL:
    case CALL_DISCARDED:
        if (is(field, "id"))
            w->call.id = v;
        else if (is(field, "access_hash"))
            w->call.access_hash = v;
        break;
    case UPDATE_GROUP_CALL:
        if (is(field, "chat_id")) {
            w->update_has_chat_id = true;
            w->update_peer_id = v;
        }
        break;
    case PEER:
        w->update_peer_id = v;
        break;
    default:
        break;
    }
    return 0;
}

static int on_double(void *ctx, const struct tl_param *field, double v)
{
    (void)ctx;
    (void)field;
    (void)v;
    return 0;
}

static int on_bool(void *ctx, const struct tl_param *field, bool v)
{
    struct walk *w = ctx;

    switch (top(w)) {
    case USER:
    case CHANNEL:
        if (is(field, "min"))
            w->peer_min = v;
        else if (is(field, "self"))
            w->peer.is_self = v;
        break;
    case USERNAME:
        if (is(field, "active"))
            w->username_active = v;
        break;
    case GROUP_CALL:
        if (is(field, "join_muted"))
            w->call.join_muted = v;
        else if (is(field, "rtmp_stream"))
            w->call.rtmp_stream = v;
        else if (is(field, "min"))
            w->call.min = v;
        break;
    default:
        break;
    }
    return 0;
}

static int on_raw(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    (void)ctx;
    (void)field;
    (void)v;
    (void)len;
    return 0;
}

/* Usernames are ASCII; anything longer or stranger is no username that could be asked for. */
static void copy_username(char out[static TG_USERNAME_MAX], const uint8_t *v, size_t len)
{
    out[0] = '\0';
    if (len >= TG_USERNAME_MAX)
        return;
    for (size_t i = 0; i < len; i++) {
        char c = (char)(v[i] >= 'A' && v[i] <= 'Z' ? v[i] - 'A' + 'a' : v[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') {
            out[0] = '\0';
            return;
        }
        out[i] = c;
    }
    out[len] = '\0';
}

static int on_string(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    struct walk *w = ctx;

    switch (top(w)) {
    case USER:
    case CHANNEL:
        if (is(field, "username")) {
            copy_username(w->peer.username, v, len);
        } else if (is(field, "phone") && len < TG_PHONE_MAX) {
            memcpy(w->peer.phone, v, len);
            w->peer.phone[len] = '\0';
        }
        break;
    case USERNAME:
        if (is(field, "username") && w->username_active && !w->first_username[0])
            copy_username(w->first_username, v, len);
        break;
    case GROUP_CALL:
        if (is(field, "title")) {
            w->call.title = (const char *)v;
            w->call.title_len = len;
        }
        break;
    default:
        break;
    }
    return 0;
}

static const struct tl_visitor visitor = {begin_object, end_object, skip_vector, end_vector, on_int,   on_long,
                                          on_double,    on_bool,    on_raw,      on_raw,     on_string};

/* updateGroupCall of old layers says chat_id for basic groups and channels alike: a chat we know as a channel is one.
 */
static void settle_kinds(struct walk *w)
{
    for (size_t i = 0; i < w->ret->calls_n; i++) {
        struct tg_call_seen *call = &w->ret->calls[i];
        if (w->bare[i] && tg_peers_find(w->peers, PEER_CHANNEL, call->peer_id))
            call->peer_kind = PEER_CHANNEL;
    }
}

int tg_harvest(const struct harvest_words *words, const struct tl_comb *method, const void *data, size_t len,
               struct tg_peers *peers, struct harvest *ret, struct fault *fault)
{
    struct walk w = {.words = words, .peers = peers, .ret = ret};
    struct tl_walk_stats stats = {0};
    int err;

    *ret = (struct harvest){0};
    if (method)
        err = tl_walk_result(words->schema, method, data, len, &visitor, &w, &stats, fault);
    else
        err = tl_walk_object(words->schema, data, len, &visitor, &w, &stats, fault);
    settle_kinds(&w);
    ret->undefined_flags = stats.undefined_flags;
    return err;
}
