/* What bytes have of updates, and which sequence each of them moves. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/tg/updates/split.h"
#include "daemon/tl/walk.h"
#include "tests/unit/tg/objects.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

#define MESSAGE(peer) "{'_':'messageService','id':1,'peer_id':" peer ",'date':1,'action':{'_':'messageActionEmpty'}}"
#define OF_CHANNEL "{'_':'peerChannel','channel_id':'6001'}"
#define OF_CHAT "{'_':'peerChat','chat_id':'5001'}"
#define STATE "{'_':'updates.state','pts':70,'qts':8,'date':99,'seq':5,'unread_count':3}"

static struct split_words words;
static struct split s;
static struct buf bytes;

static void tear_down(void)
{
    split_fini(&s);
    buf_fini(&bytes);
}

/* Who knows what was walked finds the same, and needs less of the bytes. */
static void is_read_again(const struct tl_comb *asked)
{
    struct tl_walk_stats stats = {0};
    struct fault fault = {0};
    struct split again;

    if (asked)
        ck_assert_int_eq(
            tl_walk_result(words.schema, asked, bytes.data, bytes.len, &tl_pass_over, NULL, &stats, &fault), 0);
    else
        ck_assert_int_eq(tl_walk_object(words.schema, bytes.data, bytes.len, &tl_pass_over, NULL, &stats, &fault), 0);
    ck_assert_int_eq(split_read_again(&words, asked, bytes.data, bytes.len, &stats.walked, &again, &fault), 0);
    ck_assert_int_eq(again.kind, s.kind);
    ck_assert_ptr_eq(again.comb, s.comb);
    ck_assert_uint_eq(again.offset, s.offset);
    ck_assert_uint_eq(again.len, s.len);
    ck_assert_uint_eq(again.n, s.n);
    for (size_t i = 0; i < s.n; i++) {
        ck_assert_uint_eq(again.items[i].offset, s.items[i].offset);
        ck_assert_uint_eq(again.items[i].len, s.items[i].len);
        ck_assert_int_eq(again.items[i].pts, s.items[i].pts);
    }
    ck_assert_uint_eq(again.users, s.users);
    ck_assert_uint_eq(again.users_len, s.users_len);
    ck_assert_uint_eq(again.chats, s.chats);
    ck_assert_uint_eq(again.chats_len, s.chats_len);
    ck_assert_int_eq(again.pts, s.pts);
    ck_assert_int_eq(again.date, s.date);
    ck_assert_int_eq(again.seq, s.seq);
    split_fini(&again);
}

static void read_in(int n, const char *method, const char *text)
{
    struct fault fault = {0};

    tear_down();
    bytes_of(n, text, &bytes);
    split_words_init(shipped_layer(n), &words);
    const struct tl_comb *asked = method ? tl_find_method(shipped_layer(n), method) : NULL;
    ck_assert(!method || (asked && split_is_of_use(&words, asked)));
    int err = split_read(&words, asked, bytes.data, bytes.len, &s, &fault);
    ck_assert_msg(err == 0, "%s at byte %zu", fault.text, fault.offset);
    is_read_again(asked);
}

static void read_update(const char *update)
{
    char text[2048];

    snprintf(text, sizeof(text), "{'_':'updateShort','update':%s,'date':7}", update);
    read_in(229, NULL, text);
    ck_assert_int_eq(s.kind, SPLIT_SHORT);
    ck_assert_int_eq(s.date, 7);
    ck_assert_uint_eq(s.n, 1);
}

static void expect(size_t i, const char *name, enum split_box box, int pts, int count, int64_t channel_id)
{
    struct fault fault = {0};
    struct split one;

    ck_assert_uint_lt(i, s.n);
    ck_assert_str_eq(s.items[i].comb->name, name);
    ck_assert_int_eq(s.items[i].box, box);
    ck_assert_int_eq(s.items[i].pts, pts);
    ck_assert_int_eq(s.items[i].count, count);
    ck_assert_int_eq(s.items[i].channel_id, channel_id);
    /* Its bytes are a whole object. */
    ck_assert_int_eq(split_read(&words, NULL, bytes.data + s.items[i].offset, s.items[i].len, &one, &fault), 0);
    ck_assert_uint_eq(le32_load(bytes.data + s.items[i].offset), s.items[i].comb->id);
    split_fini(&one);
}

START_TEST(test_each_update_of_a_container_in_its_order)
{
    read_in(229, NULL,
            UPDATES("{'_':'updateNewMessage','message':" MESSAGE(
                        OF_CHAT) ",'pts':12,'pts_count':1},"
                                 "{'_':'updateNewChannelMessage','message':" MESSAGE(
                                     OF_CHANNEL) ",'pts':40,'pts_count':2},"
                                                 "{'_':'updateGroupCall','peer':" OF_CHANNEL ",'call':" CALL("") "}",
                    "", CHANNEL("'id':'6001','access_hash':'77',")));
    ck_assert_int_eq(s.kind, SPLIT_UPDATES);
    ck_assert_uint_eq(s.n, 3);
    expect(0, "updateNewMessage", SPLIT_COMMON, 12, 1, 0);
    expect(1, "updateNewChannelMessage", SPLIT_OF_CHANNEL, 40, 2, 6001);
    expect(2, "updateGroupCall", SPLIT_NO_BOX, 0, 0, 0);
    ck_assert_int_eq(s.date, 1);
    ck_assert_int_eq(s.seq, 0);
    ck_assert_uint_eq(s.users_len, 8);
    ck_assert_uint_gt(s.chats_len, 8);
    ck_assert_uint_eq(le32_load(bytes.data + s.chats), 0x1cb5c415);
    ck_assert_uint_eq(s.chats + s.chats_len + 8, bytes.len); /* date and seq follow */
}
END_TEST

START_TEST(test_the_numbers_of_a_combined_container)
{
    read_in(229, NULL, "{'_':'updatesCombined','updates':[],'users':[],'chats':[],'date':9,'seq_start':4,'seq':6}");
    ck_assert_int_eq(s.kind, SPLIT_UPDATES);
    ck_assert_int_eq(s.seq_start, 4);
    ck_assert_int_eq(s.seq, 6);
    ck_assert_int_eq(s.date, 9);
    ck_assert_uint_eq(s.n, 0);
}
END_TEST

START_TEST(test_which_sequence_an_update_moves)
{
    read_update("{'_':'updateDeleteMessages','messages':[1,2],'pts':5,'pts_count':2}");
    expect(0, "updateDeleteMessages", SPLIT_COMMON, 5, 2, 0);
    read_update("{'_':'updateReadHistoryOutbox','peer':" OF_CHANNEL ",'max_id':1,'pts':5,'pts_count':1}");
    expect(0, "updateReadHistoryOutbox", SPLIT_COMMON, 5, 1, 0);
    read_update("{'_':'updateDeleteChannelMessages','channel_id':'6001','messages':[1],'pts':5,'pts_count':1}");
    expect(0, "updateDeleteChannelMessages", SPLIT_OF_CHANNEL, 5, 1, 6001);
    read_update("{'_':'updateEditChannelMessage','message':{'_':'messageEmpty','id':1},'pts':5,'pts_count':1}");
    expect(0, "updateEditChannelMessage", SPLIT_NO_BOX, 5, 1, 0); /* of which channel is not said */
    read_update("{'_':'updateReadChannelInbox','channel_id':'6001','max_id':1,'still_unread_count':0,'pts':5}");
    expect(0, "updateReadChannelInbox", SPLIT_NO_BOX, 5, 0, 6001); /* it moves none */
    read_update("{'_':'updateBotStopped','user_id':'1','date':1,'stopped':true,'qts':6}");
    expect(0, "updateBotStopped", SPLIT_QTS, 6, 1, 0);
    read_update("{'_':'updateChannelTooLong','channel_id':'6001','pts':5}");
    expect(0, "updateChannelTooLong", SPLIT_NO_BOX, 5, 0, 6001);
    ck_assert_int_eq(s.items[0].what, SPLIT_CHANNEL_IS_BEHIND);
    read_update("{'_':'updatePtsChanged'}");
    ck_assert_int_eq(s.items[0].what, SPLIT_PTS_CHANGED);
}
END_TEST

START_TEST(test_short_forms)
{
    read_in(229, NULL,
            "{'_':'updateShortMessage','id':3,'user_id':'1001','message':'hi','pts':31,'pts_count':1,'date':8}");
    ck_assert_int_eq(s.kind, SPLIT_SHORT_MESSAGE);
    ck_assert(s.pts == 31 && s.pts_count == 1 && s.date == 8 && s.n == 0);
    ck_assert(s.offset == 0 && s.len == bytes.len);
    read_in(229, "messages.sendMessage",
            "{'_':'updateShortSentMessage','out':true,'id':3,'pts':32,'pts_count':1,'date':8}");
    ck_assert_int_eq(s.kind, SPLIT_SENT);
    ck_assert(s.pts == 32 && s.pts_count == 1);
    read_in(229, NULL, "{'_':'updatesTooLong'}");
    ck_assert_int_eq(s.kind, SPLIT_TOO_LONG);
}
END_TEST

START_TEST(test_updates_within_an_answer)
{
    read_in(229, "channels.inviteToChannel",
            "{'_':'messages.invitedUsers','updates':" UPDATES("{'_':'updateConfig'}", "", "") ",'missing_invitees':"
                                                                                              "[]}");
    ck_assert_int_eq(s.kind, SPLIT_UPDATES);
    expect(0, "updateConfig", SPLIT_NO_BOX, 0, 0, 0);
    read_in(229, "messages.readHistory", "{'_':'messages.affectedMessages','pts':9,'pts_count':2}");
    ck_assert_int_eq(s.kind, SPLIT_AFFECTED);
    ck_assert(s.pts == 9 && s.pts_count == 2);
    ck_assert(!split_is_of_use(&words, tl_find_method(shipped_layer(229), "messages.getFullChat")));
    ck_assert(split_is_of_use(&words, tl_find_method(shipped_layer(229), "phone.createGroupCall")));
}
END_TEST

static void expect_state(void)
{
    ck_assert(s.pts == 70 && s.qts == 8 && s.date == 99 && s.seq == 5);
}

START_TEST(test_differences)
{
    read_in(229, "updates.getState", STATE);
    ck_assert_int_eq(s.kind, SPLIT_STATE);
    expect_state();
    read_in(229, "updates.getDifference",
            "{'_':'updates.differenceSlice','new_messages':[" MESSAGE(
                OF_CHAT) "],'new_encrypted_messages':[],"
                         "'other_updates':[{'_':'updateConfig'}],'chats':[],'users':[],'intermediate_state':" STATE
                         "}");
    ck_assert_int_eq(s.kind, SPLIT_SLICE);
    expect_state();
    ck_assert_uint_eq(s.n, 2);
    ck_assert_int_eq(s.items[0].what, SPLIT_MESSAGE);
    expect(0, "messageService", SPLIT_NO_BOX, 0, 0, 0);
    expect(1, "updateConfig", SPLIT_NO_BOX, 0, 0, 0);
    read_in(229, "updates.getDifference", "{'_':'updates.differenceEmpty','date':4,'seq':3}");
    ck_assert(s.kind == SPLIT_EMPTY && s.date == 4 && s.seq == 3);
    read_in(229, "updates.getDifference", "{'_':'updates.differenceTooLong','pts':400}");
    ck_assert(s.kind == SPLIT_DIFFERENCE_TOO_LONG && s.pts == 400);
}
END_TEST

START_TEST(test_differences_of_a_channel)
{
    read_in(229, "updates.getChannelDifference",
            "{'_':'updates.channelDifference','final':true,'pts':15,'timeout':30,'new_messages':[" MESSAGE(
                OF_CHANNEL) "],'other_updates':[],'chats':[],'users':[]}");
    ck_assert(s.kind == SPLIT_CHANNEL && s.final && s.pts == 15 && s.timeout == 30);
    expect(0, "messageService", SPLIT_NO_BOX, 0, 0, 6001);
    read_in(229, "updates.getChannelDifference", "{'_':'updates.channelDifferenceEmpty','pts':16}");
    ck_assert(s.kind == SPLIT_CHANNEL_EMPTY && !s.final && s.pts == 16 && s.timeout == 0);
    read_in(229, "updates.getChannelDifference",
            "{'_':'updates.channelDifferenceTooLong','final':true,'dialog':{'_':'dialog','peer':" OF_CHANNEL
            ",'top_message':5,'read_inbox_max_id':0,'read_outbox_max_id':0,'unread_count':0,'unread_mentions_count':0,"
            "'unread_reactions_count':0,'unread_poll_votes_count':0,'notify_settings':{'_':'peerNotifySettings'},"
            "'pts':77},'messages':[" MESSAGE(OF_CHANNEL) "],'chats':[],'users':[]}");
    ck_assert(s.kind == SPLIT_CHANNEL_TOO_LONG && s.pts == 77 && s.final);
    ck_assert_uint_eq(s.n, 0); /* what it shows is not what was missed */
}
END_TEST

START_TEST(test_the_older_layer)
{
    read_in(138, NULL,
            UPDATES("{'_':'updateNewChannelMessage','message':" MESSAGE(
                        OF_CHANNEL) ",'pts':40,'pts_count':2},"
                                    "{'_':'updateGroupCall','chat_id':'6001','call':" CALL("") "}",
                    "", ""));
    expect(0, "updateNewChannelMessage", SPLIT_OF_CHANNEL, 40, 2, 6001);
    expect(1, "updateGroupCall", SPLIT_NO_BOX, 0, 0, 0);
}
END_TEST

START_TEST(test_more_updates_than_have_room_at_once)
{
    enum { MANY = 100 };
    char text[MANY * 80], *p = text;

    p += sprintf(p, "{'_':'updates','users':[],'chats':[],'date':1,'seq':0,'updates':[");
    for (int i = 1; i <= MANY; i++)
        p += sprintf(p, "%s{'_':'updateDeleteMessages','messages':[],'pts':%d,'pts_count':1}", i > 1 ? "," : "", i);
    strcpy(p, "]}");
    read_in(229, NULL, text);
    ck_assert_uint_eq(s.n, MANY);
    for (int i = 0; i < MANY; i++)
        expect((size_t)i, "updateDeleteMessages", SPLIT_COMMON, i + 1, 1, 0);
}
END_TEST

START_TEST(test_bytes_that_end_early_are_no_container)
{
    struct fault fault = {0};
    struct split cut;

    read_in(229, NULL, UPDATES("{'_':'updateConfig'}", "", CHANNEL("'id':'6001','access_hash':'77',")));
    for (size_t n = 0; n < bytes.len; n++) {
        ck_assert_int_ne(split_read(&words, NULL, bytes.data, n, &cut, &fault), 0);
        split_fini(&cut);
    }
}
END_TEST

Suite *suite_split(void)
{
    Suite *suite = suite_create("split");
    TCase *t = tcase_create("split");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_add_test(t, test_each_update_of_a_container_in_its_order);
    tcase_add_test(t, test_the_numbers_of_a_combined_container);
    tcase_add_test(t, test_which_sequence_an_update_moves);
    tcase_add_test(t, test_short_forms);
    tcase_add_test(t, test_updates_within_an_answer);
    tcase_add_test(t, test_differences);
    tcase_add_test(t, test_differences_of_a_channel);
    tcase_add_test(t, test_the_older_layer);
    tcase_add_test(t, test_more_updates_than_have_room_at_once);
    tcase_add_test(t, test_bytes_that_end_early_are_no_container);
    suite_add_tcase(suite, t);
    return suite;
}
