#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/peers.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

static struct tg_peers *p;

static void set_up(void)
{
    ck_assert_int_eq(tg_peers_new(&p), 0);
}

static void tear_down(void)
{
    tg_peers_free(p);
}

static void expect_text(enum peer_kind kind, int64_t id, const char *want)
{
    struct buf text;

    buf_init(&text, 256);
    tg_peer_text(kind, id, &text);
    ck_assert_str_eq(buf_text(&text), want);
    buf_fini(&text);
}

static void put(struct tg_peer seen)
{
    ck_assert_int_eq(tg_peers_put(p, &seen, false), 0);
}

START_TEST(test_what_was_put_is_found_by_kind_and_id)
{
    put(user(2, 22));
    put(channel(2, 33));
    ck_assert_int_eq(tg_peers_find(p, PEER_USER, 2)->access_hash, 22);
    ck_assert_int_eq(tg_peers_find(p, PEER_CHANNEL, 2)->access_hash, 33);
    ck_assert_ptr_null(tg_peers_find(p, PEER_CHAT, 2));
    tg_peers_clear(p);
    ck_assert_ptr_null(tg_peers_find(p, PEER_USER, 2));
}
END_TEST

START_TEST(test_a_min_object_changes_nothing_and_makes_nothing)
{
    struct tg_peer min = user(2, 666);

    ck_assert_int_eq(tg_peers_put(p, &min, true), 0);
    ck_assert_ptr_null(tg_peers_find(p, PEER_USER, 2));
    put(user(2, 22));
    ck_assert_int_eq(tg_peers_put(p, &min, true), 0);
    ck_assert_int_eq(tg_peers_find(p, PEER_USER, 2)->access_hash, 22);
}
END_TEST

START_TEST(test_a_hash_that_is_left_out_does_not_undo_one)
{
    put(user(2, 22));
    put(user(2, 0));
    ck_assert(tg_peers_find(p, PEER_USER, 2)->has_hash);
    ck_assert_int_eq(tg_peers_find(p, PEER_USER, 2)->access_hash, 22);
}
END_TEST

START_TEST(test_a_group_that_became_a_channel_is_found_as_that)
{
    struct tg_peer group = {.kind = PEER_CHAT, .id = 5, .has_hash = true, .migrated_to = 77};

    put(group);
    ck_assert_int_eq(tg_peers_find(p, PEER_CHAT, 5)->kind, PEER_CHAT); /* the channel was not met yet */
    put(channel(77, 770));
    ck_assert_int_eq(tg_peers_find(p, PEER_CHAT, 5)->kind, PEER_CHANNEL);
    ck_assert_int_eq(tg_peers_find(p, PEER_CHAT, 5)->access_hash, 770);
}
END_TEST

START_TEST(test_the_longest_unused_goes_first)
{
    for (int64_t i = 1; i <= LIMIT_PEERS; i++)
        put(user(i, i));
    ck_assert_ptr_nonnull(tg_peers_find(p, PEER_USER, 1)); /* used: now the youngest */
    ck_assert_ptr_nonnull(tg_peers_find(p, PEER_USER, 2));
    put(user(LIMIT_PEERS + 1, 1));
    put(user(LIMIT_PEERS + 2, 1));
    ck_assert_ptr_nonnull(tg_peers_find(p, PEER_USER, 1));
    ck_assert_ptr_nonnull(tg_peers_find(p, PEER_USER, 2));
    ck_assert_ptr_null(tg_peers_find(p, PEER_USER, 3));
    ck_assert_ptr_null(tg_peers_find(p, PEER_USER, 4));
    ck_assert_ptr_nonnull(tg_peers_find(p, PEER_USER, 5));
    put(user(3, 3)); /* and may come again */
    ck_assert_ptr_nonnull(tg_peers_find(p, PEER_USER, 3));
}
END_TEST

START_TEST(test_each_kind_has_its_input_form)
{
    struct tg_peer bob = user(2, INT64_MIN), me = {.kind = PEER_USER, .id = 1, .is_self = true};
    struct tg_peer group = {.kind = PEER_CHAT, .id = 5}, news = channel(6, -7);

    expect_json(tg_peer_input(&bob, "InputPeer"),
                "{'_':'inputPeerUser','user_id':'2','access_hash':'-9223372036854775808'}");
    expect_json(tg_peer_input(&bob, "InputUser"),
                "{'_':'inputUser','user_id':'2','access_hash':'-9223372036854775808'}");
    expect_json(tg_peer_input(&bob, "InputChannel"), "{'_':'inputChannelEmpty'}");
    expect_json(tg_peer_input(&me, "InputPeer"), "{'_':'inputPeerSelf'}");
    expect_json(tg_peer_input(&me, "InputUser"), "{'_':'inputUserSelf'}");
    expect_json(tg_peer_input(&group, "InputPeer"), "{'_':'inputPeerChat','chat_id':'5'}");
    expect_json(tg_peer_input(&group, "InputUser"), "{'_':'inputUserEmpty'}");
    expect_json(tg_peer_input(&group, "InputChannel"), "{'_':'inputChannelEmpty'}");
    expect_json(tg_peer_input(&news, "InputPeer"), "{'_':'inputPeerChannel','channel_id':'6','access_hash':'-7'}");
    expect_json(tg_peer_input(&news, "InputChannel"), "{'_':'inputChannel','channel_id':'6','access_hash':'-7'}");
    expect_json(tg_peer_input(&news, "InputUser"), "{'_':'inputUserEmpty'}");
    expect_text(PEER_USER, 1, "{\"_\":\"peerUser\",\"user_id\":\"1\"}");
    expect_text(PEER_CHAT, 2, "{\"_\":\"peerChat\",\"chat_id\":\"2\"}");
    expect_text(PEER_CHANNEL, INT64_MAX, "{\"_\":\"peerChannel\",\"channel_id\":\"9223372036854775807\"}");
}
END_TEST

static const struct {
    const char *json;
    bool good;
    enum peer_kind kind;
    int64_t id;
} objects[] = {
    {"{'_':'inputPeerUser','user_id':'9223372036854775807','access_hash':'1'}", true, PEER_USER, INT64_MAX},
    {"{'_':'inputPeerUser','user_id':12}", true, PEER_USER, 12},
    {"{'_':'inputPeerChat','chat_id':'5'}", true, PEER_CHAT, 5},
    {"{'_':'inputPeerChannel','channel_id':'6'}", true, PEER_CHANNEL, 6},
    {"{'_':'inputPeerUserFromMessage','user_id':'7'}", true, PEER_USER, 7},
    {"{'_':'inputPeerChannelFromMessage','channel_id':'8'}", true, PEER_CHANNEL, 8},
    {"{'_':'peerUser','user_id':'1'}", true, PEER_USER, 1},
    {"{'_':'peerChat','chat_id':'2'}", true, PEER_CHAT, 2},
    {"{'_':'peerChannel','channel_id':'3'}", true, PEER_CHANNEL, 3},
    {"{'_':'inputPeerSelf'}", true, PEER_USER, 1001},
    {"{'_':'inputPeerEmpty'}", false, 0, 0},
    {"{'_':'inputPeerUser','user_id':'9223372036854775808'}", false, 0, 0},
    {"{'_':'inputPeerUser','user_id':'99999999999999999999'}", false, 0, 0},
    {"{'_':'inputPeerUser','user_id':'0'}", false, 0, 0},
    {"{'_':'inputPeerUser','user_id':'-1'}", false, 0, 0},
    {"{'_':'inputPeerUser','user_id':-1}", false, 0, 0},
    {"{'_':'inputPeerUser','user_id':'1x'}", false, 0, 0},
    {"{'_':'inputPeerUser','user_id':' 1'}", false, 0, 0},
    {"{'_':'inputPeerUser','user_id':''}", false, 0, 0},
    {"{'_':'inputPeerUser','user_id':1.5}", false, 0, 0},
    {"{'_':'inputPeerUser','chat_id':'1'}", false, 0, 0},
    {"{'_':1}", false, 0, 0},
    {"{}", false, 0, 0},
    {"[]", false, 0, 0},
    {"null", false, 0, 0},
};

START_TEST(test_an_object_names_a_peer_or_it_does_not)
{
    enum peer_kind kind = PEER_USER;
    int64_t id = 0;
    json_t *j = json_of(objects[_i].json);

    ck_assert_msg(tg_peer_of_json(j, 1001, &kind, &id) == objects[_i].good, "%s", objects[_i].json);
    if (objects[_i].good) {
        ck_assert_int_eq(kind, objects[_i].kind);
        ck_assert_int_eq(id, objects[_i].id);
    }
    json_decref(j);
}
END_TEST

START_TEST(test_nobody_is_self_before_the_login)
{
    enum peer_kind kind;
    int64_t id;
    json_t *j = json_of("{'_':'inputPeerSelf'}");

    ck_assert(!tg_peer_of_json(j, 0, &kind, &id));
    json_decref(j);
}
END_TEST

Suite *suite_peers(void)
{
    Suite *s = suite_create("peers");
    TCase *t = tcase_create("peers");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_what_was_put_is_found_by_kind_and_id);
    tcase_add_test(t, test_a_min_object_changes_nothing_and_makes_nothing);
    tcase_add_test(t, test_a_hash_that_is_left_out_does_not_undo_one);
    tcase_add_test(t, test_a_group_that_became_a_channel_is_found_as_that);
    tcase_add_test(t, test_the_longest_unused_goes_first);
    tcase_add_test(t, test_each_kind_has_its_input_form);
    tcase_add_loop_test(t, test_an_object_names_a_peer_or_it_does_not, 0, sizeof(objects) / sizeof(objects[0]));
    tcase_add_test(t, test_nobody_is_self_before_the_login);
    suite_add_tcase(s, t);
    return s;
}
