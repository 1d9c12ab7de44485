/* The update engine under whatever comes and is answered: containers, answers and differences with any numbers, in any
 * order, or any bytes. What it holds stays bounded, what it tells is whole, and of a sequence it goes on only (but for
 * what a difference brings), each question is asked once until it has come to something, and in the end it comes to
 * rest. Input: layer (u8), then steps: what happens (u8) and what belongs to it. */
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/tg/updates/engine_internal.h"
#include "daemon/tl/writer.h"
#include "tests/fuzz/fuzz.h"

/* Whose order is looked at: those of a few channels. */
enum { CHANNEL = 6001, CHANNELS = 4 };
enum { OF_COMMON, OF_QTS, OF_CHANNELS, SEQUENCES = OF_CHANNELS + CHANNELS };

enum { STEPS_MAX = 256, BYTES_MAX = 64 << 10, UPDATES_MAX = 4, REST_MAX = 2000 };

static struct {
    const struct tl_schema *schema;
    struct updates *u;
    struct feed f;
    int64_t now_us;
    struct updates_need common, channel;
    bool common_is_asked, channel_is_asked;
    /* The answer that is being read: what it brings is told as it is. */
    const uint8_t *answer, *answer_end;
    /* What was told last of each sequence, since the server said last where it stands. */
    int64_t last[SEQUENCES];
} at;

static void forget_last(bool common, bool channels)
{
    for (int i = 0; i < SEQUENCES; i++)
        if (i < OF_CHANNELS ? common : channels)
            at.last[i] = INT64_MIN;
}

/* One that is not known begins where it is heard of next. */
static void forget_last_of_unknown(void)
{
    for (int i = 0; i < CHANNELS; i++)
        if (!channels_find(&at.u->channels, CHANNEL + i))
            at.last[OF_CHANNELS + i] = INT64_MIN;
}

/* Doubles of a step are not told; those without a step are. */
static void check_order(const struct tg_update *update)
{
    const uint8_t *end = update->data + update->len;
    const char *name = update->comb->name;
    int which;
    int32_t pts, count = 1;

    if (update->data >= at.answer && update->data < at.answer_end)
        return;
    if (strcmp(name, "updateBotStopped") == 0) {
        which = OF_QTS;
        pts = (int32_t)le32_load(end - 4);
    } else {
        bool is_common = strcmp(name, "updateDeleteMessages") == 0;
        if (!is_common && strcmp(name, "updateDeleteChannelMessages") != 0)
            return;
        int64_t channel = is_common ? 0 : (int64_t)le64_load(update->data + 4);
        if (!is_common && (channel < CHANNEL || channel >= CHANNEL + CHANNELS))
            return;
        which = is_common ? OF_COMMON : OF_CHANNELS + (int)(channel - CHANNEL);
        pts = (int32_t)le32_load(end - 8);
        count = (int32_t)le32_load(end - 4);
    }
    if (which < OF_CHANNELS ? !at.u->is_known : pts <= 0) /* it is none, or not known */
        return;
    FUZZ_CHECK(pts > at.last[which] || (count <= 0 && pts == at.last[which]));
    at.last[which] = pts;
}

static void on_told(void *ctx, const struct tg_update *update)
{
    check_order(update);
    FUZZ_CHECK(update->len >= 4 && le32_load(update->data) == update->comb->id);
    FUZZ_CHECK(!update->users_len == !update->users && !update->chats_len == !update->chats);
}

static void on_missed(void *ctx, int64_t channel_id)
{
}

static void on_made_up(void *ctx)
{
}

static void on_changed(void *ctx)
{
    FUZZ_CHECK(at.u->held.n <= LIMIT_HELD_UPDATES && at.u->held.bytes <= LIMIT_HELD_BYTES);
}

static const struct updates_ears ears = {on_told, on_missed, on_made_up, on_changed};

/* --- bytes --- */

static uint32_t id_of(const char *name)
{
    const struct tl_comb *comb = tl_find_constructor_name(at.schema, name);

    return comb ? comb->id : 0;
}

/* Mostly near to where a sequence stands. */
static int32_t a_number(int32_t near)
{
    uint8_t v = feed_u8(&at.f);

    if (v < 0xf0)
        return (int32_t)((uint32_t)near + v % 16 - 4);
    return v < 0xf8 ? INT32_MAX - (v & 3) : (int32_t)((uint32_t)INT32_MIN + (v & 3));
}

static void put_numbers(struct buf *b, int32_t near)
{
    tl_write_i32(b, a_number(near));
    tl_write_i32(b, feed_u8(&at.f) % 4);
}

static void put_update(struct buf *b)
{
    uint8_t what = feed_u8(&at.f);
    int64_t channel = CHANNEL + what / 8 % CHANNELS;
    const struct updates_channel *known = channels_find(&at.u->channels, channel);

    switch (what % 8) {
    case 0:
    case 1:
        tl_write_u32(b, id_of("updateDeleteMessages"));
        tl_write_vector(b, 0);
        put_numbers(b, at.u->state.pts);
        break;
    case 2:
    case 3:
        tl_write_u32(b, id_of("updateDeleteChannelMessages"));
        tl_write_i64(b, channel);
        tl_write_vector(b, 0);
        put_numbers(b, known ? known->pts : 100);
        break;
    case 4:
        tl_write_u32(b, id_of("updateBotStopped"));
        tl_write_i64(b, 1);
        tl_write_i32(b, 1);
        tl_write_bool(b, true);
        tl_write_i32(b, a_number(at.u->state.qts));
        break;
    case 5:
        tl_write_u32(b, id_of("updateChannelTooLong"));
        tl_write_u32(b, 1);
        tl_write_i64(b, channel);
        tl_write_i32(b, a_number(known ? known->pts : 100));
        break;
    case 6:
        tl_write_u32(b, id_of(what & 8 ? "updatePtsChanged" : "updateConfig"));
        break;
    default:
        tl_write_u32(b, id_of("updateConfig"));
        break;
    }
}

static void put_updates(struct buf *b)
{
    unsigned n = feed_u8(&at.f) % UPDATES_MAX;

    tl_write_vector(b, n);
    while (n--)
        put_update(b);
}

static void put_container(struct buf *b)
{
    tl_write_u32(b, id_of("updates"));
    put_updates(b);
    tl_write_vector(b, 0);
    tl_write_vector(b, 0);
    tl_write_i32(b, 1);
    tl_write_i32(b, feed_u8(&at.f) & 1 ? a_number(at.u->state.seq) : 0);
}

static void put_state(struct buf *b)
{
    tl_write_u32(b, id_of("updates.state"));
    tl_write_i32(b, a_number(at.u->state.pts));
    tl_write_i32(b, a_number(at.u->state.qts));
    tl_write_i32(b, 1);
    tl_write_i32(b, a_number(at.u->state.seq));
    tl_write_i32(b, 0);
}

static void put_difference(struct buf *b)
{
    uint8_t what = feed_u8(&at.f) % 4;

    if (what == 0) {
        tl_write_u32(b, id_of("updates.differenceEmpty"));
        tl_write_i32(b, 1);
        tl_write_i32(b, a_number(at.u->state.seq));
        return;
    }
    if (what == 1) {
        tl_write_u32(b, id_of("updates.differenceTooLong"));
        tl_write_i32(b, a_number(at.u->state.pts));
        return;
    }
    tl_write_u32(b, id_of(what == 2 ? "updates.difference" : "updates.differenceSlice"));
    tl_write_vector(b, 0);
    tl_write_vector(b, 0);
    put_updates(b);
    tl_write_vector(b, 0);
    tl_write_vector(b, 0);
    put_state(b);
}

static void put_channel_difference(struct buf *b, int32_t pts)
{
    uint8_t what = feed_u8(&at.f);

    tl_write_u32(b, id_of(what & 2 ? "updates.channelDifference" : "updates.channelDifferenceEmpty"));
    tl_write_u32(b, what & 1);
    tl_write_i32(b, a_number(pts));
    if (!(what & 2))
        return;
    tl_write_vector(b, 0);
    put_updates(b);
    tl_write_vector(b, 0);
    tl_write_vector(b, 0);
}

/* --- what happens --- */

static void feed(const uint8_t *p, size_t n, int64_t channel_id)
{
    struct split s;
    struct fault fault = {0};

    if (split_read(updates_words(at.u), NULL, p, n, &s, &fault) == 0)
        updates_feed(at.u, &s, p, channel_id, at.now_us);
    else
        updates_unread(at.u, at.now_us);
    split_fini(&s);
}

static void feed_made(void)
{
    struct buf b;

    buf_init(&b, BYTES_MAX);
    put_container(&b);
    feed(b.data, b.len, 0);
    buf_fini(&b);
}

static void feed_bytes(void)
{
    size_t n;
    uint16_t want = feed_u16(&at.f);
    const uint8_t *p = feed_take(&at.f, want & 0xfff, &n);

    feed(p, n, want & 0x1000 ? 6001 : 0);
}

static void ask(void)
{
    struct updates_need need;

    while (updates_next(at.u, at.now_us, &need)) {
        bool *is_asked = need.question == UPDATES_GET_CHANNEL_DIFFERENCE ? &at.channel_is_asked : &at.common_is_asked;
        FUZZ_CHECK(!*is_asked);
        FUZZ_CHECK(need.question == UPDATES_GET_STATE || need.pts > 0);
        *is_asked = true;
        *(need.question == UPDATES_GET_CHANNEL_DIFFERENCE ? &at.channel : &at.common) = need;
    }
    FUZZ_CHECK(updates_due_us(at.u) > at.now_us);
}

static void answer(bool of_channel)
{
    static const char *const methods[] = {"updates.getState", "updates.getDifference", "updates.getChannelDifference"};
    bool *is_asked = of_channel ? &at.channel_is_asked : &at.common_is_asked;
    struct updates_need need = of_channel ? at.channel : at.common;
    struct fault fault = {0};
    struct split s;
    struct buf b;

    if (!*is_asked)
        return;
    *is_asked = false;
    forget_last(!of_channel, of_channel);
    uint8_t how = feed_u8(&at.f);
    if (how >= 0xc0) {
        updates_refused(at.u, &need, (enum updates_refusal)(how % 5), at.now_us);
        return;
    }
    buf_init(&b, BYTES_MAX);
    if (need.question == UPDATES_GET_STATE)
        put_state(&b);
    else if (need.question == UPDATES_GET_DIFFERENCE)
        put_difference(&b);
    else
        put_channel_difference(&b, need.pts);
    at.answer = b.data;
    at.answer_end = b.data + b.len;
    if (split_read(updates_words(at.u), tl_find_method(at.schema, methods[need.question]), b.data, b.len, &s, &fault) ==
        0)
        updates_answered(at.u, &need, &s, b.data, at.now_us);
    else
        updates_refused(at.u, &need, UPDATES_UNREAD, at.now_us);
    at.answer = at.answer_end = NULL;
    split_fini(&s);
    buf_fini(&b);
}

static void step(void)
{
    uint8_t what = feed_u8(&at.f);
    int64_t id;
    int32_t pts;

    switch (what % 16) {
    case 8:
        feed_bytes();
        break;
    case 9:
    case 10:
        at.now_us += (what & 0x80 ? 20 : 1) * SECOND_US;
        break;
    case 11:
        answer(true);
        break;
    case 12:
        answer(false);
        break;
    case 13:
        updates_doubt(at.u, at.now_us);
        break;
    case 14:
        (void)updates_take_channel(at.u, &id, &pts);
        break;
    case 15:
        if (what == 0xff) {
            updates_forget(at.u);
            at.common_is_asked = at.channel_is_asked = false;
            forget_last(true, true);
        }
        break;
    default:
        feed_made();
        break;
    }
    forget_last_of_unknown();
    ask();
}

/* A server that is well, and says that there is no more: a quiet engine, long before the quarter of an hour. */
static void come_to_rest(void)
{
    struct fault fault = {0};
    struct split s;
    struct buf b;
    unsigned n = 0;

    while (at.common_is_asked || at.channel_is_asked || updates_due_us(at.u) < at.now_us + UPDATES_QUIET_US / 2) {
        FUZZ_CHECK(n++ < REST_MAX);
        for (int of_channel = 0; of_channel < 2; of_channel++) {
            bool *is_asked = of_channel ? &at.channel_is_asked : &at.common_is_asked;
            struct updates_need need = of_channel ? at.channel : at.common;
            if (!*is_asked)
                continue;
            *is_asked = false;
            forget_last(!of_channel, of_channel);
            buf_init(&b, BYTES_MAX);
            tl_write_u32(&b, id_of(need.question == UPDATES_GET_STATE        ? "updates.state"
                                   : need.question == UPDATES_GET_DIFFERENCE ? "updates.differenceEmpty"
                                                                             : "updates.channelDifferenceEmpty"));
            tl_write_i32(&b, 1);
            tl_write_i32(&b, of_channel ? need.pts : 1);
            for (int i = 0; i < 3 && need.question == UPDATES_GET_STATE; i++)
                tl_write_i32(&b, 1);
            FUZZ_CHECK(split_read(updates_words(at.u), NULL, b.data, b.len, &s, &fault) == 0);
            updates_answered(at.u, &need, &s, b.data, at.now_us);
            split_fini(&s);
            buf_fini(&b);
        }
        int64_t due_us = updates_due_us(at.u);
        if (due_us > at.now_us && due_us < at.now_us + UPDATES_QUIET_US / 2)
            at.now_us = due_us;
        ask();
    }
    FUZZ_CHECK(at.u->held.n == 0 && at.u->held.bytes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    fuzz_begin();
    at.f = (struct feed){data, data + len};
    at.schema = fuzz_schema(feed_u8(&at.f));
    at.now_us = 1000 * SECOND_US;
    at.common_is_asked = at.channel_is_asked = false;
    at.answer = at.answer_end = NULL;
    forget_last(true, true);
    FUZZ_CHECK(updates_new(at.schema, &ears, NULL, &at.u) == 0);
    updates_doubt(at.u, at.now_us);
    for (int i = 0; i < STEPS_MAX && feed_left(&at.f) > 0; i++)
        step();
    come_to_rest();
    updates_free(at.u);
    return 0;
}
