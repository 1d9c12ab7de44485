/* What is taken out of answers and updates, and that nothing is known by it yet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/facts.h"
#include "tests/unit/tg/objects.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

static struct tg_facts facts;
static struct buf bytes;

static void set_up(void)
{
    tg_facts_init(&facts);
    memset(&bytes, 0, sizeof(bytes));
}

static void tear_down(void)
{
    buf_fini(&bytes);
    tg_facts_fini(&facts);
}

/* BYTES stay for the texts that point into them. */
static void extract(int n, const char *text)
{
    struct tg_words words;
    struct fault fault = {0};

    buf_fini(&bytes);
    bytes_of(n, text, &bytes);
    ck_assert_int_eq(tg_words_init(shipped_layer(n), &words), 0);
    int err = tg_extract(&words, NULL, bytes.data, bytes.len, &facts, &fault);
    ck_assert_msg(err == 0, "%s at byte %zu", fault.text, fault.offset);
}

/* The N-th fact of the kind; the test fails where there is none. */
static const struct tg_fact *fact(enum tg_fact_kind kind, unsigned n)
{
    for (size_t i = 0; i < facts.n; i++)
        if (facts.list[i].kind == kind && n-- == 0)
            return &facts.list[i];
    ck_abort_msg("no such fact");
    return NULL;
}

static const struct tg_call_seen *call(void)
{
    return &fact(TG_FACT_CALL, 0)->call.seen;
}

static const struct tg_fact_peer *peer_of(enum peer_kind kind, int64_t id)
{
    for (size_t i = 0; i < facts.n; i++)
        if (facts.list[i].kind == TG_FACT_PEER && facts.list[i].peer.kind == kind && facts.list[i].peer.id == id)
            return &facts.list[i].peer;
    return NULL;
}

static void expect_name(const struct tg_fact_peer *p, size_t n, const char *want)
{
    ck_assert_uint_lt(n, p->names_n);
    ck_assert_uint_eq(facts.names[p->names + n].len, strlen(want));
    ck_assert_mem_eq(facts.names[p->names + n].p, want, strlen(want));
}

START_TEST(test_an_update_of_a_call_with_its_peer)
{
    extract(229, UPDATES("{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'6001'},'call':" CALL(
                             "'title':'hé','schedule_date':9,'join_muted':true,'rtmp_stream':true,") "}",
                         "", CHANNEL("'id':'6001','access_hash':'77','username':'News',")));
    ck_assert_uint_eq(facts.n, 2);
    const struct tg_call_seen *s = call();
    ck_assert(s->from_update && s->has_peer && !s->discarded && !s->min && !fact(TG_FACT_CALL, 0)->call.bare);
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
    ck_assert_int_eq(peer_of(PEER_CHANNEL, 6001)->access_hash, 77);
    expect_name(peer_of(PEER_CHANNEL, 6001), 0, "News");
}
END_TEST

START_TEST(test_an_old_layers_id_has_no_kind)
{
    extract(138, UPDATES("{'_':'updateGroupCall','chat_id':'6001','call':" CALL("") "}", "", ""));
    ck_assert(call()->has_peer && call()->layer_lacks_rtmp && fact(TG_FACT_CALL, 0)->call.bare);
    ck_assert_int_eq(call()->peer_id, 6001);
}
END_TEST

START_TEST(test_an_update_without_a_peer_has_none)
{
    extract(229, UPDATES("{'_':'updateGroupCall','call':" CALL("'min':true,") "}", "", ""));
    ck_assert(!call()->has_peer && call()->min);
}
END_TEST

START_TEST(test_the_end_of_a_call_in_both_layers)
{
    int n = _i ? 229 : 138;

    extract(n, "{'_':'updateShort','date':1,'update':{'_':'updateGroupCall','chat_id':'5001',"
               "'peer':{'_':'peerChat','chat_id':'5001'},'call':{'_':'groupCallDiscarded','id':'11',"
               "'access_hash':'12','duration':60}}}");
    ck_assert(call()->discarded);
    ck_assert_int_eq(call()->duration, 60);
    ck_assert_int_eq(call()->id, 11);
    ck_assert_int_eq(call()->peer_id, 5001);
}
END_TEST

START_TEST(test_users_and_their_names_in_both_layers)
{
    int n = _i ? 229 : 138;

    extract(n, UPDATES("",
                       "{'_':'user','id':'1','access_hash':'10','self':true,'username':'Alice','phone':'15550001'},"
                       "{'_':'user','id':'2','access_hash':'20','min':true,'username':'mini'},"
                       "{'_':'user','id':'3'},{'_':'userEmpty','id':'4'}",
                       ""));
    ck_assert_int_eq(facts.self_id, 1);
    const struct tg_fact_peer *p = peer_of(PEER_USER, 1);
    ck_assert(p->is_self && p->has_hash && p->access_hash == 10 && !p->min && !p->tells_call);
    expect_name(p, 0, "Alice");
    ck_assert_uint_eq(p->phone.len, 8);
    ck_assert(peer_of(PEER_USER, 2)->min);
    ck_assert(!peer_of(PEER_USER, 3)->has_hash);
    ck_assert_uint_eq(peer_of(PEER_USER, 3)->names_n, 0);
    ck_assert_ptr_null(peer_of(PEER_USER, 4));
}
END_TEST

START_TEST(test_the_active_ones_of_several_usernames)
{
    extract(229, UPDATES("{'_':'updateUserName','user_id':'7','first_name':'','last_name':'','usernames':["
                         "{'_':'username','active':true,'username':'seventh'}]}",
                         "{'_':'user','id':'1','access_hash':'10','usernames':["
                         "{'_':'username','username':'asleep'},{'_':'username','active':true,'username':'First'},"
                         "{'_':'username','active':true,'username':'second'}]}",
                         ""));
    ck_assert_uint_eq(peer_of(PEER_USER, 1)->names_n, 2);
    expect_name(peer_of(PEER_USER, 1), 0, "First");
    expect_name(peer_of(PEER_USER, 1), 1, "second");
    ck_assert_int_eq(fact(TG_FACT_NAMES, 0)->peer.id, 7);
    expect_name(&fact(TG_FACT_NAMES, 0)->peer, 0, "seventh");
}
END_TEST

START_TEST(test_chats_channels_and_what_is_forbidden)
{
    int n = _i ? 229 : 138;

    extract(n,
            UPDATES("", "",
                    CHANNEL("'id':'1','access_hash':'10','username':'one','call_active':true,") "," CHANNEL(
                        "'id':'2','access_hash':'20','min':true,") ",{'_':'channelForbidden','id':'3',"
                                                                   "'access_hash':'30','title':'t'},"
                                                                   "{'_':'chatForbidden','id':'4','title':'t'}," GROUP(
                                                                       "'migrated_to':{'_':'inputChannel',"
                                                                       "'channel_id':'1','access_hash':'666'},")));
    const struct tg_fact_peer *p = peer_of(PEER_CHANNEL, 1);
    ck_assert(p->tells_call && p->call_active && p->access_hash == 10);
    ck_assert(peer_of(PEER_CHANNEL, 2)->min);
    ck_assert(peer_of(PEER_CHANNEL, 3)->access_hash == 30 && !peer_of(PEER_CHANNEL, 3)->tells_call);
    ck_assert(!peer_of(PEER_CHAT, 4)->tells_call && peer_of(PEER_CHAT, 4)->has_hash);
    p = peer_of(PEER_CHAT, 5001);
    ck_assert(p->tells_call && !p->call_active);
    ck_assert_int_eq(p->migrated_to, 1);
    ck_assert_int_eq(p->migrated_hash, 666);
}
END_TEST

START_TEST(test_a_full_chat_has_a_call_or_none)
{
    static const char *const layers_of[] = {FULL_CHANNEL("'call':{'_':'inputGroupCall','id':'11','access_hash':'12'},"
                                                         "'migrated_from_chat_id':'501','migrated_from_max_id':1,"),
                                            FULL_CHANNEL("")};

    for (int i = 0; i < 2; i++) {
        extract(_i ? 229 : 138, layers_of[i]);
        const struct tg_fact *f = fact(TG_FACT_FULL_CHAT, 0);
        ck_assert_int_eq(f->full_chat.kind, PEER_CHANNEL);
        ck_assert_int_eq(f->full_chat.id, 6001);
        ck_assert_int_eq(f->full_chat.call_id, i ? 0 : 11);
        ck_assert_int_eq(f->full_chat.migrated_from, i ? 0 : 501);
    }
    extract(_i ? 229 : 138, FULL_CHAT("'call':{'_':'inputGroupCall','id':'11','access_hash':'12'},"));
    ck_assert_int_eq(fact(TG_FACT_FULL_CHAT, 0)->full_chat.kind, PEER_CHAT);
    ck_assert_int_eq(fact(TG_FACT_FULL_CHAT, 0)->full_chat.call_id, 11);
}
END_TEST

START_TEST(test_chats_that_changed_and_updates_that_were_lost)
{
    int n = _i ? 229 : 138;

    extract(n, UPDATES("{'_':'updateChannel','channel_id':'6001'}", "", ""));
    ck_assert_int_eq(fact(TG_FACT_CHAT_CHANGED, 0)->peer.kind, PEER_CHANNEL);
    ck_assert_int_eq(fact(TG_FACT_CHAT_CHANGED, 0)->peer.id, 6001);
    ck_assert(!facts.lost);
    extract(n, "{'_':'updatesTooLong'}");
    ck_assert(facts.lost);
    ck_assert_uint_eq(facts.n, 0);
}
END_TEST

START_TEST(test_what_has_the_id_0_is_nothing)
{
    extract(229,
            UPDATES("{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'6001'},'call':{'_':'groupCall',"
                    "'id':'0','access_hash':'1','participants_count':0,'unmuted_video_limit':0,'version':1}},"
                    "{'_':'updateChannel','channel_id':'0'}",
                    "{'_':'user','id':'0','access_hash':'1'}", CHANNEL("'id':'0','access_hash':'77',")));
    ck_assert_uint_eq(facts.n, 0);
    extract(229,
            UPDATES("{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'0'},'call':" CALL("") "}", "", ""));
    ck_assert_uint_eq(facts.n, 1);
    ck_assert(!call()->has_peer);
}
END_TEST

START_TEST(test_calls_of_an_answer_are_no_update)
{
    extract(229, "{'_':'phone.groupCall','call':" CALL(
                     "'default_send_as':{'_':'peerUser','user_id':'1'},") ",'participants':[],"
                                                                          "'participants_next_offset':'','chats':[],"
                                                                          "'users':[]}");
    ck_assert(!call()->from_update && !call()->has_peer);
}
END_TEST

START_TEST(test_a_conference_says_so_and_has_its_link)
{
    extract(229,
            UPDATES("{'_':'updateGroupCall','call':" CALL("'conference':true,'invite_link':'https://t.me/call/x',") "}",
                    "", ""));
    ck_assert(call()->conference && !call()->has_peer && call()->from_update);
    ck_assert_uint_eq(call()->invite_link_len, strlen("https://t.me/call/x"));
    ck_assert_mem_eq(call()->invite_link, "https://t.me/call/x", call()->invite_link_len);
}
END_TEST

START_TEST(test_more_facts_than_fit_are_said_to_be_lost_and_memory_is_given_back)
{
    struct tg_words words;

    ck_assert_int_eq(tg_words_init(shipped_layer(229), &words), 0);
    buf_init(&bytes, 16 << 20);
    buf_put_u32(&bytes, tl_find_constructor_name(shipped_layer(229), "updatesCombined")->id);
    buf_put_u32(&bytes, 0x1cb5c415);
    buf_put_u32(&bytes, LIMIT_FACTS + 1);
    for (int i = 0; i <= LIMIT_FACTS; i++) {
        buf_put_u32(&bytes, tl_find_constructor_name(shipped_layer(229), "updateChannel")->id);
        buf_put_u64(&bytes, (uint64_t)i + 1);
    }
    for (int i = 0; i < 2; i++) {
        buf_put_u32(&bytes, 0x1cb5c415);
        buf_put_u32(&bytes, 0);
    }
    for (int i = 0; i < 3; i++)
        buf_put_u32(&bytes, 0);
    ck_assert_int_eq(tg_extract(&words, NULL, bytes.data, bytes.len, &facts, NULL), 0);
    ck_assert_uint_eq(facts.n, LIMIT_FACTS);
    ck_assert(facts.lost);
    extract(229, UPDATES("", "{'_':'user','id':'3'}", ""));
    ck_assert(facts.n == 1 && !facts.lost);
    ck_assert_uint_le(facts.cap, 64);
}
END_TEST

START_TEST(test_bytes_that_end_early_or_go_on_are_a_fault)
{
    struct tg_words words;
    struct fault fault = {0};

    ck_assert_int_eq(tg_words_init(shipped_layer(229), &words), 0);
    bytes_of(229,
             UPDATES("{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'6001'},'call':" CALL(
                         "'title':'x',") "}",
                     "{'_':'user','id':'1','access_hash':'10'}", ""),
             &bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *copy = malloc(len ? len : 1); /* its own block: a byte too far is seen */
        memcpy(copy, bytes.data, len);
        ck_assert_int_ne(tg_extract(&words, NULL, copy, len, &facts, &fault), 0);
        free(copy);
    }
    buf_put_u32(&bytes, 0);
    ck_assert_int_eq(tg_extract(&words, NULL, bytes.data, bytes.len, &facts, &fault), TGC_ETRAILING);
    ck_assert_uint_eq(facts.n, 2); /* what was said before it is kept */
}
END_TEST

Suite *suite_facts(void)
{
    Suite *s = suite_create("facts");
    TCase *t = tcase_create("facts");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_an_update_of_a_call_with_its_peer);
    tcase_add_test(t, test_an_old_layers_id_has_no_kind);
    tcase_add_test(t, test_an_update_without_a_peer_has_none);
    tcase_add_loop_test(t, test_the_end_of_a_call_in_both_layers, 0, 2);
    tcase_add_loop_test(t, test_users_and_their_names_in_both_layers, 0, 2);
    tcase_add_test(t, test_the_active_ones_of_several_usernames);
    tcase_add_loop_test(t, test_chats_channels_and_what_is_forbidden, 0, 2);
    tcase_add_loop_test(t, test_a_full_chat_has_a_call_or_none, 0, 2);
    tcase_add_loop_test(t, test_chats_that_changed_and_updates_that_were_lost, 0, 2);
    tcase_add_test(t, test_what_has_the_id_0_is_nothing);
    tcase_add_test(t, test_calls_of_an_answer_are_no_update);
    tcase_add_test(t, test_a_conference_says_so_and_has_its_link);
    tcase_add_test(t, test_more_facts_than_fit_are_said_to_be_lost_and_memory_is_given_back);
    tcase_add_test(t, test_bytes_that_end_early_or_go_on_are_a_fault);
    suite_add_tcase(s, t);
    return s;
}
