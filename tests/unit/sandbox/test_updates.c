#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/sandbox/fixture.h"
#include "tests/unit/sandbox/suites.h"

static json_t *difference(struct fixture *f, int pts)
{
    return fixture_call(f, "updates.getDifference", json_pack("{s:i, s:i, s:i}", "pts", pts, "date", 1, "qts", 1));
}

static json_t *channel_difference(struct fixture *f, int64_t chat, int pts)
{
    return fixture_call(f, "updates.getChannelDifference",
                        json_pack("{s:o, s:i, s:i}", "channel", fixture_channel(f, chat), "pts", pts, "limit", 100));
}

START_TEST(a_difference_tells_what_was_missed)
{
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, BOB);
    json_t *state = fixture_call(&f, "updates.getState", json_object());
    int pts = (int)json_get_long(state, "pts");
    json_decref(state);
    json_t *j = difference(&f, pts);
    ck_assert_str_eq(json_tag(j), "updates.differenceEmpty");
    json_decref(j);
    fixture_become(&f, ALICE);
    fixture_create(&f, 5001, 5, &updates);
    json_decref(updates);
    fixture_become(&f, BOB);
    j = difference(&f, pts);
    ck_assert_str_eq(json_tag(j), "updates.difference");
    ck_assert_uint_eq(json_array_size(json_object_get(j, "new_messages")), 1);
    ck_assert_int_eq(json_get_long(json_object_get(j, "state"), "pts"), pts + 1);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_channel_difference_tells_what_was_missed)
{
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    json_t *j = channel_difference(&f, 6002, 1);
    ck_assert_str_eq(json_tag(j), "updates.channelDifferenceEmpty");
    json_decref(j);
    fixture_create(&f, 6002, 5, &updates);
    json_decref(updates);
    j = channel_difference(&f, 6002, 1);
    ck_assert_str_eq(json_tag(j), "updates.channelDifference");
    ck_assert_uint_eq(json_array_size(json_object_get(j, "new_messages")), 1);
    ck_assert_int_eq(json_get_long(j, "pts"), 2);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

/* The dialog of CHAT as messages.getPeerDialogs has it; its top message is *RET_TOP. The answer is the caller's. */
static json_t *peer_dialog(struct fixture *f, int64_t chat, const json_t **ret_top)
{
    json_t *j =
        fixture_call(f, "messages.getPeerDialogs",
                     json_pack("{s:[{s:s, s:o}]}", "peers", "_", "inputDialogPeer", "peer", fixture_peer(f, chat)));

    ck_assert_msg(j != NULL, "%s", f->rpc.message);
    *ret_top = json_array_get(json_object_get(j, "messages"), 0);
    return j;
}

/* A basic group counts in its members' boxes, a channel in its own. */
START_TEST(the_first_message_of_a_chat_is_not_its_creation)
{
    static const int64_t chats[] = {5001, 6001, 6002};
    const json_t *top;
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    json_t *j = peer_dialog(&f, chats[_i], &top);
    int64_t creation = json_get_long(top, "id");
    ck_assert_int_gt(creation, 0);
    json_decref(j);
    fixture_create(&f, chats[_i], 5, &updates);
    json_decref(updates);
    j = peer_dialog(&f, chats[_i], &top);
    ck_assert_int_eq(json_get_long(top, "id"), creation + 1);
    const json_t *dialog = json_array_get(json_object_get(j, "dialogs"), 0);
    ck_assert_int_eq(json_get_long(dialog, "top_message"), creation + 1);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

enum { MISSED = 5 };

/* 2 * MISSED messages in the basic group: calls that start and end. */
static void miss(struct fixture *f)
{
    json_t *updates;

    fixture_init(f);
    fixture_become(f, ALICE);
    for (int i = 1; i <= MISSED; i++) {
        const json_t *call = fixture_create(f, 5001, i, &updates);
        json_decref(fixture_call(f, "phone.discardGroupCall", json_pack("{s:o}", "call", fixture_input_call(call))));
        json_decref(updates);
    }
}

START_TEST(a_difference_comes_in_slices_of_the_size_that_is_asked_for)
{
    struct fixture f;
    size_t seen = 0;
    int rounds = 0, pts = 1;
    bool is_slice = true;

    miss(&f);
    for (; is_slice; rounds++) {
        json_t *j = fixture_call(&f, "updates.getDifference",
                                 json_pack("{s:i, s:i, s:i, s:i}", "pts", pts, "pts_limit", 3, "date", 1, "qts", 1));
        is_slice = strcmp(json_tag(j), "updates.differenceSlice") == 0;
        const json_t *state = json_object_get(j, is_slice ? "intermediate_state" : "state");
        ck_assert_int_gt(json_get_long(state, "pts"), pts);
        pts = (int)json_get_long(state, "pts");
        ck_assert_uint_le(json_array_size(json_object_get(j, "new_messages")), 3);
        seen += json_array_size(json_object_get(j, "new_messages"));
        json_decref(j);
    }
    ck_assert_int_eq(rounds, 4);
    ck_assert_uint_eq(seen, 2 * MISSED);
    json_t *j = fixture_call(&f, "updates.getDifference",
                             json_pack("{s:i, s:i, s:i, s:i}", "pts", 1, "pts_total_limit", 9, "date", 1, "qts", 1));
    ck_assert_str_eq(json_tag(j), "updates.differenceTooLong");
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_channel_difference_ends_where_it_says_so)
{
    struct fixture f;
    json_t *updates;
    size_t seen = 0;
    int pts = 1, rounds = 0;
    bool is_final = false;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    for (int i = 1; i <= 3 * MISSED; i++) {
        fixture_create(&f, 6002, i, &updates);
        json_decref(updates);
    }
    for (; !is_final; rounds++) {
        json_t *j =
            fixture_call(&f, "updates.getChannelDifference",
                         json_pack("{s:o, s:i, s:i}", "channel", fixture_channel(&f, 6002), "pts", pts, "limit", 10));
        ck_assert_str_eq(json_tag(j), "updates.channelDifference");
        ck_assert_int_gt(json_get_long(j, "pts"), pts);
        pts = (int)json_get_long(j, "pts");
        is_final = json_get_true(j, "final");
        seen += json_array_size(json_object_get(j, "new_messages"));
        ck_assert_uint_le(json_array_size(json_object_get(j, "new_messages")), 10);
        json_decref(j);
    }
    ck_assert_int_eq(rounds, 3);
    ck_assert_uint_eq(seen, 6 * MISSED - 1);
    fixture_fini(&f);
}
END_TEST

START_TEST(what_is_no_longer_kept_is_too_long)
{
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    for (int i = 1; i <= WORLD_EVENTS; i++) {
        fixture_create(&f, 6002, i, &updates);
        json_decref(updates);
        fixture_create(&f, 5001, i, &updates);
        json_decref(updates);
    }
    json_t *j = channel_difference(&f, 6002, 1);
    ck_assert_str_eq(json_tag(j), "updates.channelDifferenceTooLong");
    json_decref(j);
    j = difference(&f, 1);
    ck_assert_str_eq(json_tag(j), "updates.differenceTooLong");
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

static const struct {
    int pts;
    const char *message;
} wrong[] = {
    {0, "PERSISTENT_TIMESTAMP_EMPTY"}, {-3, "PERSISTENT_TIMESTAMP_EMPTY"}, {77, "PERSISTENT_TIMESTAMP_INVALID"}};

START_TEST(a_pts_from_nowhere_is_refused)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    ck_assert_ptr_null(difference(&f, wrong[_i].pts));
    ck_assert_str_eq(f.rpc.message, wrong[_i].message);
    ck_assert_ptr_null(channel_difference(&f, 6001, wrong[_i].pts));
    ck_assert_str_eq(f.rpc.message, wrong[_i].message);
    fixture_fini(&f);
}
END_TEST

Suite *suite_updates(void)
{
    Suite *s = suite_create("updates");
    TCase *t = tcase_create("updates");

    tcase_add_test(t, a_difference_tells_what_was_missed);
    tcase_add_test(t, a_channel_difference_tells_what_was_missed);
    tcase_add_loop_test(t, the_first_message_of_a_chat_is_not_its_creation, 0, 3);
    tcase_add_test(t, a_difference_comes_in_slices_of_the_size_that_is_asked_for);
    tcase_add_test(t, a_channel_difference_ends_where_it_says_so);
    tcase_add_test(t, what_is_no_longer_kept_is_too_long);
    tcase_add_loop_test(t, a_pts_from_nowhere_is_refused, 0, sizeof(wrong) / sizeof(*wrong));
    suite_add_tcase(s, t);
    return s;
}
