#include "tests/unit/tg/known_bed.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/support/unit.h"
#include "tests/unit/tg/objects.h"
#include "tests/unit/tg/support.h"

struct known_bed kb;

static void on_call(void *ctx, struct tg_account *account, const struct tg_call *call, enum tg_change change)
{
    (void)ctx;
    (void)account;
    (void)call;
    kb.told[change]++;
}

static void on_chat(void *ctx, struct tg_account *account, enum peer_kind kind, int64_t id)
{
    (void)ctx;
    (void)account;
    (void)kind;
    (void)id;
    kb.chats_told++;
}

const struct tg_listener kb_listener = {.call_changed = on_call, .chat_changed = on_chat};

void kb_set_up(void)
{
    kb = (struct known_bed){0};
    fake_clock_init(&kb.clock);
    ck_assert_int_eq(tg_known_new(shipped_layer(229), &kb.clock.source, &kb_listener, NULL, &kb.k), 0);
}

void kb_tear_down(void)
{
    tg_known_free(kb.k);
}

void kb_learn(const char *method, uint64_t mark, const char *text)
{
    struct tg_learnt learnt;
    struct fault fault = {0};
    struct buf bytes;

    bytes_of(229, text, &bytes);
    int err = tg_known_learn(kb.k, method ? tl_find_method(shipped_layer(229), method) : NULL, mark, bytes.data,
                             bytes.len, &learnt, &fault);
    ck_assert_msg(err == 0, "%s", fault.text);
    buf_fini(&bytes);
}

struct tg_call_seen kb_seen_in(int64_t id, enum peer_kind kind, int64_t chat)
{
    return (struct tg_call_seen){.id = id,
                                 .access_hash = id * 10,
                                 .from_update = true,
                                 .has_peer = true,
                                 .peer_kind = kind,
                                 .peer_id = chat,
                                 .version = 1,
                                 .duration = -1};
}

void kb_runs(int64_t id)
{
    struct tg_call_seen s = kb_seen_in(id, PEER_CHANNEL, 6001);

    ck_assert_int_eq(tg_known_see_call(kb.k, &s), 0);
}

void kb_ends(int64_t id)
{
    struct tg_call_seen s = kb_seen_in(id, PEER_CHANNEL, 6001);

    s.discarded = true;
    s.duration = 42;
    ck_assert_int_eq(tg_known_see_call(kb.k, &s), 0);
}

void kb_shows(int64_t id, uint64_t mark)
{
    char text[1024];

    snprintf(text, sizeof(text), FULL_CHANNEL("'call':{'_':'inputGroupCall','id':'%" PRId64 "','access_hash':'1'},"),
             id);
    kb_learn("channels.getFullChannel", mark, id ? text : FULL_CHANNEL(""));
}

int64_t kb_chat(void)
{
    struct tg_call *call = NULL;

    switch (tg_known_chat(kb.k, PEER_CHANNEL, 6001, &call)) {
    case TG_CHAT_CALL:
        return call->id;
    case TG_CHAT_EMPTY:
        return KB_EMPTY;
    default:
        return KB_UNKNOWN;
    }
}

const struct tg_call *kb_record(int64_t id)
{
    return tg_calls_find(tg_known_calls(kb.k), id);
}
