/* How often Telegram is asked who is meant, and what is taken for a peer. */
#include <stdio.h>
#include <string.h>

#include "daemon/tg/call/resolve.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

enum { NOBODY = -1, FAILED = -2, REFUSED = -3 };

static struct bed b;

static void set_up(void)
{
    bed_init(&b, BED_READY);
    fake_dc_forget_counts(b.dc);
}

static void tear_down(void)
{
    bed_fini(&b);
}

struct told {
    bool done;
    int64_t id;
    enum peer_kind kind;
    int64_t hash;
};

static void on_resolved(void *ctx, const struct tg_resolved *r)
{
    struct told *t = ctx;

    t->done = true;
    t->id = r->peer ? r->peer->id : r->failure ? FAILED : NOBODY;
    if (r->peer) {
        t->kind = r->peer->kind;
        t->hash = r->peer->access_hash;
    }
}

static bool is_done(void *ctx)
{
    return ((struct told *)ctx)->done;
}

static struct told told;

/* The id of who is meant by a value in JSON, with ' for "; NOBODY, FAILED, REFUSED. */
static int64_t who(const char *text)
{
    struct fault fault = {0};
    json_t *j = json_of(text);

    told = (struct told){0};
    int err = tg_resolve_json(b.a, j, bed_in(&b, 30 * SECOND_US), on_resolved, &told, &fault);
    json_decref(j);
    if (err)
        return REFUSED;
    ck_assert(fake_net_run_until(&b.net, is_done, &told, 60 * SECOND_US));
    return told.id;
}

static unsigned asked(const char *method)
{
    return fake_dc_asked(b.dc, method);
}

START_TEST(test_a_name_is_asked_for_once_in_hours)
{
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(who("'@news'"), 6001);
    ck_assert_uint_eq(asked("contacts.resolveUsername"), 1);
    bed_pass(&b, 3 * 3600 * SECOND_US);
    ck_assert_int_eq(who("'@news'"), 6001);
    ck_assert_uint_eq(asked("contacts.resolveUsername"), 2);
}
END_TEST

START_TEST(test_a_name_that_moved_is_followed_when_its_old_bearer_was_seen_without_it)
{
    struct fake_chat *news = fake_world_chat(b.world, PEER_CHANNEL, 6001);
    struct bed_answer answer;
    char params[128];

    ck_assert_int_eq(who("'@news'"), 6001);
    snprintf(news->username, sizeof(news->username), "olds");
    snprintf(fake_world_chat(b.world, PEER_CHANNEL, 6003)->username, 8, "news");
    json_t *name = json_of("'@news'");
    struct tg_peer peer = *tg_peers_find(tg_account_peers(b.a), PEER_CHANNEL, 6001);
    ck_assert(tg_resolve_is_still(b.a, name, &peer));
    snprintf(params, sizeof(params), "{'channel':{'_':'inputChannel','channel_id':'6001','access_hash':'%lld'}}",
             (long long)news->access_hash);
    bed_ask_now(&b, "channels.getFullChannel", params, 0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    ck_assert(!tg_resolve_is_still(b.a, name, &peer));
    json_decref(name);
    ck_assert_int_eq(who("'@news'"), 6003);
    ck_assert_int_eq(who("'@olds'"), 6001);
    ck_assert_uint_eq(asked("contacts.resolveUsername"), 2);
}
END_TEST

START_TEST(test_a_name_that_led_astray_is_asked_for_anew)
{
    json_t *name = json_of("'t.me/news'"), *id = json_of("-1000000006001");

    ck_assert_int_eq(who("'@news'"), 6001);
    ck_assert(tg_resolve_forget(b.a, name));
    ck_assert(!tg_resolve_forget(b.a, id));
    ck_assert_int_eq(who("'@news'"), 6001);
    ck_assert_uint_eq(asked("contacts.resolveUsername"), 2);
    json_decref(name);
    json_decref(id);
}
END_TEST

static const struct {
    const char *peer, *method;
} misses[] = {
    {"'@nobody_here'", "contacts.resolveUsername"},
    {"'+15559999'", "contacts.getContacts"},
    {"'t.me/+AbCdEf'", "messages.checkChatInvite"},
    {"'-1000000009999'", "messages.getDialogs"},
    {"4711", "messages.getDialogs"},
};

START_TEST(test_whoever_is_missed_is_asked_for_once_a_minute)
{
    fake_dc_rule(b.dc, "contacts.getContacts",
                 (struct fake_rule){.times = FAKE_ALWAYS,
                                    .json = "{'_':'contacts.contacts','contacts':[],"
                                            "'saved_count':0,'users':[]}"});
    fake_dc_rule(
        b.dc, "messages.checkChatInvite",
        (struct fake_rule){.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 400, .text = "INVITE_HASH_EXPIRED"});
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(who(misses[_i].peer), NOBODY);
    ck_assert_uint_eq(asked(misses[_i].method), 1);
    bed_pass(&b, 61 * SECOND_US);
    ck_assert_int_eq(who(misses[_i].peer), NOBODY);
    /* The chats are known to be all, longer than that. */
    ck_assert_uint_eq(asked(misses[_i].method), strcmp(misses[_i].method, "messages.getDialogs") == 0 ? 1 : 2);
    ck_assert_uint_eq(asked("*"), asked(misses[_i].method));
}
END_TEST

START_TEST(test_the_contacts_are_read_once_for_all_phones)
{
    fake_dc_rule(b.dc, "contacts.getContacts",
                 (struct fake_rule){.times = FAKE_ALWAYS,
                                    .json = "{'_':'contacts.contacts','contacts':[],'saved_count':0,'users':["
                                            "{'_':'user','id':'42','access_hash':'1','phone':'15550042'}]}"});
    ck_assert_int_eq(who("'+15559999'"), NOBODY);
    ck_assert_int_eq(who("'+15558888'"), NOBODY);
    ck_assert_int_eq(who("'+15550042'"), 42);
    ck_assert_uint_eq(asked("contacts.getContacts"), 1);
}
END_TEST

START_TEST(test_an_invite_is_looked_up_once)
{
    fake_dc_rule(b.dc, "messages.checkChatInvite",
                 (struct fake_rule){.times = FAKE_ALWAYS,
                                    .json = "{'_':'chatInviteAlready','chat':{'_':'channel','id':'6009','access_hash':"
                                            "'9','title':'t','photo':{'_':'chatPhotoEmpty'},'date':1}}"});
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(who("'https://t.me/+AbCdEf'"), 6009);
    ck_assert_uint_eq(asked("messages.checkChatInvite"), 1);
}
END_TEST

#define PAGE(what, id, more)                                                                                           \
    "{'_':'messages.dialogsSlice','count':3,'dialogs':[{'_':'dialog','peer':{'_':'peerChannel','channel_id':'" id      \
    "'},'top_message':5,'read_inbox_max_id':1,'read_outbox_max_id':1,'unread_count':0,'unread_mentions_count':0,"      \
    "'unread_reactions_count':0,'unread_poll_votes_count':0,'notify_settings':{'_':'peerNotifySettings'}}" more "],"   \
    "'messages':[{'_':'messageEmpty','id':4},{'_':'message','id':5,'peer_id':{'_':'peerChannel','channel_id':'" id     \
    "'},'date':" what ",'message':''}],'chats':[{'_':'channel','id':'" id "','access_hash':'" id                       \
    "','title':'t','photo':{'_':'chatPhotoEmpty'},'date':1}],'users':[]}"
#define LAST_PAGE "{'_':'messages.dialogsSlice','count':3,'dialogs':[],'messages':[],'chats':[],'users':[]}"
#define FOLDER                                                                                                         \
    ",{'_':'dialogFolder','folder':{'_':'folder','id':1,'title':''},'peer':{'_':'peerChannel','channel_id':'7001'},"   \
    "'top_message':5,'unread_muted_peers_count':0,'unread_unmuted_peers_count':0,'unread_muted_messages_count':0,"     \
    "'unread_unmuted_messages_count':0}"

static void page(const char *json)
{
    fake_dc_rule(b.dc, "messages.getDialogs", (struct fake_rule){.json = json});
}

START_TEST(test_chats_are_paged_through_to_the_end_once)
{
    page(PAGE("100", "7001", FOLDER));
    page(PAGE("90", "7002", ""));
    ck_assert_int_eq(who("'-1000000007002'"), 7002);
    ck_assert_uint_eq(asked("messages.getDialogs"), 2);
    const json_t *last = fake_dc_last(b.dc, "messages.getDialogs");
    ck_assert_int_eq(json_integer_value(json_object_get(last, "offset_date")), 100);
    ck_assert_int_eq(json_integer_value(json_object_get(last, "offset_id")), 5);
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(last, "offset_peer"), "channel_id")), "7001");
    ck_assert_ptr_null(json_object_get(last, "folder_id"));
    /* Not all were read: the next who is missed is looked for from the start, and in the archive. */
    page(PAGE("100", "7001", FOLDER));
    page(PAGE("90", "7002", ""));
    page(LAST_PAGE);
    page(PAGE("80", "7003", ""));
    page(LAST_PAGE);
    ck_assert_int_eq(who("'-1000000009999'"), NOBODY);
    ck_assert_uint_eq(asked("messages.getDialogs"), 7);
    ck_assert_int_eq(json_integer_value(json_object_get(fake_dc_last(b.dc, "messages.getDialogs"), "folder_id")), 1);
    ck_assert_int_eq(who("'-1000000007003'"), 7003);
    bed_pass(&b, 120 * SECOND_US);
    ck_assert_int_eq(who("'-1000000009998'"), NOBODY);
    ck_assert_uint_eq(asked("messages.getDialogs"), 7);
    /* Until something could have changed. */
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_int_eq(who("'-1000000009997'"), NOBODY);
    ck_assert_uint_eq(asked("messages.getDialogs"), 8);
}
END_TEST

/* A chat that moved from a page not yet read to one that was, while nobody was told of it, is on neither. */
START_TEST(test_chats_that_were_read_across_a_lost_link_are_read_again)
{
    fake_dc_rule(b.dc, "messages.getDialogs", (struct fake_rule){.json = PAGE("100", "7001", "")});
    fake_dc_rule(b.dc, "messages.getDialogs", (struct fake_rule){.fate = FAKE_DROP_AFTER, .json = LAST_PAGE});
    ck_assert_int_eq(who("'-1000000009999'"), NOBODY);
    ck_assert_uint_eq(asked("messages.getDialogs"), 2);
    page(LAST_PAGE);
    ck_assert_int_eq(who("'-1000000009998'"), NOBODY);
    ck_assert_uint_eq(asked("messages.getDialogs"), 3);
}
END_TEST

START_TEST(test_pages_that_do_not_go_on_are_no_endless_walk)
{
    fake_dc_rule(b.dc, "messages.getDialogs",
                 (struct fake_rule){.times = FAKE_ALWAYS, .json = PAGE("100", "7001", "")});
    ck_assert_int_eq(who("'-1000000009999'"), NOBODY);
    ck_assert_uint_eq(asked("messages.getDialogs"), 2);
}
END_TEST

START_TEST(test_what_answers_bear_and_a_known_bare_id_are_peers)
{
    ck_assert_int_eq(who("'@news'"), 6001);
    ck_assert_int_eq(who("{'_':'peerChannel','channel_id':'6001'}"), 6001);
    ck_assert_int_eq(who("{'_':'peerChat','chat_id':'501'}"), 501);
    ck_assert_int_eq(told.kind, PEER_CHAT);
    ck_assert_int_eq(who("6001"), 6001);
    ck_assert_int_eq(who("'6001'"), 6001);
    ck_assert_int_eq(told.kind, PEER_CHANNEL);
    ck_assert_uint_eq(asked("*"), 1);
    ck_assert_int_eq(who("{'_':'peerChannel'}"), REFUSED);
    ck_assert_int_eq(who("{'_':'inputPeerEmpty'}"), REFUSED);
    ck_assert_int_eq(who("{'_':'chat'}"), REFUSED);
}
END_TEST

START_TEST(test_a_group_that_became_a_channel_is_that_in_each_form)
{
    static const char *const forms[] = {"{'_':'inputPeerChat','chat_id':'501'}", "{'_':'peerChat','chat_id':'501'}",
                                        "'-501'", "-501"};
    struct fake_chat *group = fake_world_chat(b.world, PEER_CHAT, 501);
    struct bed_answer answer;

    group->migrated_to = fake_world_chat(b.world, PEER_CHANNEL, 6003);
    bed_ask_now(&b, "messages.getFullChat", "{'chat_id':'501'}", 0, &answer);
    bed_answer_fini(&answer);
    ck_assert_int_eq(who(forms[_i]), 6003);
    ck_assert_int_eq(told.kind, PEER_CHANNEL);
    ck_assert_int_eq(told.hash, group->migrated_to->access_hash);
    ck_assert_uint_eq(asked("*"), 1);
}
END_TEST

START_TEST(test_a_failure_is_no_miss)
{
    fake_dc_rule(b.dc, "contacts.resolveUsername", (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "ODD"});
    ck_assert_int_eq(who("'@news'"), FAILED);
    ck_assert_int_eq(who("'@news'"), 6001);
}
END_TEST

/* --- one reading of the chats for all who wait --- */

enum { CROWD = 8 };

static void ask_who(int64_t id, int64_t timeout_us, struct told *t)
{
    struct peer_text text = {.kind = PEER_TEXT_ID, .peer = PEER_CHANNEL, .id = id};

    *t = (struct told){0};
    tg_resolve(b.a, &text, bed_in(&b, timeout_us), on_resolved, t);
}

START_TEST(test_the_chats_are_read_once_for_all_who_wait)
{
    static struct told crowd[CROWD]; /* told at the account's end too */

    for (int i = 0; i < CROWD; i++)
        ask_who(i ? 7000 + i : 6002, 30 * SECOND_US, &crowd[i]);
    bed_pass(&b, SECOND_US);
    for (int i = 0; i < CROWD; i++) {
        ck_assert(crowd[i].done);
        ck_assert_int_eq(crowd[i].id, i ? NOBODY : 6002);
    }
    ck_assert_uint_eq(fake_dc_asked(b.dc, "messages.getDialogs"), 1);
}
END_TEST

/* Who is satisfied by the first page does not wait for the others, who do not begin anew. */
START_TEST(test_each_leaves_the_reading_when_he_has_enough)
{
    struct told first, second;

    fake_dc_rule(b.dc, "messages.getDialogs", (struct fake_rule){.json = PAGE("100", "6001", "")});
    fake_dc_rule(b.dc, "messages.getDialogs", (struct fake_rule){.json = PAGE("90", "6002", "")});
    fake_dc_rule(b.dc, "messages.getDialogs", (struct fake_rule){.json = LAST_PAGE});
    ask_who(6001, 30 * SECOND_US, &first);
    ask_who(6002, 30 * SECOND_US, &second);
    bed_pass(&b, 25000);
    ck_assert(first.done && !second.done);
    bed_pass(&b, SECOND_US);
    ck_assert_int_eq(second.id, 6002);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "messages.getDialogs"), 2);
}
END_TEST

START_TEST(test_who_has_no_more_time_leaves_the_reading_to_the_others)
{
    struct told hasty, patient;

    fake_dc_rule(b.dc, "messages.getDialogs", (struct fake_rule){.fate = FAKE_NEVER});
    ask_who(7001, 60 * SECOND_US, &patient);
    ask_who(7002, 5 * SECOND_US, &hasty);
    bed_pass(&b, 6 * SECOND_US);
    ck_assert(hasty.done);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert(patient.done);
    ck_assert_int_eq(patient.id, NOBODY);
}
END_TEST

START_TEST(test_a_failure_is_told_to_all_who_wait)
{
    static struct told crowd[CROWD]; /* told at the account's end too */

    fake_dc_rule(b.dc, "messages.getDialogs", (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "NO"});
    for (int i = 0; i < CROWD; i++)
        ask_who(7000 + i, 30 * SECOND_US, &crowd[i]);
    bed_pass(&b, SECOND_US);
    for (int i = 0; i < CROWD; i++)
        ck_assert(crowd[i].done && crowd[i].id == FAILED);
    /* And none of it is left when the account goes. */
    fake_dc_rule(b.dc, "messages.getDialogs", (struct fake_rule){.fate = FAKE_NEVER});
    ask_who(7001, 30 * SECOND_US, &crowd[0]);
    ask_who(7002, 30 * SECOND_US, &crowd[1]);
}
END_TEST

Suite *suite_resolve(void)
{
    Suite *s = suite_create("resolve");
    TCase *t = tcase_create("resolve");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_a_name_is_asked_for_once_in_hours);
    tcase_add_test(t, test_a_name_that_moved_is_followed_when_its_old_bearer_was_seen_without_it);
    tcase_add_test(t, test_a_name_that_led_astray_is_asked_for_anew);
    tcase_add_loop_test(t, test_whoever_is_missed_is_asked_for_once_a_minute, 0, sizeof(misses) / sizeof(misses[0]));
    tcase_add_test(t, test_the_contacts_are_read_once_for_all_phones);
    tcase_add_test(t, test_an_invite_is_looked_up_once);
    tcase_add_test(t, test_chats_are_paged_through_to_the_end_once);
    tcase_add_test(t, test_chats_that_were_read_across_a_lost_link_are_read_again);
    tcase_add_test(t, test_pages_that_do_not_go_on_are_no_endless_walk);
    tcase_add_test(t, test_what_answers_bear_and_a_known_bare_id_are_peers);
    tcase_add_loop_test(t, test_a_group_that_became_a_channel_is_that_in_each_form, 0, 4);
    tcase_add_test(t, test_a_failure_is_no_miss);
    tcase_add_test(t, test_the_chats_are_read_once_for_all_who_wait);
    tcase_add_test(t, test_each_leaves_the_reading_when_he_has_enough);
    tcase_add_test(t, test_who_has_no_more_time_leaves_the_reading_to_the_others);
    tcase_add_test(t, test_a_failure_is_told_to_all_who_wait);
    suite_add_tcase(s, t);
    return s;
}
