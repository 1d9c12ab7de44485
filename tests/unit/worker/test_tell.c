/* What becomes of accounts and calls, and what Telegram says, as events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/account/inside.h"
#include "daemon/tg/updates/split.h"
#include "daemon/tl/encode.h"
#include "tests/support/shipped.h"
#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/suites.h"

static struct worker *w;
static struct events *events;
static struct tg_account *anna;
static uint64_t seen;

static void set_up(void)
{
    w = bare_worker();
    ck_assert_int_eq(
        events_new(
            &(struct events_config){.ring = 64, .ring_bytes = 1 << 20, .reserved = UINT64_MAX, .clock = &clock_system},
            &events),
        0);
    ck_assert_int_eq(event_log_new(events, NULL, w->loop, &w->event_log), 0);
    ck_assert_int_eq(tell_events_new(w->event_log, w->env.schema, &clock_system, &w->tell), 0);
    anna = account_in(w, "anna", TG_ACCOUNT_READY);
    seen = events_newest(events);
}

static void tear_down(void)
{
    tell_events_free(w->tell);
    event_log_free(w->event_log);
    bare_worker_free(w);
    events_free(events);
}

static struct buf bytes_of(const char *text)
{
    struct buf bytes;
    char *json = strdup(text);

    for (char *p = json; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    json_t *j = json_loads(json, 0, NULL);
    ck_assert_msg(j != NULL, "%s", json);
    buf_init(&bytes, 1 << 16);
    struct fault fault = {0};
    int err = tl_encode_object(shipped_layer(229), j, TL_ENCODE_STRICT, &bytes, &fault);
    ck_assert_msg(err == 0, "%s", fault.text);
    json_decref(j);
    free(json);
    return bytes;
}

/* Each Update in the bytes is told onwards, as the account tells those whose turn it is. */
static void tell_all(const struct tl_comb *method, const struct buf *bytes)
{
    const struct tg_listener *listener = w->env.listener;
    struct split_words words;
    struct fault fault = {0};
    struct split s;

    split_words_init(w->env.schema, &words);
    ck_assert_int_eq(split_read(&words, method, bytes->data, bytes->len, &s, &fault), 0);
    for (size_t i = 0; i < s.n; i++) {
        const struct tg_update update = {
            .comb = s.items[i].comb,
            .data = bytes->data + s.items[i].offset,
            .len = s.items[i].len,
            .users = s.users_len ? bytes->data + s.users : NULL,
            .users_len = s.users_len,
            .chats = s.chats_len ? bytes->data + s.chats : NULL,
            .chats_len = s.chats_len,
            .date = s.date,
        };
        listener->update_told(listener->ctx, anna, &update);
    }
    split_fini(&s);
}

/* The account hears of it; METHOD's answer, or NULL for an update. */
static void hear(const char *method, const char *text)
{
    const struct tl_comb *m = method ? tl_find_method(shipped_layer(229), method) : NULL;
    struct buf bytes = bytes_of(text);
    struct tg_learnt learnt;

    ck_assert_int_eq(tg_known_learn(tg_account_known(anna), m, tg_known_mark(tg_account_known(anna)), bytes.data,
                                    bytes.len, &learnt, NULL),
                     0);
    tell_all(m, &bytes);
    buf_fini(&bytes);
}

/* The next event, which is of that type. NULL: there is none. Borrowed until the next one. */
static json_t *next(const char *type)
{
    static json_t *last;
    struct event *event;

    json_decref(last);
    last = NULL;
    if (events_next(events, seen, &event) != EVENTS_NEXT)
        return NULL;
    ck_assert_str_eq(event->text.type, type);
    seen = event->id;
    last = json_loadb(event->text.data, event->text.len, 0, NULL);
    ck_assert_msg(last != NULL, "%s", event->text.data);
    ck_assert_int_eq(json_integer_value(json_object_get(last, "received_at")), event->text.received_at);
    ck_assert_str_eq(json_string_value(json_object_get(last, "account")), event->text.account);
    event_drop(event);
    return last;
}

static void is(json_t *event, const char *member, const char *expected)
{
    char *text = json_dumps(json_object_get(event, member), JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    char *copy = strdup(expected);

    for (char *p = copy; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    ck_assert_msg((text ? strcmp(text, copy) == 0 : !copy[0]), "%s: %s, not %s", member, text ? text : "", copy);
    free(text);
    free(copy);
}

#define CALL(members) "'call': {'_': 'groupCall', 'id': '5', 'access_hash': '6', 'unmuted_video_limit': 0, " members "}"
#define UPDATES(list)                                                                                                  \
    "{'_': 'updates', 'updates': [" list                                                                               \
    "], 'users': [{'_': 'userEmpty', 'id': '9'}, {'_': 'userEmpty', 'id': '1002'}], 'chats': [], 'date': 3, 'seq': 0}"
#define UPDATE_CALL(members)                                                                                           \
    "{'_': 'updateGroupCall', 'peer': {'_': 'peerChannel', 'channel_id': '7'}, " CALL(members) "}"
#define SERVICE(user)                                                                                                  \
    "{'_': 'updateNewChannelMessage', 'pts': 1, 'pts_count': 1, 'message': {'_': 'messageService', 'id': 1, "          \
    "'from_id': "                                                                                                      \
    "{'_': 'peerUser', 'user_id': '" user "'}, 'peer_id': {'_': 'peerChannel', 'channel_id': '7'}, 'date': 3, "        \
    "'action': {'_': 'messageActionGroupCall', 'call': {'_': 'inputGroupCall', 'id': '5', 'access_hash': '6'}}}}"

START_TEST(a_call_that_another_makes_names_its_chat_and_who_made_it)
{
    hear(NULL, UPDATES(SERVICE("1002") ", " UPDATE_CALL("'participants_count': 1, 'version': 1, 'title': 'T'")));
    json_t *event = next("call");
    is(event, "what", "'made'");
    is(event, "who", "{'_':'peerUser','user_id':'1002'}");
    is(event, "changed", "");
    is(json_object_get(event, "call"), "peer", "{'_':'peerChannel','channel_id':'7'}");
    is(json_object_get(event, "call"), "title", "'T'");
    event = next("updateNewChannelMessage");
    is(event, "users", "[{'_':'userEmpty','id':'1002'}]");
    is(event, "chats", "");
    event = next("updateGroupCall");
    is(json_object_get(event, "update"), "_", "'updateGroupCall'");
    is(event, "users", "");
    ck_assert_ptr_null(next(""));
}
END_TEST

START_TEST(what_changed_of_a_call_is_told_with_old_and_new)
{
    hear(NULL, UPDATES(UPDATE_CALL("'participants_count': 1, 'version': 1, 'title': 'old', 'schedule_date': 77")));
    ck_assert_ptr_nonnull(next("call"));
    ck_assert_ptr_nonnull(next("updateGroupCall"));
    hear(NULL, UPDATES(UPDATE_CALL("'participants_count': 4, 'version': 2, 'join_muted': true")));
    json_t *event = next("call");
    is(event, "what", "'changed'");
    is(event, "changed",
       "{'join_muted':{'new':true,'old':false},'participants_count':{'new':4,'old':1},'schedule_date':{'old':77},"
       "'state':{'new':'active','old':'scheduled'},'title':{'old':'old'},'version':{'new':2,'old':1}}");
    is(event, "who", "");
    ck_assert_ptr_nonnull(next("updateGroupCall"));
    hear(NULL, UPDATES(UPDATE_CALL("'participants_count': 4, 'version': 2, 'join_muted': true")));
    ck_assert_ptr_nonnull(next("updateGroupCall")); /* nothing changed of the call */
    ck_assert_ptr_null(next(""));
}
END_TEST

START_TEST(a_call_s_kind_and_link_are_told_when_they_change)
{
    hear(NULL, UPDATES(UPDATE_CALL("'participants_count': 1, 'version': 1")));
    next("call");
    next("updateGroupCall");
    hear(NULL, UPDATES(UPDATE_CALL("'participants_count': 1, 'version': 1, 'conference': true, 'invite_link': 'a'")));
    json_t *event = next("call");
    is(event, "changed", "{'invite_link':{'new':'a'},'kind':{'new':'conference','old':'group'}}");
    next("updateGroupCall");
    hear(NULL, UPDATES(UPDATE_CALL("'participants_count': 1, 'version': 1, 'conference': true, 'invite_link': 'b'")));
    is(next("call"), "changed", "{'invite_link':{'new':'b','old':'a'}}");
}
END_TEST

START_TEST(what_the_account_itself_did_is_its_user_s)
{
    hear("phone.createGroupCall", UPDATES(UPDATE_CALL("'participants_count': 0, 'version': 1")));
    is(next("call"), "who", "{'_':'peerUser','user_id':'1001'}");
    ck_assert_ptr_nonnull(next("updateGroupCall"));
    hear("phone.discardGroupCall",
         UPDATES("{'_': 'updateGroupCall', 'call': {'_': 'groupCallDiscarded', 'id': '5', 'access_hash': '6', "
                 "'duration': 60}}"));
    json_t *event = next("call");
    is(event, "what", "'ended'");
    is(event, "who", "{'_':'peerUser','user_id':'1001'}");
    is(json_object_get(event, "changed"), "duration", "{'new':60}");
    is(json_object_get(event, "changed"), "state", "{'new':'discarded','old':'active'}");
}
END_TEST

START_TEST(a_question_s_answer_is_nobody_s_act)
{
    hear("phone.getGroupCall",
         "{'_': 'phone.groupCall', " CALL(
             "'participants_count': 0, 'version': 1") ", 'participants': [], 'participants_next_offset': '', 'chats': "
                                                      "[], 'users': []}");
    json_t *event = next("call");
    is(event, "what", "'made'");
    is(event, "who", "");
}
END_TEST

START_TEST(an_account_s_life_is_told)
{
    seen = 0;
    json_t *event = next("account");
    is(event, "what", "'made'");
    is(event, "state", "'wait_login'");
    event = next("account");
    is(event, "what", "'changed'");
    is(event, "changed", "{'state':{'new':'ready','old':'wait_login'}}");
    account_end_login(anna, TG_ACCOUNT_REVOKED, "it was ended elsewhere", NULL);
    event = next("account");
    is(event, "state", "'revoked'");
    is(event, "reason", "'it was ended elsewhere'");
    is(event, "changed", "{'reason':{'new':'it was ended elsewhere'},'state':{'new':'revoked','old':'ready'}}");
    ck_assert_ptr_null(next(""));
}
END_TEST

START_TEST(a_call_that_is_over_goes_in_silence_and_no_other)
{
    hear(NULL, UPDATES(UPDATE_CALL("'participants_count': 0, 'version': 1")));
    next("call");
    next("updateGroupCall");
    tg_calls_clear(tg_known_calls(tg_account_known(anna)));
    is(next("call"), "what", "'forgotten'");
    hear(NULL, UPDATES("{'_': 'updateGroupCall', 'call': {'_': 'groupCallDiscarded', 'id': '5', 'access_hash': '6', "
                       "'duration': 60}}"));
    is(next("call"), "what", "'ended'");
    next("updateGroupCall");
    tg_calls_clear(tg_known_calls(tg_account_known(anna)));
    ck_assert_ptr_null(next(""));
}
END_TEST

#define CHANNEL(id, title)                                                                                             \
    "{'_': 'channel', 'megagroup': true, 'id': '" id "', 'access_hash': '8', 'title': '" title                         \
    "', 'photo': {'_': 'chatPhotoEmpty'}, 'date': 3}"
/* Whose id is that of a channel, too. */
#define PEOPLE                                                                                                         \
    "'users': [{'_': 'user', 'contact': true, 'stories_hidden': true, 'id': '21', 'access_hash': '4', 'first_name': "  \
    "'A'}, {'_': 'userEmpty', 'id': '22'}, {'_': 'userEmpty', 'id': '23'}], 'chats': [" CHANNEL(                       \
        "23", "one") ", " CHANNEL("24", "two") ", {'_': 'chatForbidden', 'id': '25', 'title': 'three'}]"

START_TEST(an_update_comes_with_those_whom_it_names)
{
    hear(NULL, "{'_': 'updates', 'updates': [{'_': 'updateUserTyping', 'user_id': '21', 'action': {'_': "
               "'sendMessageTypingAction'}}, {'_': 'updateConfig'}, {'_': 'updateChatParticipants', 'participants': "
               "{'_': 'chatParticipants', 'chat_id': '25', 'participants': [{'_': 'chatParticipantCreator', 'user_id': "
               "'22'}], 'version': 1}}, {'_': 'updateChannel', 'channel_id': '23'}, {'_': 'updateNewChannelMessage', "
               "'pts': 1, 'pts_count': 1, 'message': {'_': 'message', 'id': 1, 'peer_id': {'_': 'peerChannel', "
               "'channel_id': '24'}, 'date': 3, 'message': 'odd', 'entities': [{'_': 'messageEntityMentionName', "
               "'offset': 0, 'length': 3, 'user_id': '22'}]}}], " PEOPLE ", 'date': 3, 'seq': 0}");
    json_t *event = next("updateUserTyping");
    is(event, "users",
       "[{'_':'user','access_hash':'4','contact':true,'first_name':'A','id':'21','stories_hidden':true}]");
    is(event, "chats", "");
    event = next("updateConfig");
    is(event, "users", "");
    is(event, "chats", "");
    event = next("updateChatParticipants");
    is(event, "users", "[{'_':'userEmpty','id':'22'}]");
    is(event, "chats", "[{'_':'chatForbidden','id':'25','title':'three'}]");
    event = next("updateChannel");
    is(event, "users", "[{'_':'userEmpty','id':'23'}]");
    is(json_array_get(json_object_get(event, "chats"), 0), "title", "'one'");
    ck_assert_uint_eq(json_array_size(json_object_get(event, "chats")), 1);
    event = next("updateNewChannelMessage");
    is(event, "users", "[{'_':'userEmpty','id':'22'}]");
    is(json_array_get(json_object_get(event, "chats"), 0), "title", "'two'");
    ck_assert_uint_eq(json_array_size(json_object_get(event, "chats")), 1);
    hear(NULL, "{'_': 'updates', 'updates': [{'_': 'updateUserTyping', 'user_id': '21', 'action': {'_': "
               "'sendMessageTypingAction'}}], 'users': [{'_': 'userEmpty', 'id': '21'}], 'chats': [], 'date': 3, "
               "'seq': 0}");
    is(next("updateUserTyping"), "users", "[{'_':'userEmpty','id':'21'}]");
    ck_assert_ptr_null(next(""));
}
END_TEST

#define NAMED(id, name)                                                                                                \
    "{'_': 'updates', 'updates': [{'_': 'updateUserTyping', 'user_id': '" id                                           \
    "', 'action': {'_': 'sendMessageTypingAction'}}], 'users': [{'_': 'user', 'id': '" id                              \
    "', 'access_hash': '4', 'first_name': '" name "'}], 'chats': [], 'date': 3, 'seq': 0}"

START_TEST(who_comes_again_is_told_as_he_is_now)
{
    static const char *const told[] = {NAMED("21", "Anna"), NAMED("21", "Anna"), NAMED("21", "Anne"),
                                       NAMED("22", "Anne"), NAMED("21", "Anna")};
    static const char *const names[] = {"'Anna'", "'Anna'", "'Anne'", "'Anne'", "'Anna'"};
    static const char *const ids[] = {"'21'", "'21'", "'21'", "'22'", "'21'"};

    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        hear(NULL, told[i]);
        json_t *users = json_object_get(next("updateUserTyping"), "users");
        ck_assert_uint_eq(json_array_size(users), 1);
        is(json_array_get(users, 0), "first_name", names[i]);
        is(json_array_get(users, 0), "id", ids[i]);
    }
}
END_TEST

START_TEST(what_cannot_be_told_in_full_is_told_without_its_people)
{
    struct buf many;

    buf_init(&many, 4 << 20);
    buf_put_text(&many,
                 "{'_': 'updates', 'updates': [{'_': 'updateUserPhone', 'user_id': '1000000000', 'phone': '1'}], "
                 "'users': [{'_': 'userEmpty', 'id': '1'}");
    for (int i = 0; i < 20000; i++)
        buf_put_text(&many, ", {'_': 'userEmpty', 'id': '1000000000'}");
    buf_put_text(&many, "], 'chats': [], 'date': 3, 'seq': 0}");
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    char *text = strdup(buf_text(&many));
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    json_t *j = json_loads(text, 0, NULL);
    ck_assert_int_eq(tl_encode_object(shipped_layer(229), j, TL_ENCODE_STRICT, &bytes, NULL), 0);
    tell_all(NULL, &bytes);
    json_t *event = next("updateUserPhone");
    ck_assert_ptr_nonnull(event);
    is(event, "users", "");
    json_decref(j);
    free(text);
    buf_fini(&bytes);
    buf_fini(&many);
}
END_TEST

START_TEST(missed_updates_are_a_gap)
{
    w->listener.updates_missed(w->listener.ctx, anna, 0);
    struct event *event;
    ck_assert_int_eq(events_next(events, seen, &event), EVENTS_NEXT);
    ck_assert_str_eq(event->text.type, "gap");
    ck_assert_str_eq(event->text.account, "anna");
    event_drop(event);
}
END_TEST

#define NOTED(from, more)                                                                                              \
    "{'_': 'updateNewMessage', 'pts': 1, 'pts_count': 1, 'message': {'_': 'message', 'id': 1, 'date': 3, "             \
    "'message': 'Login code: 12345', 'from_id': {'_': 'peerUser', 'user_id': '" from "'}, 'peer_id': {'_': "           \
    "'peerUser', 'user_id': '" from "'}" more "}}"

/* Which is an update of its own. */
static void tell_short(const char *from)
{
    const struct tg_listener *listener = w->env.listener;
    char text[256];

    snprintf(text, sizeof(text),
             "{'_': 'updateShortMessage', 'id': 1, 'user_id': '%s', 'message': 'Login code: 12345', 'pts': 1, "
             "'pts_count': 1, 'date': 3}",
             from);
    struct buf bytes = bytes_of(text);
    listener->update_told(
        listener->ctx, anna,
        &(struct tg_update){.comb = tl_find_constructor_name(shipped_layer(229), "updateShortMessage"),
                            .data = bytes.data,
                            .len = bytes.len});
    buf_fini(&bytes);
}

START_TEST(a_login_s_code_is_in_no_event)
{
    hear(NULL, UPDATES(NOTED("777000", "")));
    hear(NULL, UPDATES(NOTED("1002", ", 'fwd_from': {'_': 'messageFwdHeader', 'date': 3, 'from_id': {'_': 'peerUser', "
                                     "'user_id': '777000'}}")));
    hear(NULL, UPDATES("{'_': 'updateServiceNotification', 'type': 'AUTH', 'message': 'Login code: 12345', 'media': "
                       "{'_': 'messageMediaEmpty'}, 'entities': []}"));
    tell_short("777000");
    ck_assert_ptr_null(next("updateNewMessage"));
    hear(NULL, UPDATES(NOTED("1002", "")));
    ck_assert_ptr_nonnull(next("updateNewMessage"));
    tell_short("1002");
    ck_assert_ptr_nonnull(next("updateShortMessage"));
}
END_TEST

Suite *suite_tell(void)
{
    Suite *s = suite_create("tell");
    TCase *t = tcase_create("tell");

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_call_that_another_makes_names_its_chat_and_who_made_it);
    tcase_add_test(t, what_changed_of_a_call_is_told_with_old_and_new);
    tcase_add_test(t, a_call_s_kind_and_link_are_told_when_they_change);
    tcase_add_test(t, what_the_account_itself_did_is_its_user_s);
    tcase_add_test(t, a_question_s_answer_is_nobody_s_act);
    tcase_add_test(t, an_account_s_life_is_told);
    tcase_add_test(t, a_call_that_is_over_goes_in_silence_and_no_other);
    tcase_add_test(t, an_update_comes_with_those_whom_it_names);
    tcase_add_test(t, who_comes_again_is_told_as_he_is_now);
    tcase_add_test(t, what_cannot_be_told_in_full_is_told_without_its_people);
    tcase_add_test(t, a_login_s_code_is_in_no_event);
    tcase_add_test(t, missed_updates_are_a_gap);
    return s;
}
