/* The update engine, by what comes, when, and what it tells and asks for. What is told is written down in short: cN is
 * a step of the common sequence to N, kN of the channel's, qN of qts, sN an update without a sequence, n and N a
 * message of a difference, ! what was missed, + that calls are to be read again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/tg/updates/engine.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

static struct updates *u;
static char told[4096];
static unsigned changes;
static int64_t now;
static struct updates_need need;

#define NOW (100 * SECOND_US)
#define STATE(pts) "{'_':'updates.state','pts':" #pts ",'qts':5,'date':50,'seq':7,'unread_count':0}"
#define C(pts) "{'_':'updateDeleteMessages','messages':[],'pts':" #pts ",'pts_count':1}"
#define K(pts) "{'_':'updateDeleteChannelMessages','channel_id':'6001','messages':[],'pts':" #pts ",'pts_count':1}"
#define Q(qts) "{'_':'updateBotStopped','user_id':'1','date':1,'stopped':true,'qts':" #qts "}"
#define S(n) "{'_':'updateChat','chat_id':'" #n "'}"
#define BEHIND(pts) "{'_':'updateChannelTooLong','channel_id':'6001','pts':" #pts "}"
#define IN(updates) "{'_':'updates','updates':[" updates "],'users':[],'chats':[],'date':60,'seq':0}"
#define SEQ(updates, seq) "{'_':'updates','updates':[" updates "],'users':[],'chats':[],'date':60,'seq':" #seq "}"
#define MESSAGE(peer) "{'_':'messageService','id':1,'peer_id':" peer ",'date':1,'action':{'_':'messageActionEmpty'}}"
#define OF_CHAT "{'_':'peerChat','chat_id':'5001'}"
#define OF_CHANNEL "{'_':'peerChannel','channel_id':'6001'}"
#define DIFFERENCE(messages, updates, state)                                                                           \
    "{'_':'updates.difference','new_messages':[" messages "],'new_encrypted_messages':[],'other_updates':[" updates    \
    "],'chats':[],'users':[],'state':" state "}"
#define SLICE(messages, updates, state)                                                                                \
    "{'_':'updates.differenceSlice','new_messages':[" messages                                                         \
    "],'new_encrypted_messages':[],'other_updates':[" updates "],'chats':[],'users':[],'intermediate_state':" state    \
    "}"
#define EMPTY "{'_':'updates.differenceEmpty','date':61,'seq':7}"
#define OF_THE_CHANNEL(final, pts, messages, updates)                                                                  \
    "{'_':'updates.channelDifference','final':" #final ",'pts':" #pts ",'new_messages':[" messages                     \
    "],'other_updates':[" updates "],'chats':[],'users':[]}"
#define CHANNEL_EMPTY(pts) "{'_':'updates.channelDifferenceEmpty','final':true,'pts':" #pts "}"

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

static const struct updates_ears ears = {on_told, on_missed, on_made_up, on_changed};

static void read_text(const char *method, const char *text, struct buf *bytes, struct split *s)
{
    struct fault fault = {0};

    bytes_of(229, text, bytes);
    int err = split_read(updates_words(u), method ? tl_find_method(shipped_layer(229), method) : NULL, bytes->data,
                         bytes->len, s, &fault);
    ck_assert_msg(err == 0, "%s at byte %zu", fault.text, fault.offset);
}

static void feed_of(const char *text, int64_t channel_id)
{
    struct buf bytes;
    struct split s;

    read_text(NULL, text, &bytes, &s);
    updates_feed(u, &s, bytes.data, channel_id, now);
    split_fini(&s);
    buf_fini(&bytes);
}

static void feed(const char *text)
{
    feed_of(text, 0);
}

static void expect_told(const char *want)
{
    ck_assert_str_eq(told, want);
    told[0] = '\0';
}

static void expect_nothing_asked(void)
{
    struct updates_need other;

    ck_assert_msg(!updates_next(u, now, &other), "question %d was asked", (int)other.question);
}

static void expect_asked(enum updates_question question, int pts)
{
    ck_assert_msg(updates_next(u, now, &need), "nothing is asked");
    ck_assert_int_eq(need.question, question);
    ck_assert_int_eq(need.pts, pts);
    expect_nothing_asked();
}

/* Time goes on until something is due; how long that was. */
static int64_t until_due(void)
{
    int64_t due_us = updates_due_us(u), waited_us = due_us - now;

    ck_assert_msg(due_us != INT64_MAX, "nothing will be asked");
    if (due_us > now)
        now = due_us;
    return waited_us;
}

static void answer(const char *text)
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
static void set_up(void)
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

static void tear_down(void)
{
    updates_free(u);
}

START_TEST(test_each_step_is_told_once)
{
    feed(IN(C(11)));
    feed(IN(C(12) "," C(13)));
    feed(IN(C(12)));
    feed(IN(Q(6)));
    feed(IN(Q(6)));
    expect_told("c11 c12 c13 q6 ");
    ck_assert_int_eq(updates_state(u).pts, 13);
    ck_assert_int_eq(updates_state(u).qts, 6);
    ck_assert_int_eq(updates_state(u).date, 60);
    expect_nothing_asked();
    ck_assert_uint_gt(changes, 0);
}
END_TEST

START_TEST(test_what_comes_too_early_waits_and_nothing_is_asked)
{
    feed(IN(C(13)));
    feed(IN(C(12)));
    expect_told("");
    ck_assert_int_eq(updates_due_us(u), now + UPDATES_GAP_US);
    now += UPDATES_GAP_US / 2;
    feed(IN(C(11)));
    expect_told("c11 c12 c13 ");
    now += UPDATES_GAP_US;
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_gap_that_stays_is_asked_for_and_what_waited_comes_after_it)
{
    feed(IN(C(12) "," C(14)));
    expect_nothing_asked();
    ck_assert_int_eq(until_due(), UPDATES_GAP_US);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(IN(C(15))); /* in the meantime */
    expect_told("");
    answer(DIFFERENCE(MESSAGE(OF_CHAT), C(12) "," S(1), STATE(13)));
    expect_told("n c12 s1 + c14 c15 ");
    ck_assert_int_eq(updates_state(u).pts, 15);
    now += UPDATES_GAP_US;
    expect_nothing_asked();
}
END_TEST

START_TEST(test_slices_are_asked_for_until_the_last)
{
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(SLICE("", C(20), STATE(20)));
    expect_asked(UPDATES_GET_DIFFERENCE, 20);
    answer(SLICE("", C(30), STATE(30)));
    expect_asked(UPDATES_GET_DIFFERENCE, 30);
    answer(DIFFERENCE("", C(31), STATE(31)));
    expect_told("c20 c30 c31 + ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_slices_that_do_not_go_on_are_given_up)
{
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(SLICE("", S(1), STATE(20)));
    expect_asked(UPDATES_GET_DIFFERENCE, 20);
    answer(SLICE("", S(2), STATE(20)));
    expect_told("s1 s2 !0 ");
    expect_asked(UPDATES_GET_STATE, 0);
    answer(STATE(40));
    expect_told("+ ");
    feed(IN(C(41)));
    expect_told("c41 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_slices_without_an_end_are_not_asked_for_in_a_loop)
{
    int64_t began = now;
    unsigned n;

    updates_doubt(u, now);
    for (n = 0; now == began; n++) {
        ck_assert_msg(n < 2000, "there is no end of it");
        ck_assert(updates_next(u, now, &need));
        answer(n % 2 ? SLICE("", "", STATE(20)) : SLICE("", "", STATE(30)));
        until_due();
    }
    ck_assert_msg(n >= 500, "who was away for long catches up at once");
    ck_assert_int_eq(now - began, SECOND_US);
    ck_assert(updates_next(u, now, &need));
    answer(SLICE("", "", STATE(40)));
    ck_assert_int_eq(until_due(), SECOND_US);
    ck_assert(updates_next(u, now, &need));
    answer(DIFFERENCE("", "", STATE(50)));
    updates_doubt(u, now);
    ck_assert(updates_next(u, now, &need));
    answer(SLICE("", "", STATE(60)));
    ck_assert_int_eq(until_due(), 0);
}
END_TEST

START_TEST(test_a_difference_that_is_too_long_is_a_gap)
{
    feed("{'_':'updatesTooLong'}");
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer("{'_':'updates.differenceTooLong','pts':900}");
    expect_told("!0 ");
    expect_asked(UPDATES_GET_DIFFERENCE, 900);
    answer(EMPTY);
    expect_told("+ ");
    ck_assert_int_eq(updates_state(u).pts, 900);
    expect_nothing_asked();
}
END_TEST

START_TEST(test_containers_come_in_the_order_of_seq)
{
    feed(SEQ(S(1), 8));
    feed(SEQ(S(3) "," S(4), 10));
    feed(SEQ(S(1), 8));
    expect_told("s1 ");
    feed(SEQ(S(2), 9));
    expect_told("s2 s3 s4 ");
    feed("{'_':'updatesCombined','updates':[" S(5) "],'users':[],'chats':[],'date':61,'seq_start':11,'seq':13}");
    feed(SEQ(S(6), 14));
    expect_told("s5 s6 ");
    ck_assert_int_eq(updates_state(u).seq, 14);
    now += UPDATES_GAP_US;
    expect_nothing_asked();
    feed(SEQ(S(8) "," C(11), 16)); /* its pts is in order */
    expect_told("c11 ");
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 11);
    answer("{'_':'updates.difference','new_messages':[],'new_encrypted_messages':[],'other_updates':[" S(
        7) "],'chats':[],'users':[],'state':{'_':'updates.state','pts':11,'qts':5,'date':70,'seq':15,'unread_count':0}"
           "}");
    expect_told("s7 + s8 ");
    ck_assert_int_eq(updates_state(u).seq, 16);
}
END_TEST

START_TEST(test_steps_within_answers_count)
{
    feed("{'_':'messages.affectedMessages','pts':12,'pts_count':2}");
    feed("{'_':'updateShortSentMessage','id':1,'pts':13,'pts_count':1,'date':60}");
    feed("{'_':'updateShortMessage','id':3,'user_id':'1','message':'x','pts':14,'pts_count':1,'date':8}");
    expect_told("updateShortMessage ");
    feed(IN(C(15)));
    expect_told("c15 ");
    expect_nothing_asked();
    feed(IN(K(40)));
    feed_of("{'_':'messages.affectedHistory','pts':42,'pts_count':2,'offset':0}", 6001);
    feed(IN(K(43)));
    expect_told("k40 k43 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_channel_has_a_sequence_of_its_own)
{
    feed(IN(K(40)));
    feed(IN(K(42)));
    feed(IN(C(11)));
    expect_told("k40 c11 ");
    ck_assert_int_eq(until_due(), UPDATES_GAP_US);
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    ck_assert_int_eq(need.channel_id, 6001);
    feed(IN(K(43) "," C(12)));
    answer(OF_THE_CHANNEL(false, 41, MESSAGE(OF_CHANNEL), ""));
    expect_told("c12 N ");
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 41);
    answer(OF_THE_CHANNEL(true, 42, "", K(42)));
    expect_told("k42 + k43 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_channel_that_is_behind)
{
    feed(IN(K(40)));
    feed(IN(BEHIND(40)));
    expect_nothing_asked();
    feed(IN(BEHIND(45)));
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    answer(CHANNEL_EMPTY(45));
    expect_told("k40 + ");
    feed(IN("{'_':'updateChannelTooLong','channel_id':'6001'}"));
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 45);
    answer("{'_':'updates.channelDifferenceTooLong','final':true,'dialog':{'_':'dialog','peer':" OF_CHANNEL
           ",'top_message':5,'read_inbox_max_id':0,'read_outbox_max_id':0,'unread_count':0,'unread_mentions_count':0,"
           "'unread_reactions_count':0,'unread_poll_votes_count':0,'notify_settings':{'_':'peerNotifySettings'},"
           "'pts':77},'messages':[],'chats':[],'users':[]}");
    expect_told("!6001 + ");
    feed(IN(K(78)));
    expect_told("k78 ");
    feed(IN("{'_':'updateChannelTooLong','channel_id':'6002','pts':9}")); /* one that was not known */
    expect_told("!6002 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_the_common_difference_says_which_channels_are_behind)
{
    feed(IN(K(40)));
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(DIFFERENCE("", K(41) "," BEHIND(50), STATE(11)));
    expect_told("k40 k41 + ");
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 41);
}
END_TEST

START_TEST(test_a_channel_that_cannot_be_asked_for_is_forgotten)
{
    int64_t id;
    int32_t pts;

    feed(IN(K(40)));
    ck_assert(updates_take_channel(u, &id, &pts) && id == 6001 && pts == 40);
    ck_assert(!updates_take_channel(u, &id, &pts));
    feed(IN(K(42)));
    (void)until_due();
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    updates_refused(u, &need, UPDATES_NOT_OURS, now);
    expect_told("k40 !6001 k42 "); /* what came is not lost */
    ck_assert(updates_take_channel(u, &id, &pts) && id == 6001 && pts == 0);
    ck_assert(!updates_take_channel(u, &id, &pts));
    updates_untake(u); /* it was not kept */
    ck_assert(updates_take_channel(u, &id, &pts) && id == 6001 && pts == 0);
    ck_assert(!updates_take_channel(u, &id, &pts));
    feed(IN(K(50)));
    expect_told("k50 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_trouble_is_asked_through_ever_more_slowly_and_comes_to_an_end)
{
    feed(IN(K(40)));
    feed(IN(BEHIND(50)));
    int64_t last_us = 0;
    for (int i = 0; i < 5; i++) {
        int64_t waited_us = until_due();
        ck_assert(i == 0 || waited_us > last_us);
        last_us = waited_us;
        expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
        expect_told(i == 0 ? "k40 " : "");
        updates_refused(u, &need, UPDATES_TROUBLE, now);
    }
    expect_told("!6001 ");
    now += 3600 * SECOND_US;
    feed(IN(S(1)));
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_state_that_is_none_is_asked_for_anew)
{
    feed(IN(C(13)));
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    updates_refused(u, &need, UPDATES_INVALID, now);
    expect_told("!0 c13 ");
    expect_asked(UPDATES_GET_STATE, 0);
    for (int i = 0; i < 10; i++) { /* without end, since there is no other way on */
        updates_refused(u, &need, UPDATES_TROUBLE, now);
        ck_assert_int_gt(until_due(), 0);
        expect_asked(UPDATES_GET_STATE, 0);
    }
    feed(IN(C(52)));
    answer(STATE(50));
    feed(IN(C(52)));
    feed(IN(C(53)));
    expect_told("c52 + c53 ");
}
END_TEST

START_TEST(test_a_gap_that_the_server_does_not_fill_is_given_up)
{
    feed(IN(C(20)));
    for (int i = 0; i < 3; i++) {
        expect_told("");
        (void)until_due();
        expect_asked(UPDATES_GET_DIFFERENCE, 10);
        answer(EMPTY);
        expect_told(i < 2 ? "+ " : "+ !0 c20 ");
    }
    ck_assert_int_eq(updates_state(u).pts, 20);
    now += UPDATES_GAP_US;
    expect_nothing_asked();
    feed(IN(C(21)));
    expect_told("c21 ");
}
END_TEST

/* A gap that the server does not fill, until it is given up. */
static void ask_in_vain(void)
{
    for (int i = 0; i < 3; i++) {
        expect_told("");
        (void)until_due();
        expect_asked(UPDATES_GET_DIFFERENCE, 10);
        answer(EMPTY);
        if (i < 2)
            expect_told("+ ");
    }
}

START_TEST(test_what_waits_for_a_gap_that_is_given_up_is_told_once_and_in_order)
{
    feed(IN(C(22)));
    feed(IN(C(20)));
    feed(IN(C(22)));
    feed(SEQ(S(2), 9)); /* of 8 nothing comes */
    ask_in_vain();
    expect_told("+ !0 c20 c22 s2 ");
    ck_assert_int_eq(updates_state(u).pts, 22);
    ck_assert_int_eq(updates_state(u).seq, 9);
}
END_TEST

START_TEST(test_what_a_slice_brought_is_not_told_again_where_it_is_given_up)
{
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(IN(C(15) "," C(21)));
    answer(SLICE("", C(15), STATE(20)));
    expect_asked(UPDATES_GET_DIFFERENCE, 20);
    answer(SLICE("", "", STATE(20)));
    expect_told("c15 c21 !0 ");
    expect_asked(UPDATES_GET_STATE, 0);
}
END_TEST

START_TEST(test_a_container_that_comes_twice_too_early_is_told_once)
{
    feed(SEQ(S(2) "," S(3), 9));
    feed(SEQ(S(2) "," S(3), 9));
    feed(SEQ(S(1), 8));
    expect_told("s1 s2 s3 ");
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(SEQ(S(4), 10));
    feed(SEQ(S(4), 10));
    answer("{'_':'updates.differenceEmpty','date':61,'seq':9}");
    expect_told("s4 ");
}
END_TEST

START_TEST(test_a_container_of_any_numbers)
{
    feed("{'_':'updatesCombined','updates':[" S(
        1) "],'users':[],'chats':[],'date':61,'seq_start':-2147483648,'seq':13}");
    feed(
        "{'_':'updatesCombined','updates':[" S(2) "],'users':[],'chats':[],'date':61,'seq_start':8,'seq':-2147483648}");
    expect_told(""); /* told before, both */
    ck_assert_int_eq(updates_state(u).seq, 7);
    now += UPDATES_GAP_US;
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_state_that_changes_while_it_is_asked_for)
{
    feed(IN(C(12)));
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(IN(C(13)));
    feed(IN("{'_':'updatePtsChanged'}"));
    expect_nothing_asked();
    answer(DIFFERENCE("", C(11) "," C(12) "," C(13), STATE(13)));
    expect_told("c11 c12 c13 + ");
    expect_asked(UPDATES_GET_STATE, 0);
    answer(STATE(3));
    feed(IN(C(4)));
    expect_told("c4 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_state_that_changes_leaves_a_gap)
{
    feed(IN(C(13)));
    feed(IN(C(12)));
    feed(IN("{'_':'updatePtsChanged'}"));
    expect_told("!0 c12 c13 ");
    expect_asked(UPDATES_GET_STATE, 0);
}
END_TEST

/* Of the channel, from pts 1000 on, until nothing more is held. */
static void fill_what_is_held(void)
{
    static char text[256];

    feed(IN(K(40)));
    for (int i = 0; i < LIMIT_HELD_UPDATES; i++) {
        snprintf(text, sizeof(text),
                 IN("{'_':'updateDeleteChannelMessages','channel_id':'6001','messages':[],'pts':%d,'pts_count':1}"),
                 1000 + i);
        feed(text);
    }
    expect_told("k40 ");
    (void)until_due();
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
}

START_TEST(test_a_gap_of_which_nothing_can_be_held_is_asked_for)
{
    fill_what_is_held();
    feed(_i ? SEQ(S(9), 9) : IN(C(12)));
    feed(IN(S(1)));
    expect_told("s1 ");
    ck_assert_int_eq(until_due(), UPDATES_GAP_US);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(DIFFERENCE("", C(11) "," C(12), STATE(12)));
    expect_told("c11 c12 + ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_channel_whose_gap_closes_before_it_is_refused_has_missed_nothing)
{
    feed(IN(K(40)));
    feed(IN(K(42)));
    (void)until_due();
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    feed(IN(K(41)));
    updates_refused(u, &need, UPDATES_NOT_OURS, now);
    expect_told("k40 k41 k42 ");
}
END_TEST

START_TEST(test_a_channel_that_is_behind_and_cannot_be_asked_for_has_missed_something)
{
    feed(IN(K(40)));
    feed(IN(BEHIND(45)));
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    updates_refused(u, &need, UPDATES_NOT_OURS, now);
    expect_told("k40 !6001 ");
}
END_TEST

START_TEST(test_what_cannot_be_read_is_asked_for_and_not_again_and_again)
{
    unsigned asked = 0;

    for (int i = 0; i < 300; i++, now += SECOND_US) {
        struct updates_need n;
        updates_unread(u, now);
        if (!updates_next(u, now, &n))
            continue;
        asked++;
        need = n;
        answer(EMPTY);
    }
    ck_assert_uint_ge(asked, 5);
    ck_assert_uint_le(asked, 11);
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    updates_refused(u, &need, UPDATES_UNREAD, now); /* the difference itself */
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    told[0] = '\0';
    updates_refused(u, &need, UPDATES_UNREAD, now);
    expect_told("!0 ");
    (void)until_due();
    expect_asked(UPDATES_GET_STATE, 0);
}
END_TEST

START_TEST(test_a_quarter_of_an_hour_of_silence_asks)
{
    now += 10 * 60 * SECOND_US;
    feed(IN(S(1)));
    ck_assert_int_eq(until_due(), UPDATES_QUIET_US);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(EMPTY);
    expect_told("s1 + ");
    ck_assert_int_eq(until_due(), UPDATES_QUIET_US);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
}
END_TEST

START_TEST(test_the_state_of_an_earlier_process_is_gone_on_from)
{
    updates_free(u);
    ck_assert_int_eq(updates_new(shipped_layer(229), &ears, NULL, &u), 0);
    updates_restore(u, &(struct updates_state){.pts = 30, .qts = 5, .date = 40, .seq = 2});
    ck_assert_int_eq(updates_restore_channel(u, 6001, 60), 0);
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 30);
    ck_assert_int_eq(need.qts, 5);
    ck_assert_int_eq(need.date, 40);
    answer(DIFFERENCE("", BEHIND(62), STATE(33)));
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 60);
    answer(OF_THE_CHANNEL(true, 62, MESSAGE(OF_CHANNEL), ""));
    expect_told("+ N + ");
}
END_TEST

START_TEST(test_what_is_held_is_bounded)
{
    static char text[256];

    for (int i = 0; i < 2 * LIMIT_HELD_UPDATES; i++) {
        snprintf(text, sizeof(text), IN("{'_':'updateDeleteMessages','messages':[],'pts':%d,'pts_count':1}"), 1000 - i);
        feed(text);
    }
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(IN(C(1001))); /* has no room */
    answer(DIFFERENCE("", C(1000), STATE(1000)));
    expect_told("c1000 + ");
    expect_asked(UPDATES_GET_DIFFERENCE, 1000); /* so it is asked for */
    answer(DIFFERENCE("", C(1001), STATE(1001)));
    expect_told("c1001 + ");
}
END_TEST

START_TEST(test_one_channel_more_than_are_followed_takes_the_place_of_the_quietest)
{
    int64_t id;
    int32_t pts;

    for (int i = 0; i < LIMIT_UPDATE_CHANNELS; i++)
        ck_assert_int_eq(updates_restore_channel(u, 10000 + i, 1), 0);
    while (updates_take_channel(u, &id, &pts))
        ck_assert_int_eq(pts, 1);
    feed(IN("{'_':'updateDeleteChannelMessages','channel_id':'10000','messages':[],'pts':2,'pts_count':1}"));
    ck_assert(updates_take_channel(u, &id, &pts) && id == 10000 && pts == 2);
    ck_assert(!updates_has_let_go(u));
    changes = 0;
    feed(IN(K(40)));
    feed(IN(K(41)));
    expect_told("k2 k40 k41 ");
    ck_assert_uint_gt(changes, 0);
    ck_assert(updates_take_channel(u, &id, &pts) && id == 10001 && pts == 0);
    ck_assert(!updates_take_channel(u, &id, &pts)); /* no more than one */
    ck_assert(updates_has_let_go(u));
    feed(IN(K(42)));
    ck_assert(updates_take_channel(u, &id, &pts) && id == 6001 && pts == 42);
    feed(IN(K(44)));
    expect_told("k42 ");
    (void)until_due();
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 42);
}
END_TEST

START_TEST(test_another_login_knows_nothing)
{
    feed(IN(K(40)));
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    updates_forget(u);
    told[0] = '\0';
    answer(DIFFERENCE("", C(1000), STATE(1000))); /* of the one before */
    expect_told("");
    ck_assert_int_eq(updates_state(u).pts, 0);
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_STATE, 0);
}
END_TEST

/* Updates in any order, lost and doubled: each is told once, in order, in the end. */
START_TEST(test_any_disorder)
{
    enum { STEPS = 400 };
    unsigned seed = (unsigned)_i * 2654435761u + 1;
    char text[512];
    int sent = 10;

    while (sent < 10 + STEPS || updates_state(u).pts < sent) {
        seed = seed * 1664525 + 1013904223;
        int back = (int)(seed >> 16) % 6;
        if (sent < 10 + STEPS && seed >> 28 < 9)
            sent++;
        if (seed >> 28 < 13 && sent - back > 10) {
            snprintf(text, sizeof(text), IN("{'_':'updateDeleteMessages','messages':[],'pts':%d,'pts_count':1}"),
                     sent - back);
            feed(text);
        }
        now += SECOND_US / 10;
        if (sent == 10 + STEPS && updates_state(u).pts < sent && updates_due_us(u) == INT64_MAX)
            updates_doubt(u, now);
        if (!updates_next(u, now, &need))
            continue;
        char list[4096] = "";
        for (int pts = need.pts + 1; pts <= sent; pts++)
            snprintf(list + strlen(list), sizeof(list) - strlen(list),
                     "%s{'_':'updateDeleteMessages','messages':[],'pts':%d,'pts_count':1}", *list ? "," : "", pts);
        char all[8192];
        snprintf(all, sizeof(all),
                 DIFFERENCE("", "%s", "{'_':'updates.state','pts':%d,'qts':5,'date':50,'seq':7,'unread_count':0}"),
                 list, sent);
        answer(all);
    }
    int next = 11;
    for (const char *p = told; *p; p++) {
        if (*p != 'c')
            continue;
        ck_assert_int_eq(atoi(p + 1), next);
        next++;
    }
    ck_assert_int_eq(next, 11 + STEPS);
}
END_TEST

Suite *suite_engine(void)
{
    Suite *suite = suite_create("engine");
    TCase *t = tcase_create("engine");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_each_step_is_told_once);
    tcase_add_test(t, test_what_comes_too_early_waits_and_nothing_is_asked);
    tcase_add_test(t, test_a_gap_that_stays_is_asked_for_and_what_waited_comes_after_it);
    tcase_add_test(t, test_slices_are_asked_for_until_the_last);
    tcase_add_test(t, test_slices_that_do_not_go_on_are_given_up);
    tcase_add_test(t, test_slices_without_an_end_are_not_asked_for_in_a_loop);
    tcase_add_test(t, test_a_difference_that_is_too_long_is_a_gap);
    tcase_add_test(t, test_containers_come_in_the_order_of_seq);
    tcase_add_test(t, test_steps_within_answers_count);
    tcase_add_test(t, test_a_channel_has_a_sequence_of_its_own);
    tcase_add_test(t, test_a_channel_that_is_behind);
    tcase_add_test(t, test_the_common_difference_says_which_channels_are_behind);
    tcase_add_test(t, test_a_channel_that_cannot_be_asked_for_is_forgotten);
    tcase_add_test(t, test_trouble_is_asked_through_ever_more_slowly_and_comes_to_an_end);
    tcase_add_test(t, test_a_state_that_is_none_is_asked_for_anew);
    tcase_add_test(t, test_a_gap_that_the_server_does_not_fill_is_given_up);
    tcase_add_test(t, test_what_waits_for_a_gap_that_is_given_up_is_told_once_and_in_order);
    tcase_add_test(t, test_what_a_slice_brought_is_not_told_again_where_it_is_given_up);
    tcase_add_test(t, test_a_container_that_comes_twice_too_early_is_told_once);
    tcase_add_test(t, test_a_container_of_any_numbers);
    tcase_add_test(t, test_a_state_that_changes_while_it_is_asked_for);
    tcase_add_test(t, test_a_state_that_changes_leaves_a_gap);
    tcase_add_loop_test(t, test_a_gap_of_which_nothing_can_be_held_is_asked_for, 0, 2);
    tcase_add_test(t, test_a_channel_whose_gap_closes_before_it_is_refused_has_missed_nothing);
    tcase_add_test(t, test_a_channel_that_is_behind_and_cannot_be_asked_for_has_missed_something);
    tcase_add_test(t, test_what_cannot_be_read_is_asked_for_and_not_again_and_again);
    tcase_add_test(t, test_a_quarter_of_an_hour_of_silence_asks);
    tcase_add_test(t, test_the_state_of_an_earlier_process_is_gone_on_from);
    tcase_add_test(t, test_what_is_held_is_bounded);
    tcase_add_test(t, test_one_channel_more_than_are_followed_takes_the_place_of_the_quietest);
    tcase_add_test(t, test_another_login_knows_nothing);
    tcase_add_loop_test(t, test_any_disorder, 0, 30);
    suite_add_tcase(suite, t);
    return suite;
}
