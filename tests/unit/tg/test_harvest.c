#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/known/harvest.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

static struct tg_peers *peers;
static struct harvest h;
static struct buf bytes;

static void set_up(void)
{
    ck_assert_int_eq(tg_peers_new(&peers), 0);
    memset(&bytes, 0, sizeof(bytes));
}

static void tear_down(void)
{
    buf_fini(&bytes);
    tg_peers_free(peers);
}

/* BYTES stay for the titles that point into them. */
static void harvest(int n, const char *text)
{
    struct harvest_words words;
    struct fault fault = {0};

    buf_fini(&bytes);
    bytes_of(n, text, &bytes);
    tg_harvest_words(layer(n), &words);
    int err = tg_harvest(&words, NULL, bytes.data, bytes.len, peers, &h, &fault);
    ck_assert_msg(err == 0, "%s at byte %zu", fault.text, fault.offset);
}

#define CALL(more)                                                                                                     \
    "{'_':'groupCall','id':'11','access_hash':'-12','participants_count':3,'unmuted_video_limit':0," more "'version':" \
    "4}"
#define CHANNEL(more) "{'_':'channel'," more "'title':'t','photo':{'_':'chatPhotoEmpty'},'date':1}"
#define GROUP(more)                                                                                                    \
    "{'_':'chat','id':'5001'," more "'title':'t','photo':{'_':'chatPhotoEmpty'},'participants_count':2,'date':1,"      \
    "'version':1}"
#define UPDATES(updates, users, chats)                                                                                 \
    "{'_':'updates','updates':[" updates "],'users':[" users "],'chats':[" chats "],'date':1,'seq':0}"

START_TEST(test_an_update_of_a_call_with_its_peer)
{
    harvest(229, UPDATES("{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'6001'},'call':" CALL(
                             "'title':'hé','schedule_date':9,'join_muted':true,'rtmp_stream':true,") "}",
                         "", CHANNEL("'id':'6001','access_hash':'77','username':'News',")));
    ck_assert_uint_eq(h.calls_n, 1);
    struct tg_call_seen *s = &h.calls[0];
    ck_assert(s->from_update && s->has_peer && !s->discarded && !s->min);
    ck_assert_int_eq(s->peer_kind, PEER_CHANNEL);
    ck_assert_int_eq(s->peer_id, 6001);
    ck_assert_int_eq(s->id, 11);
    ck_assert_int_eq(s->access_hash, -12);
    ck_assert_int_eq(s->participants_count, 3);
    ck_assert_int_eq(s->version, 4);
    ck_assert_int_eq(s->schedule_date, 9);
    ck_assert(s->join_muted && s->rtmp_stream && !s->layer_lacks_rtmp);
    ck_assert_uint_eq(s->title_len, strlen("hé"));
    ck_assert_mem_eq(s->title, "hé", s->title_len);
    ck_assert_int_eq(tg_peers_find_username(peers, "news")->access_hash, 77);
}
END_TEST

START_TEST(test_an_old_layers_bare_id_is_settled_by_the_chats_beside_it)
{
    static const char update[] = "{'_':'updateGroupCall','chat_id':'6001','call':" CALL("") "}";
    char text[2048];

    snprintf(text, sizeof(text), UPDATES("%s", "", CHANNEL("'id':'6001','access_hash':'77',")), update);
    harvest(138, text);
    ck_assert_uint_eq(h.calls_n, 1);
    ck_assert(h.calls[0].has_peer && h.calls[0].layer_lacks_rtmp);
    ck_assert_int_eq(h.calls[0].peer_kind, PEER_CHANNEL);
    tg_peers_clear(peers);
    snprintf(text, sizeof(text), UPDATES("%s", "", GROUP("")), update);
    harvest(138, text);
    ck_assert_int_eq(h.calls[0].peer_kind, PEER_CHAT);
    ck_assert_int_eq(h.calls[0].peer_id, 6001);
}
END_TEST

START_TEST(test_a_peer_that_is_told_is_believed_beside_a_channel_of_its_id)
{
    harvest(229, UPDATES("{'_':'updateGroupCall','peer':{'_':'peerChat','chat_id':'5001'},'call':" CALL("") "}", "",
                         CHANNEL("'id':'5001','access_hash':'77',")));
    ck_assert_int_eq(h.calls[0].peer_kind, PEER_CHAT);
}
END_TEST

START_TEST(test_an_update_without_a_peer_has_none)
{
    harvest(229, UPDATES("{'_':'updateGroupCall','call':" CALL("'min':true,") "}", "", ""));
    ck_assert_uint_eq(h.calls_n, 1);
    ck_assert(!h.calls[0].has_peer && h.calls[0].min);
}
END_TEST

START_TEST(test_the_end_of_a_call_in_both_layers)
{
    int n = _i ? 229 : 138;

    harvest(n, "{'_':'updateShort','date':1,'update':{'_':'updateGroupCall','chat_id':'5001',"
               "'peer':{'_':'peerChat','chat_id':'5001'},'call':{'_':'groupCallDiscarded','id':'11',"
               "'access_hash':'12','duration':60}}}");
    ck_assert_uint_eq(h.calls_n, 1);
    ck_assert(h.calls[0].discarded);
    ck_assert_int_eq(h.calls[0].duration, 60);
    ck_assert_int_eq(h.calls[0].id, 11);
    ck_assert_int_eq(h.calls[0].peer_id, 5001);
}
END_TEST

START_TEST(test_users_and_their_names_in_both_layers)
{
    int n = _i ? 229 : 138;

    harvest(n, UPDATES("",
                       "{'_':'user','id':'1','access_hash':'10','self':true,'username':'Alice','phone':'15550001'},"
                       "{'_':'user','id':'2','access_hash':'20','min':true,'username':'mini'},"
                       "{'_':'user','id':'3'},{'_':'userEmpty','id':'4'}",
                       ""));
    ck_assert_int_eq(h.self_id, 1);
    const struct tg_peer *p = tg_peers_find_username(peers, "alice");
    ck_assert(p->is_self && p->has_hash && p->access_hash == 10);
    ck_assert_ptr_nonnull(tg_peers_find_phone(peers, "15550001"));
    ck_assert_ptr_null(tg_peers_find(peers, PEER_USER, 2));
    ck_assert(!tg_peers_find(peers, PEER_USER, 3)->has_hash);
    ck_assert_ptr_null(tg_peers_find(peers, PEER_USER, 4));
}
END_TEST

START_TEST(test_the_first_active_of_several_usernames)
{
    harvest(229, UPDATES("",
                         "{'_':'user','id':'1','access_hash':'10','usernames':["
                         "{'_':'username','username':'asleep'},{'_':'username','active':true,'username':'First'},"
                         "{'_':'username','active':true,'username':'second'}]}",
                         ""));
    ck_assert_ptr_nonnull(tg_peers_find_username(peers, "first"));
    ck_assert_ptr_null(tg_peers_find_username(peers, "asleep"));
    ck_assert_ptr_null(tg_peers_find_username(peers, "second"));
}
END_TEST

START_TEST(test_names_that_nobody_could_ask_for_are_none)
{
    harvest(229,
            UPDATES("",
                    "{'_':'user','id':'1','access_hash':'10','username':'sp ace','phone':'123456789012345678901234'},"
                    "{'_':'user','id':'2','access_hash':'10','username':"
                    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}",
                    ""));
    ck_assert_str_eq(tg_peers_find(peers, PEER_USER, 1)->username, "");
    ck_assert_str_eq(tg_peers_find(peers, PEER_USER, 1)->phone, "");
    ck_assert_str_eq(tg_peers_find(peers, PEER_USER, 2)->username, "");
}
END_TEST

START_TEST(test_chats_channels_and_what_is_forbidden)
{
    int n = _i ? 229 : 138;

    harvest(n,
            UPDATES("", "",
                    CHANNEL("'id':'1','access_hash':'10','username':'one',") "," CHANNEL(
                        "'id':'2','access_hash':'20','min':true,") ","
                                                                   "{'_':'channelForbidden','id':'3','access_hash':'30'"
                                                                   ",'title':'t'},"
                                                                   "{'_':'chatForbidden','id':'4','title':'t'}," GROUP(
                                                                       "'migrated_to':{'_':'inputChannel','channel_id':"
                                                                       "'1','access_hash':'666'},")));
    ck_assert_int_eq(tg_peers_find(peers, PEER_CHANNEL, 1)->access_hash, 10);
    ck_assert_ptr_null(tg_peers_find(peers, PEER_CHANNEL, 2));
    ck_assert_int_eq(tg_peers_find(peers, PEER_CHANNEL, 3)->access_hash, 30);
    ck_assert_ptr_nonnull(tg_peers_find(peers, PEER_CHAT, 4));
    ck_assert_int_eq(tg_peers_find(peers, PEER_CHAT, 5001)->kind, PEER_CHANNEL);
    ck_assert_int_eq(tg_peers_find(peers, PEER_CHAT, 5001)->id, 1);
}
END_TEST

START_TEST(test_updates_too_long_is_told)
{
    harvest(_i ? 229 : 138, "{'_':'updatesTooLong'}");
    ck_assert(h.too_long);
    ck_assert_uint_eq(h.calls_n, 0);
}
END_TEST

START_TEST(test_calls_of_an_answer_are_no_update)
{
    harvest(229, "{'_':'phone.groupCall','call':" CALL(
                     "'default_send_as':{'_':'peerUser','user_id':'1'},") ","
                                                                          "'participants':[],'participants_next_offset'"
                                                                          ":'','chats':[],'users':[]}");
    ck_assert_uint_eq(h.calls_n, 1);
    ck_assert(!h.calls[0].from_update && !h.calls[0].has_peer);
}
END_TEST

START_TEST(test_more_calls_than_fit_are_said_to_be_lost)
{
    static char text[16384];
    static const char update[] =
        "{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'6001'},'call':" CALL("") "}";
    size_t at = 0;

    at += (size_t)snprintf(text, sizeof(text), "{'_':'updates','updates':[");
    for (int i = 0; i <= HARVEST_CALLS_MAX; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? "," : "", update);
    snprintf(text + at, sizeof(text) - at, "],'users':[],'chats':[],'date':1,'seq':0}");
    harvest(229, text);
    ck_assert_uint_eq(h.calls_n, HARVEST_CALLS_MAX);
    ck_assert(h.calls_lost);
}
END_TEST

START_TEST(test_bytes_that_end_early_or_go_on_are_a_fault)
{
    struct harvest_words words;
    struct fault fault = {0};

    tg_harvest_words(layer(229), &words);
    bytes_of(229,
             UPDATES("{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'6001'},'call':" CALL(
                         "'title':'x',") "}",
                     "{'_':'user','id':'1','access_hash':'10'}", ""),
             &bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *copy = malloc(len ? len : 1); /* its own block: a byte too far is seen */
        memcpy(copy, bytes.data, len);
        ck_assert_int_ne(tg_harvest(&words, NULL, copy, len, peers, &h, &fault), 0);
        free(copy);
    }
    buf_put_u32(&bytes, 0);
    ck_assert_int_eq(tg_harvest(&words, NULL, bytes.data, bytes.len, peers, &h, &fault), TGC_ETRAILING);
    ck_assert_ptr_nonnull(tg_peers_find(peers, PEER_USER, 1)); /* what was seen before it is kept */
}
END_TEST

Suite *suite_harvest(void)
{
    Suite *s = suite_create("harvest");
    TCase *t = tcase_create("harvest");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_an_update_of_a_call_with_its_peer);
    tcase_add_test(t, test_an_old_layers_bare_id_is_settled_by_the_chats_beside_it);
    tcase_add_test(t, test_a_peer_that_is_told_is_believed_beside_a_channel_of_its_id);
    tcase_add_test(t, test_an_update_without_a_peer_has_none);
    tcase_add_loop_test(t, test_the_end_of_a_call_in_both_layers, 0, 2);
    tcase_add_loop_test(t, test_users_and_their_names_in_both_layers, 0, 2);
    tcase_add_test(t, test_the_first_active_of_several_usernames);
    tcase_add_test(t, test_names_that_nobody_could_ask_for_are_none);
    tcase_add_loop_test(t, test_chats_channels_and_what_is_forbidden, 0, 2);
    tcase_add_loop_test(t, test_updates_too_long_is_told, 0, 2);
    tcase_add_test(t, test_calls_of_an_answer_are_no_update);
    tcase_add_test(t, test_more_calls_than_fit_are_said_to_be_lost);
    tcase_add_test(t, test_bytes_that_end_early_or_go_on_are_a_fault);
    suite_add_tcase(s, t);
    return s;
}
