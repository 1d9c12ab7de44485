/* What an account comes to know by bytes that anybody may have made: answers and updates of either layer, in any order
 * and however late, with silence, lost links and logouts between them. What is known has to stay whole after each.
 * Input: layer (u8), then steps: what happens (u8) and what belongs to it. */
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/known_internal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/tl_make.h"

enum { STEPS_MAX = 64, MARKS = 8, ANSWER_MAX = 64 << 10, CHATS_MAX = 64 };

static const int64_t ids[] = {1001, 1002, 5001, 6001, 6002, 6003, 7001, 0, 1, 2};
static const char *const methods[] = {
    "phone.createGroupCall", /* Updates: what comes unasked too */
    "phone.getGroupCall",    "channels.getFullChannel",  "messages.getFullChat",     "messages.getDialogs",
    "users.getUsers",        "contacts.resolveUsername", "messages.checkChatInvite",
};

static struct {
    const struct tl_schema *schema;
    struct tg_known *k;
    struct feed f;
    int64_t now_us;
    uint64_t marks[MARKS]; /* of questions that were asked */
    bool is_filled;
    int64_t records; /* told of, less those that were told to be forgotten */
} at;

static int64_t read_mono(void *ctx)
{
    return at.now_us;
}

static int64_t read_wall(void *ctx)
{
    return 1800000000 * SECOND_US + at.now_us;
}

static void on_call(void *ctx, struct tg_account *account, const struct tg_call *call, enum tg_change change)
{
    at.records += change == TG_MADE ? 1 : change == TG_FORGOTTEN ? -1 : 0;
    FUZZ_CHECK(at.records >= 0 && call->id != 0);
}

static const struct tg_listener listener = {.call_changed = on_call};

/* --- what must hold after whatever was heard --- */

struct chat_calls {
    enum peer_kind kind;
    int64_t id;
};

/* Of two calls of a chat that run, at most one is believed. */
static void check_chat_of(const struct tg_call *call, struct chat_calls seen[], size_t *n)
{
    for (size_t i = 0; i < *n; i++)
        FUZZ_CHECK(seen[i].kind != call->peer_kind || seen[i].id != call->peer_id);
    if (*n < CHATS_MAX)
        seen[(*n)++] = (struct chat_calls){call->peer_kind, call->peer_id};
}

static void check_calls(void)
{
    struct tg_calls *calls = tg_known_calls(at.k);
    struct chat_calls seen[CHATS_MAX];
    size_t seen_n = 0, n = 0, stale = 0, listed = 0;

    for (struct tg_call *c = tg_calls_next(calls, NULL); c; c = tg_calls_next(calls, c), n++) {
        FUZZ_CHECK(tg_calls_find(calls, c->id) == c);
        FUZZ_CHECK(!c->stale || c->state != TG_CALL_DISCARDED);
        FUZZ_CHECK(!c->end_inferred || c->state == TG_CALL_DISCARDED);
        stale += c->stale;
        if (c->has_peer && !c->stale && c->state != TG_CALL_DISCARDED)
            check_chat_of(c, seen, &seen_n);
    }
    for (struct tg_call *c = tg_calls_first_stale(calls); c; c = c->next, listed++)
        FUZZ_CHECK(c->stale && listed < n);
    FUZZ_CHECK(stale == listed);
    FUZZ_CHECK(n == tg_calls_count(calls) && n <= LIMIT_CALLS && at.records == (int64_t)n);
}

/* What is told for sure of a chat is what its calls' records say. */
static void check_chat(enum peer_kind kind, int64_t id)
{
    struct tg_calls *calls = tg_known_calls(at.k);
    struct tg_call *call = NULL;
    enum tg_chat_state state = tg_known_chat(at.k, kind, id, &call);

    FUZZ_CHECK((state == TG_CHAT_CALL) == (call != NULL));
    if (call)
        FUZZ_CHECK(call->state != TG_CALL_DISCARDED && !call->stale && tg_calls_find(calls, call->id) == call);
    if (state != TG_CHAT_EMPTY)
        return;
    for (struct tg_call *c = tg_calls_next(calls, NULL); c; c = tg_calls_next(calls, c))
        FUZZ_CHECK(!c->has_peer || c->peer_kind != kind || c->peer_id != id || c->stale ||
                   c->state == TG_CALL_DISCARDED);
}

static void check_peer(enum peer_kind kind, int64_t id)
{
    const struct tg_peer *p = tg_peers_find(tg_known_peers(at.k), kind, id);

    /* A basic group is found as the channel that it became, and that has not become another. */
    if (p && (p->kind != kind || p->id != id))
        FUZZ_CHECK(kind == PEER_CHAT && p->kind == PEER_CHANNEL && !p->migrated_to);
}

static void check_known(void)
{
    check_calls();
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        for (int kind = PEER_USER; kind <= PEER_CHANNEL; kind++) {
            check_chat((enum peer_kind)kind, ids[i]);
            check_peer((enum peer_kind)kind, ids[i]);
        }
    FUZZ_CHECK(at.k->facts.n <= LIMIT_FACTS);
}

/* --- what happens --- */

static int64_t an_id(void)
{
    return ids[feed_u8(&at.f) % (sizeof(ids) / sizeof(ids[0]))];
}

static enum peer_kind a_kind(void)
{
    return (enum peer_kind)(PEER_USER + feed_u8(&at.f) % 3);
}

static uint64_t a_mark(void)
{
    uint8_t which = feed_u8(&at.f);

    return which < 0x80 ? tg_known_mark(at.k) : at.marks[which % MARKS];
}

static const struct tl_comb *a_method(void)
{
    uint8_t which = feed_u8(&at.f);
    const struct tl_comb *method = tl_find_method(at.schema, methods[which % (sizeof(methods) / sizeof(methods[0]))]);
    struct tl_maker any = {.schema = at.schema, .f = &at.f};

    return which < 0xe0 && method ? method : tl_make_any(&any);
}

/* An answer that is late is one to an older question. */
static void learn(const struct tl_comb *method, const uint8_t *bytes, size_t n)
{
    struct tg_learnt learnt;
    struct fault fault = {0};
    int err = tg_known_learn(at.k, method, a_mark(), bytes, n, &learnt, &fault);

    FUZZ_CHECK(err != TGC_ENOMEM && (!err || fault.text[0]));
}

static void made_answer(void)
{
    const struct tl_comb *method = a_method();
    struct buf out;
    struct tl_maker m = {.schema = at.schema, .f = &at.f, .out = &out};
    bool is_update = feed_u8(&at.f) & 1;

    buf_init(&out, ANSWER_MAX);
    tl_make_result(&m, method);
    learn(is_update ? NULL : method, out.data, out.len);
    buf_fini(&out);
}

static void bytes(void)
{
    size_t n;
    uint16_t want = feed_u16(&at.f);
    const struct tl_comb *method = want & 0x8000 ? a_method() : NULL;
    const uint8_t *p = feed_take(&at.f, want & 0x7fff, &n);

    learn(method, p, n);
}

static void ask(void)
{
    at.marks[feed_u8(&at.f) % MARKS] = tg_known_mark(at.k);
    FUZZ_CHECK(tg_known_chat_is_asked(at.k, a_kind(), an_id()) == 0);
}

static void pass(void)
{
    static const int seconds[] = {1, 59, 61, 14 * 60, 16 * 60, 3601};

    at.now_us += seconds[feed_u8(&at.f) % (sizeof(seconds) / sizeof(seconds[0]))] * SECOND_US;
}

static void on_link(void)
{
    static void (*const what[])(struct tg_known *) = {tg_known_heard,     tg_known_missed, tg_known_link_lost,
                                                      tg_known_end_login, tg_known_clear,  tg_known_heard};

    what[feed_u8(&at.f) % (sizeof(what) / sizeof(what[0]))](at.k);
}

static void on_request(void)
{
    uint8_t what = feed_u8(&at.f);
    struct tg_call *call = tg_calls_find(tg_known_calls(at.k), an_id());

    if (what % 6 == 0)
        tg_known_unsettle_chat(at.k, a_kind(), an_id());
    else if (what % 6 == 1)
        tg_known_unsettle_call(at.k, an_id());
    if (!call)
        return;
    if (what % 6 == 2)
        FUZZ_CHECK(tg_known_call_ended(at.k, call) == 0);
    else if (what % 6 == 3)
        FUZZ_CHECK(tg_known_call_started(at.k, call) == 0);
    else if (what % 6 == 4)
        FUZZ_CHECK(tg_known_call_is_of(at.k, call, a_kind(), an_id(), a_mark()) == 0);
    else if (what % 6 == 5)
        tg_known_call_is_ours(at.k, call);
}

static void on_name(void)
{
    static const char *const texts[] = {"@alice", "@sandbox_channel", "+15550001", "t.me/+sandboxinvite", "6001"};
    uint8_t what = feed_u8(&at.f);
    const char *text = texts[what / 4 % 5];
    struct peer_text asked;
    struct fault fault;
    struct tg_peer peer;

    FUZZ_CHECK(peer_text_parse(text, strlen(text), &asked, &fault) == 0);
    if (what % 4 == 0)
        FUZZ_CHECK(tg_known_name_found(at.k, &asked, a_kind(), an_id()) == 0);
    else if (what % 4 == 1)
        FUZZ_CHECK(tg_known_name_missed(at.k, &asked) == 0);
    else if (what % 4 == 2)
        tg_known_name_forget(at.k, &asked);
    else if (tg_known_name(at.k, &asked, &peer) == TG_NAME_PEER)
        FUZZ_CHECK(peer.has_hash || peer.is_self || peer.kind == PEER_CHAT);
}

/* As many calls as are kept, and a few more. */
static void fill(void)
{
    int64_t first = 100000 + feed_u8(&at.f) * 16;

    at.is_filled = true;
    for (int64_t i = 0; i < LIMIT_CALLS + 2; i++) {
        struct tg_call_seen seen = {.id = first + i,
                                    .access_hash = 1,
                                    .from_update = true,
                                    .has_peer = i % 2,
                                    .peer_kind = PEER_CHANNEL,
                                    .peer_id = first + i,
                                    .version = 1,
                                    .duration = -1};
        seen.discarded = i % 3 == 0;
        FUZZ_CHECK(tg_known_see_call(at.k, &seen) == 0);
    }
}

static void step(void)
{
    static void (*const steps[])(void) = {made_answer, made_answer, made_answer, made_answer, bytes,
                                          ask,         pass,        on_link,     on_request,  on_name};
    uint8_t what = feed_u8(&at.f);

    if (what == 0xff && !at.is_filled)
        fill();
    else
        steps[what % (sizeof(steps) / sizeof(steps[0]))]();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct clock_source clock = {.mono_us = read_mono, .wall_us = read_wall};

    fuzz_begin();
    memset(&at, 0, sizeof(at));
    at.f = (struct feed){data, data + len};
    at.schema = fuzz_schema(feed_u8(&at.f));
    at.now_us = SECOND_US;
    FUZZ_CHECK(tg_known_new(at.schema, &clock, &listener, NULL, &at.k) == 0);
    for (int i = 0; i < MARKS; i++)
        at.marks[i] = tg_known_mark(at.k);
    for (int i = 0; i < STEPS_MAX && feed_left(&at.f); i++) {
        step();
        check_known();
    }
    tg_known_free(at.k);
    return 0;
}
