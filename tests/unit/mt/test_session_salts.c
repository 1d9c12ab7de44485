/* A server whose salt changes after every few packets, without grace, while many packets are on their way. */
#include <stdlib.h>

#include "tests/unit/mt/peer.h"
#include "tests/unit/mt/suites.h"

enum { QUERIES = 64, LINE_MAX = 4096, WORK_MAX = 100000, MESSAGES_MAX = 110 };

static struct desk *d = &the_desk;

/* A packet of the client on its way. */
struct sent_packet {
    uint64_t id, salt;
    size_t n;
    uint64_t queries[MESSAGES_MAX];
};

static struct {
    struct sent_packet *line;
    size_t first, last;
} way;

/* What the server says, one message each; a refusal or an answer. */
struct word {
    bool refused;
    uint64_t id, salt;
};

static struct {
    struct word *line;
    size_t first, last;
} back;

static void setup(void)
{
    desk_init(d);
    way.line = calloc(LINE_MAX, sizeof(*way.line));
    back.line = calloc(WORK_MAX, sizeof(*back.line));
    ck_assert(way.line && back.line);
}

static void teardown(void)
{
    desk_fini(d);
    free(way.line);
    free(back.line);
}

static void flush(void)
{
    desk_flush(d);
    for (size_t i = 0; i < d->heard_n; i++) {
        const struct heard *h = &d->heard[i];
        struct sent_packet *p = &way.line[way.last - (way.last > way.first)];
        if (way.last == way.first || p->id != h->outer_id) {
            ck_assert_uint_lt(way.last, LINE_MAX);
            p = &way.line[way.last++];
            *p = (struct sent_packet){.id = h->outer_id, .salt = h->salt};
        }
        if (h->id == QUERY_ID)
            p->queries[p->n++] = h->msg_id;
    }
}

static void say(struct word w)
{
    ck_assert_uint_lt(back.last, WORK_MAX);
    back.line[back.last++] = w;
}

/* Each packet counts, refused ones too. Returns whether it was taken. */
static bool serve(unsigned rotation, size_t *served)
{
    const struct sent_packet *p = &way.line[way.first++];

    if (++*served % rotation == 0)
        d->salt++;
    if (p->salt != d->salt) {
        say((struct word){true, p->id, d->salt});
        return false;
    }
    for (size_t i = 0; i < p->n; i++)
        say((struct word){false, p->queries[i], 0});
    return true;
}

static void hear(void)
{
    struct word w = back.line[back.first++];

    if (w.refused)
        desk_bad_salt(d, w.id, w.salt);
    else
        desk_answer(d, w.id, 1);
}

/* The server is as slow as can be: a whole burst is on its way before the first word comes back, and each word is read
 * by itself. */
START_TEST(many_requests_get_through_salts_that_change_every_few_packets)
{
    unsigned rotation = (unsigned)_i;
    size_t served = 0;

    way.first = way.last = back.first = back.last = 0;
    for (uint32_t i = 0; i < QUERIES; i++) {
        desk_query(d, i);
        flush();
    }
    while (mt_session_pending(d->s)) {
        ck_assert_msg(served < 4 * QUERIES, "%zu packets, and %zu requests wait", served, mt_session_pending(d->s));
        while (way.first < way.last)
            serve(rotation, &served);
        if (back.first < back.last) {
            hear();
            flush();
        } else {
            ck_assert_int_eq(desk_pass_s(d, 1), 0);
            flush();
        }
    }
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), QUERIES);
    /* The first burst, then what was refused of it in few containers. */
    ck_assert_msg(served <= QUERIES + 16, "%zu packets", served);
}
END_TEST

START_TEST(after_a_refused_salt_one_packet_goes_until_it_is_known_to_be_taken)
{
    uint64_t first = desk_send_one(d, 1), second = desk_send_one(d, 2);

    desk_bad_salt(d, first, 0xabc);
    ck_assert_uint_eq(desk_flush(d), 1);
    uint64_t again = d->heard[0].msg_id;
    desk_query(d, 3);
    ck_assert_uint_eq(desk_flush(d), 0);
    ck_assert_int_ge(mt_session_deadline(d->s), d->clock.mono_us + 1);
    /* The next refusal is not that packet's. */
    desk_bad_salt(d, second, 0xabd);
    ck_assert_uint_eq(desk_flush(d), 0);
    desk_bad_salt(d, again, 0xabe);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 3);
    ck_assert_uint_eq(d->heard[0].salt, 0xabe);
    desk_query(d, 4);
    ck_assert_uint_eq(desk_flush(d), 0);
    desk_ack(d, d->heard[1].msg_id);
    ck_assert_uint_eq(desk_flush(d), 0 + 1);
    desk_query(d, 5);
    ck_assert_uint_eq(desk_flush(d), 1);
}
END_TEST

START_TEST(a_silent_server_does_not_hold_the_rest_back_for_long)
{
    uint64_t first = desk_send_one(d, 1);

    desk_bad_salt(d, first, 0xabc);
    desk_flush(d);
    desk_query(d, 2);
    ck_assert_uint_eq(desk_flush(d), 0);
    int64_t wait_us = mt_session_deadline(d->s) - d->clock.mono_us;
    ck_assert_int_le(wait_us, SECOND_US);
    ck_assert_int_eq(desk_pass(d, wait_us), 0);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
}
END_TEST

START_TEST(acks_alone_are_waited_for_by_nobody)
{
    tl_write_u32(desk_begin(d, UPDATE_ID), 1);
    desk_tell(d, true);
    desk_pass_s(d, 10);
    desk_flush(d);
    desk_bad_salt(d, desk_must_hear(d, MT_MSGS_ACK, 0)->msg_id, 0xabc);
    ck_assert_uint_eq(desk_flush(d), 1);
    desk_query(d, 1);
    ck_assert_uint_eq(desk_flush(d), 1);
}
END_TEST

static size_t packets_until_silence(void)
{
    size_t packets = 0;

    while (desk_flush(d) && packets < 1000) {
        packets++;
        desk_bad_salt(d, d->heard[0].outer_id, 1000 + packets);
    }
    return packets;
}

/* A server that takes no salt at all must not keep us sending as fast as it answers. */
START_TEST(salts_refused_without_end_are_given_a_rest)
{
    uint64_t request = desk_query(d, 1);

    ck_assert_uint_le(packets_until_silence(), 40);
    ck_assert_uint_eq(mt_session_pending(d->s), 1);
    /* Later it is tried again, and may succeed then. */
    ck_assert_int_eq(desk_pass_s(d, 10), 0);
    ck_assert_uint_eq(desk_flush(d), 1);
    struct heard *ask = desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
    struct buf *b = desk_begin(d, MT_MSGS_STATE_INFO);
    tl_write_u64(b, ask->msg_id);
    tl_write_bytes(b, "\2", 1);
    desk_tell(d, false);
    ck_assert_uint_eq(desk_flush(d), 1);
    desk_answer(d, desk_must_hear(d, QUERY_ID, 0)->msg_id, 5);
    ck_assert_uint_eq(desk_event(d, EVENT_RESULT, 0)->request, request);
    desk_flush(d);
    /* Nobody waits for a ping. */
    ck_assert_int_eq(desk_pass_s(d, 60), 0);
    ck_assert_uint_le(packets_until_silence(), 40);
    ck_assert_uint_eq(desk_flush(d), 0);
}
END_TEST

START_TEST(a_lost_connection_ends_the_wait_for_a_salt)
{
    uint64_t first = desk_send_one(d, 1);

    desk_bad_salt(d, first, 0xabc);
    desk_flush(d);
    mt_session_disconnected(d->s);
    mt_session_connected(d->s);
    desk_query(d, 2);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
}
END_TEST

Suite *suite_session_salts(void)
{
    Suite *s = suite_create("mt/session_salts");
    TCase *t = tcase_create("salts");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, many_requests_get_through_salts_that_change_every_few_packets, 2, 9);
    tcase_add_test(t, after_a_refused_salt_one_packet_goes_until_it_is_known_to_be_taken);
    tcase_add_test(t, a_silent_server_does_not_hold_the_rest_back_for_long);
    tcase_add_test(t, acks_alone_are_waited_for_by_nobody);
    tcase_add_test(t, salts_refused_without_end_are_given_a_rest);
    tcase_add_test(t, a_lost_connection_ends_the_wait_for_a_salt);
    suite_add_tcase(s, t);
    return s;
}
