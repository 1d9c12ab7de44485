/* Messages in a call: who hears them, what they cost, and what layers without them see. */
#include "tests/support/unit.h"
#include "tests/unit/sandbox/raw.h"
#include "tests/unit/sandbox/steps.h"
#include "tests/unit/sandbox/suites.h"

static const struct step alice_in = ALICE_IN, bob_in = BOB_IN;

static void begin(struct fixture *f)
{
    fixture_init(f);
    steps_create(f, 6002, false, false);
    json_decref(steps_call(f, &alice_in));
    json_decref(steps_call(f, &bob_in));
}

static const json_t *message_of(const json_t *updates)
{
    return json_object_get(steps_update(updates, "updateGroupCallMessage"), "message");
}

START_TEST(who_is_in_the_call_hears_a_message)
{
    static const struct step say = {BOB, "phone.sendGroupCallMessage", SAY(5, "Hello", "")};
    static const struct step leave = {ALICE, "phone.leaveGroupCall", CALL(",\"source\":11")};
    struct fixture f;

    begin(&f);
    json_t *j = steps_call(&f, &say);
    const json_t *own = message_of(j), *told = message_of(steps_pushed(&f, ALICE));
    ck_assert(own && json_equal(own, told));
    ck_assert_int_eq(json_get_long(own, "id"), 1);
    ck_assert_int_eq(json_get_long(own, "date"), world_now(&f.world));
    ck_assert_int_eq(json_get_long(json_object_get(own, "from_id"), "user_id"), BOB);
    ck_assert_str_eq(json_get_text(json_object_get(own, "message"), "text"), "Hello");
    ck_assert(!json_get_true(own, "from_admin") && !json_object_get(own, "paid_message_stars"));
    json_decref(j);
    json_decref(steps_call(&f, &leave));
    size_t pushed = json_array_size(f.pushed);
    static const struct step more = {BOB, "phone.sendGroupCallMessage", SAY(6, "Alone", "")};
    json_decref(steps_call(&f, &more));
    ck_assert_uint_eq(json_array_size(f.pushed), pushed + 1); /* Bob's other sessions */
    ck_assert_int_eq(f.world.calls[0]->version, 4);           /* two joined, one left: messages count nothing up */
    fixture_fini(&f);
}
END_TEST

START_TEST(the_same_intent_is_one_message)
{
    static const struct step say = {BOB, "phone.sendGroupCallMessage", SAY(5, "Hello", "")};
    static const struct step other = {ALICE, "phone.sendGroupCallMessage", SAY(5, "Mine", "")};
    struct fixture f;

    begin(&f);
    json_t *first = steps_call(&f, &say);
    size_t pushed = json_array_size(f.pushed);
    json_t *again = steps_call(&f, &say);
    ck_assert(json_equal(message_of(first), message_of(again)));
    ck_assert_uint_eq(json_array_size(f.pushed), pushed + 1); /* nobody else hears it twice */
    json_t *j = steps_call(&f, &other);
    ck_assert_int_eq(json_get_long(message_of(j), "id"), 2);
    ck_assert(json_get_true(message_of(j), "from_admin"));
    json_decref(first);
    json_decref(again);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_message_is_from_whom_was_chosen)
{
    static const struct step choose = {ALICE, "phone.saveDefaultSendAs", CALL(",\"send_as\":\"@peer:6001\"")};
    static const struct step say = {ALICE, "phone.sendGroupCallMessage", SAY(5, "Hello", "")};
    static const struct step self = {ALICE, "phone.sendGroupCallMessage", SAY(6, "Me", ",\"send_as\":\"@as:1001\"")};
    static const struct step look = {ALICE, "phone.getGroupCall", CALL(",\"limit\":0")};
    struct fixture f;

    begin(&f);
    json_decref(steps_call(&f, &choose));
    json_t *j = steps_call(&f, &say);
    ck_assert_int_eq(json_get_long(json_object_get(message_of(j), "from_id"), "channel_id"), 6001);
    ck_assert_uint_eq(json_array_size(json_object_get(steps_pushed(&f, BOB), "users")), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(steps_pushed(&f, BOB), "chats")), 2);
    json_decref(j);
    j = steps_call(&f, &look);
    const json_t *as = json_object_get(json_object_get(j, "call"), "default_send_as");
    ck_assert_int_eq(json_get_long(as, "channel_id"), 6001);
    json_decref(j);
    j = steps_call(&f, &self);
    ck_assert_int_eq(json_get_long(json_object_get(message_of(j), "from_id"), "user_id"), ALICE);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(what_was_paid_is_counted_by_donor)
{
    static const struct step pay[] = {
        {BOB, "phone.sendGroupCallMessage", SAY(1, "Hi", ",\"allow_paid_stars\":\"5\"")},
        {BOB, "phone.sendGroupCallMessage", SAY(2, "", ",\"allow_paid_stars\":\"2\"")},
        {ALICE, "phone.sendGroupCallMessage", SAY(3, "Own call", ",\"allow_paid_stars\":\"9\"")}};
    static const struct step look = {BOB, "phone.getGroupCallStars", CALL("")};
    struct fixture f;

    begin(&f);
    for (int i = 0; i < 3; i++) {
        json_t *j = steps_call(&f, &pay[i]);
        ck_assert_int_eq(json_get_long(message_of(j), "paid_message_stars"), i == 0 ? 5 : i == 1 ? 2 : 0);
        json_decref(j);
    }
    json_t *j = steps_call(&f, &look);
    const json_t *donor = json_array_get(json_object_get(j, "top_donors"), 0);
    ck_assert_int_eq(json_get_long(j, "total_stars"), 7);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "top_donors")), 1);
    ck_assert(json_get_true(donor, "my") && json_get_true(donor, "top"));
    ck_assert_int_eq(json_get_long(donor, "stars"), 7);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(what_is_deleted_is_told_to_who_is_in_the_call)
{
    static const struct step say[] = {{BOB, "phone.sendGroupCallMessage", SAY(1, "One", "")},
                                      {BOB, "phone.sendGroupCallMessage", SAY(2, "Two", "")},
                                      {ALICE, "phone.sendGroupCallMessage", SAY(3, "Three", "")}};
    static const struct step one = {ALICE, "phone.deleteGroupCallMessages", CALL(",\"messages\":[1,77]")};
    static const struct step rest = {ALICE, "phone.deleteGroupCallParticipantMessages",
                                     CALL(",\"participant\":\"@as:1002\"")};
    struct fixture f;

    begin(&f);
    for (int i = 0; i < 3; i++)
        json_decref(steps_call(&f, &say[i]));
    json_decref(steps_call(&f, &one));
    const json_t *ids =
        json_object_get(steps_update(steps_pushed(&f, BOB), "updateDeleteGroupCallMessages"), "messages");
    ck_assert_uint_eq(json_array_size(ids), 1);
    ck_assert_int_eq(json_as_long(json_array_get(ids, 0)), 1);
    json_t *j = steps_call(&f, &rest);
    ids = json_object_get(steps_update(j, "updateDeleteGroupCallMessages"), "messages");
    ck_assert_uint_eq(json_array_size(ids), 1);
    ck_assert_int_eq(json_as_long(json_array_get(ids, 0)), 2);
    json_decref(j);
    j = steps_call(&f, &rest);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "updates")), 0);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

/* Only so many are kept, whoever talks how much. */
START_TEST(old_messages_are_forgotten)
{
    struct fixture f;
    char params[200];

    begin(&f);
    for (int i = 1; i <= 100; i++) {
        snprintf(params, sizeof(params),
                 CALL(",\"random_id\":%d,\"message\":{\"_\":\"textWithEntities\",\"text\":\"x\",\"entities\":[]}"), i);
        const struct step say = {BOB, "phone.sendGroupCallMessage", params};
        json_t *j = steps_call(&f, &say);
        ck_assert_int_eq(json_get_long(message_of(j), "id"), i);
        json_decref(j);
    }
    static const struct step old = {BOB, "phone.deleteGroupCallMessages", CALL(",\"messages\":[1,100]")};
    json_t *j = steps_call(&f, &old);
    const json_t *update = steps_update(j, "updateDeleteGroupCallMessages");
    ck_assert_uint_eq(json_array_size(json_object_get(update, "messages")), 1);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

static json_t *input_call(const json_t *updates)
{
    return fixture_input_call(json_object_get(json_array_get(json_object_get(updates, "updates"), 0), "call"));
}

static void join(struct raw *r, const json_t *call, int source)
{
    json_t *j = raw_call(r, "phone.joinGroupCall",
                         json_pack("{s:O, s:{s:s}, s:{s:s, s:o}}", "call", call, "join_as", "_", "inputPeerSelf",
                                   "params", "_", "dataJSON", "data", json_sprintf("{\"ssrc\":%d}", source)));

    ck_assert_msg(j != NULL, "%s", r->error);
    json_decref(j);
}

/* In 138 there are none: that session is in the call, and is told of nothing. */
START_TEST(a_layer_without_messages_hears_none)
{
    struct server v;
    struct raw old, new, other;

    server_start(&v);
    raw_init(&old, &v, 1, 138, WIRE_INTERMEDIATE, false);
    raw_login(&old, "15550001");
    raw_init(&new, &v, 1, 229, WIRE_INTERMEDIATE, false);
    raw_login(&new, "15550001");
    raw_init(&other, &v, 1, 229, WIRE_INTERMEDIATE, false);
    raw_login(&other, "15550001");
    json_t *made =
        raw_call(&new, "phone.createGroupCall",
                 json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", 1));
    json_t *call = input_call(made);
    join(&new, call, 4);
    json_decref(raw_call(&old, "help.getNearestDc", json_object()));
    size_t before = json_array_size(old.updates);
    json_t *j = raw_call(&new, "phone.sendGroupCallMessage",
                         json_pack("{s:O, s:i, s:{s:s, s:s, s:[]}}", "call", call, "random_id", 3, "message", "_",
                                   "textWithEntities", "text", "Hello", "entities"));
    ck_assert_ptr_nonnull(message_of(j));
    json_decref(j);
    json_decref(raw_call(&old, "help.getNearestDc", json_object()));
    ck_assert_uint_eq(json_array_size(old.updates), before);
    json_decref(raw_call(&other, "help.getNearestDc", json_object()));
    ck_assert_ptr_nonnull(message_of(json_array_get(other.updates, json_array_size(other.updates) - 1)));
    json_decref(call);
    json_decref(made);
    raw_fini(&old);
    raw_fini(&new);
    raw_fini(&other);
    server_stop(&v);
}
END_TEST

Suite *suite_call_message(void)
{
    Suite *s = suite_create("call_message");
    TCase *t = tcase_create("call_message");

    tcase_add_test(t, who_is_in_the_call_hears_a_message);
    tcase_add_test(t, the_same_intent_is_one_message);
    tcase_add_test(t, a_message_is_from_whom_was_chosen);
    tcase_add_test(t, what_was_paid_is_counted_by_donor);
    tcase_add_test(t, what_is_deleted_is_told_to_who_is_in_the_call);
    tcase_add_test(t, old_messages_are_forgotten);
    tcase_add_test(t, a_layer_without_messages_hears_none);
    suite_add_tcase(s, t);
    return s;
}
