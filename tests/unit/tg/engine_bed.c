#include "tests/unit/tg/engine_bed.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "daemon/base/le.h"
#include "tests/unit/tg/support.h"

struct updates *u;
char told[4096];
unsigned changes;
int64_t now;
struct updates_need need;

static void put(const char *format, ...) TGC_PRINTF(1, 2);
static void put(const char *format, ...)
{
    size_t len = strlen(told);
    va_list ap;

    va_start(ap, format);
    vsnprintf(told + len, sizeof(told) - len, format, ap);
    va_end(ap);
}

static void on_told(void *ctx, const struct tg_update *update)
{
    const uint8_t *end = update->data + update->len;

    (void)ctx;
    ck_assert_uint_eq(le32_load(update->data), update->comb->id);
    if (strcmp(update->comb->name, "updateDeleteMessages") == 0)
        put("c%d ", (int)le32_load(end - 8));
    else if (strcmp(update->comb->name, "updateDeleteChannelMessages") == 0)
        put("k%d ", (int)le32_load(end - 8));
    else if (strcmp(update->comb->name, "updateBotStopped") == 0)
        put("q%d ", (int)le32_load(end - 4));
    else if (strcmp(update->comb->name, "updateChat") == 0)
        put("s%d ", (int)le32_load(update->data + 4));
    else if (strcmp(update->comb->name, "updateNewMessage") == 0)
        put("n ");
    else if (strcmp(update->comb->name, "updateNewChannelMessage") == 0)
        put("N ");
    else
        put("%s ", update->comb->name);
}

static void on_missed(void *ctx, int64_t channel_id)
{
    (void)ctx;
    put("!%" PRId64 " ", channel_id);
}

static void on_made_up(void *ctx)
{
    (void)ctx;
    put("+ ");
}

static void on_changed(void *ctx)
{
    (void)ctx;
    changes++;
}

const struct updates_ears ears = {on_told, on_missed, on_made_up, on_changed};

static void read_text(const char *method, const char *text, struct buf *bytes, struct split *s)
{
    struct fault fault = {0};

    bytes_of(229, text, bytes);
    int err = split_read(updates_words(u), method ? tl_find_method(shipped_layer(229), method) : NULL, bytes->data,
                         bytes->len, s, &fault);
    ck_assert_msg(err == 0, "%s at byte %zu", fault.text, fault.offset);
}

void feed_of(const char *text, int64_t channel_id)
{
    struct buf bytes;
    struct split s;

    read_text(NULL, text, &bytes, &s);
    updates_feed(u, &s, bytes.data, channel_id, now);
    split_fini(&s);
    buf_fini(&bytes);
}

void feed(const char *text)
{
    feed_of(text, 0);
}

void expect_told(const char *want)
{
    ck_assert_str_eq(told, want);
    told[0] = '\0';
}

void expect_nothing_asked(void)
{
    struct updates_need other;

    ck_assert_msg(!updates_next(u, now, &other), "question %d was asked", (int)other.question);
}

void expect_asked(enum updates_question question, int pts)
{
    ck_assert_msg(updates_next(u, now, &need), "nothing is asked");
    ck_assert_int_eq(need.question, question);
    ck_assert_int_eq(need.pts, pts);
    expect_nothing_asked();
}

int64_t until_due(void)
{
    int64_t due_us = updates_due_us(u), waited_us = due_us - now;

    ck_assert_msg(due_us != INT64_MAX, "nothing will be asked");
    if (due_us > now)
        now = due_us;
    return waited_us;
}

void answer(const char *text)
{
    static const char *const methods[] = {"updates.getState", "updates.getDifference", "updates.getChannelDifference"};
    struct buf bytes;
    struct split s;

    read_text(methods[need.question], text, &bytes, &s);
    updates_answered(u, &need, &s, bytes.data, now);
    split_fini(&s);
    buf_fini(&bytes);
}

/* The state is known: pts 10, qts 5, seq 7. */
void engine_set_up(void)
{
    now = NOW;
    told[0] = '\0';
    changes = 0;
    ck_assert_int_eq(updates_new(shipped_layer(229), &ears, NULL, &u), 0);
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_STATE, 0);
    answer(STATE(10));
    expect_told("");
    expect_nothing_asked();
}

void engine_tear_down(void)
{
    updates_free(u);
}
