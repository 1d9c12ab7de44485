/* What a difference is made of: slices, deletions, who is named, channels, filters. */
#include <string.h>

#include "daemon/sandbox/rpc/post.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/fixture.h"
#include "tests/unit/sandbox/steps.h"
#include "tests/unit/sandbox/suites.h"

enum { GROUP = 5001, CHANNEL = 6001, SUPERGROUP = 6002, CLOSED = 6005 };

static struct world_chat *chat_of(struct fixture *f, int64_t id)
{
    return world_chat_by_id(&f->world, id, id == GROUP);
}

static void post(struct fixture *f, int64_t chat, int64_t from, unsigned count)
{
    post_messages(&f->world, chat_of(f, chat),
                  &(struct post_order){.from = world_user_by_id(&f->world, from), .count = count, .text = "m"});
}

static json_t *common(struct fixture *f, int pts, int64_t date)
{
    json_t *j = fixture_call(f, "updates.getDifference",
                             json_pack("{s:i, s:I, s:i}", "pts", pts, "date", (json_int_t)date, "qts", 1));

    ck_assert_msg(j != NULL, "%s", f->rpc.message);
    return j;
}

static json_t *channel_params(struct fixture *f, int64_t chat, int pts, int limit, const char *filter)
{
    json_t *params = json_pack("{s:o, s:i, s:i}", "channel", fixture_channel(f, chat), "pts", pts, "limit", limit);

    json_put(params, "filter", json_loads(filter, 0, NULL));
    return params;
}

#define ALL "{\"_\":\"channelMessagesFilterEmpty\"}"
#define RANGE(min, max, more)                                                                                          \
    "{\"_\":\"channelMessagesFilter\"," more "\"ranges\":[{\"_\":\"messageRange\",\"min_id\":" #min                    \
    ",\"max_id\":" #max "}]}"

static json_t *channel(struct fixture *f, int64_t chat, int pts, int limit, const char *filter)
{
    json_t *j = fixture_call(f, "updates.getChannelDifference", channel_params(f, chat, pts, limit, filter));

    ck_assert_msg(j != NULL, "%s", f->rpc.message);
    return j;
}

static size_t size_of(const json_t *j, const char *list)
{
    return json_array_size(json_object_get(j, list));
}

/* The ids of a list of users or chats are these, in whatever order. */
static void ids_are(const json_t *j, const char *list, const int64_t *want)
{
    const json_t *item, *all = json_object_get(j, list);
    size_t i, n = 0;

    for (; want[n]; n++) {
        bool found = false;
        json_array_foreach (all, i, item)
            found = found || json_get_long(item, "id") == want[n];
        ck_assert_msg(found, "%s lacks %d", list, (int)want[n]);
    }
    ck_assert_uint_eq(json_array_size(all), n);
}

START_TEST(a_difference_has_a_hundred_events_where_no_number_is_named)
{
    struct fixture f;

    fixture_init(&f);
    post(&f, GROUP, ALICE, 150);
    fixture_become(&f, BOB);
    json_t *j = common(&f, 1, 1);
    ck_assert_str_eq(json_tag(j), "updates.differenceSlice");
    ck_assert_uint_eq(size_of(j, "new_messages"), 100);
    ck_assert_int_eq(json_get_long(json_object_get(j, "intermediate_state"), "pts"), 101);
    json_decref(j);
    j = common(&f, 101, 1);
    ck_assert_str_eq(json_tag(j), "updates.difference");
    ck_assert_uint_eq(size_of(j, "new_messages"), 50);
    ck_assert_int_eq(json_get_long(json_object_get(j, "state"), "pts"), 151);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_difference_names_whom_its_messages_name_and_nobody_else)
{
    struct fixture f;

    fixture_init(&f);
    post(&f, GROUP, BOB, 3);
    post(&f, SUPERGROUP, BOB, 3);
    fixture_become(&f, ALICE);
    json_t *j = common(&f, 1, f.wall_us / SECOND_US + 1);
    ids_are(j, "users", (const int64_t[]){BOB, 0});
    ids_are(j, "chats", (const int64_t[]){GROUP, 0});
    json_decref(j);
    j = channel(&f, SUPERGROUP, 1, 100, ALL);
    ids_are(j, "users", (const int64_t[]){BOB, 0});
    ids_are(j, "chats", (const int64_t[]){SUPERGROUP, 0});
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_channel_that_speaks_for_itself_names_nobody)
{
    struct fixture f;

    fixture_init(&f);
    post(&f, CHANNEL, ALICE, 1);
    fixture_become(&f, BOB);
    json_t *j = channel(&f, CHANNEL, 1, 100, ALL);
    ids_are(j, "users", (const int64_t[]){0});
    ids_are(j, "chats", (const int64_t[]){CHANNEL, 0});
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(who_is_invited_is_named)
{
    static const struct step invite = {ALICE, "phone.inviteToGroupCall", CALL(",\"users\":[\"@user:1002\"]")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, SUPERGROUP, false, false);
    int before = chat_of(&f, SUPERGROUP)->box.pts;
    json_t *j = steps_call(&f, &invite);
    ck_assert_msg(j != NULL, "%s", f.rpc.message);
    ids_are(j, "users", (const int64_t[]){ALICE, BOB, 0});
    json_decref(j);
    j = channel(&f, SUPERGROUP, before, 100, ALL);
    ids_are(j, "users", (const int64_t[]){ALICE, BOB, 0});
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

static const int64_t places[] = {GROUP, SUPERGROUP};

START_TEST(deletions_count_by_their_number)
{
    struct fixture f;
    int64_t place = places[_i];

    fixture_init(&f);
    post(&f, place, ALICE, 5);
    post_deletion(&f.world, chat_of(&f, place), world_user_by_id(&f.world, ALICE), 3);
    const json_t *pushed = json_array_get(json_object_get(steps_pushed(&f, BOB), "updates"), 0);
    ck_assert_str_eq(json_tag(pushed), place == GROUP ? "updateDeleteMessages" : "updateDeleteChannelMessages");
    ck_assert_int_eq(json_get_long(pushed, "pts_count"), 3);
    ck_assert_int_eq(json_get_long(pushed, "pts"), 1 + 5 + 3);
    ck_assert_uint_eq(size_of(pushed, "messages"), 3);
    fixture_become(&f, BOB);
    json_t *j = place == GROUP ? common(&f, 1, f.wall_us / SECOND_US + 1) : channel(&f, place, 1, 100, ALL);
    ck_assert_uint_eq(size_of(j, "new_messages"), 2);
    ck_assert_uint_eq(size_of(j, "other_updates"), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *one = json_array_get(json_object_get(j, "other_updates"), i);
        ck_assert_str_eq(json_tag(one), json_tag(pushed));
        ck_assert_int_eq(json_get_long(one, "pts"), 1 + 5 + 1 + (int)i);
        ck_assert_int_eq(json_get_long(one, "pts_count"), 1);
        ck_assert(json_equal(json_array_get(json_object_get(one, "messages"), 0),
                             json_array_get(json_object_get(pushed, "messages"), i)));
    }
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_date_tells_in_which_channels_something_happened)
{
    struct fixture f;

    fixture_init(&f);
    int64_t date = f.wall_us / SECOND_US;
    post(&f, SUPERGROUP, ALICE, 2);
    fixture_become(&f, BOB);
    json_t *j = common(&f, 1, date);
    ck_assert_str_eq(json_tag(j), "updates.difference");
    ck_assert_uint_eq(size_of(j, "other_updates"), 1);
    const json_t *one = json_array_get(json_object_get(j, "other_updates"), 0);
    ck_assert_str_eq(json_tag(one), "updateChannelTooLong");
    ck_assert_int_eq(json_get_long(one, "channel_id"), SUPERGROUP);
    ck_assert_int_eq(json_get_long(one, "pts"), 3);
    ids_are(j, "chats", (const int64_t[]){SUPERGROUP, 0});
    json_decref(j);
    f.wall_us += SECOND_US;
    j = common(&f, 1, date + 1);
    ck_assert_str_eq(json_tag(j), "updates.differenceEmpty");
    ck_assert_int_eq(json_get_long(j, "date"), date + 1);
    json_t *state = fixture_call(&f, "updates.getState", json_object());
    ck_assert_int_eq(json_get_long(j, "seq"), json_get_long(state, "seq"));
    json_decref(state);
    json_decref(j);
    fixture_become(&f, CAROL); /* who is no member */
    j = common(&f, 1, date);
    ck_assert_str_eq(json_tag(j), "updates.differenceEmpty");
    json_decref(j);
    fixture_refused(&f, "updates.getDifference", json_pack("{s:i, s:i, s:i}", "pts", 1, "date", 0, "qts", 1), 400,
                    "DATE_EMPTY");
    fixture_fini(&f);
}
END_TEST

static const struct {
    int limit;
    const char *filter;
    size_t messages;
    bool is_final;
} channels[] = {
    {1, ALL, 10, false},
    {10, ALL, 10, false},
    {11, ALL, 11, false},
    {200000, ALL, 30, true},
    {100, RANGE(3, 5, ""), 3, true},
    {100, RANGE(3, 5, "\"exclude_new_messages\":true,"), 0, true},
};

START_TEST(a_channel_difference_goes_by_its_limit_and_filter)
{
    struct fixture f;

    fixture_init(&f);
    post(&f, SUPERGROUP, ALICE, 30);
    fixture_become(&f, BOB);
    json_t *j = channel(&f, SUPERGROUP, 1, channels[_i].limit, channels[_i].filter);
    ck_assert_str_eq(json_tag(j), "updates.channelDifference");
    ck_assert_uint_eq(size_of(j, "new_messages"), channels[_i].messages);
    ck_assert(json_get_true(j, "final") == channels[_i].is_final);
    ck_assert((json_object_get(j, "timeout") != NULL) == channels[_i].is_final);
    ck_assert_int_eq(json_get_long(j, "pts"), channels[_i].is_final ? 31 : 1 + (int)channels[_i].messages);
    json_decref(j);
    fixture_refused(&f, "updates.getChannelDifference", channel_params(&f, SUPERGROUP, 1, 100, RANGE(5, 3, "")), 400,
                    "RANGES_INVALID");
    fixture_fini(&f);
}
END_TEST

START_TEST(who_is_not_in_a_channel_hears_of_it_where_it_is_public)
{
    struct fixture f;

    fixture_init(&f);
    post(&f, CHANNEL, ALICE, 1);
    post(&f, CLOSED, CAROL, 1);
    fixture_become(&f, BOB);
    json_decref(channel(&f, CHANNEL, 1, 100, ALL));
    fixture_refused(&f, "updates.getChannelDifference", channel_params(&f, CLOSED, 1, 100, ALL), 406,
                    "CHANNEL_PRIVATE");
    chat_of(&f, CHANNEL)->username[0] = '\0';
    fixture_refused(&f, "updates.getChannelDifference", channel_params(&f, CHANNEL, 1, 100, ALL), 406,
                    "CHANNEL_PRIVATE");
    json_t *params = channel_params(&f, CHANNEL, 1, 100, ALL);
    json_put(json_object_get(params, "channel"), "access_hash", json_integer(5));
    fixture_refused(&f, "updates.getChannelDifference", params, 400, "CHANNEL_INVALID");
    fixture_fini(&f);
}
END_TEST

START_TEST(a_channel_that_is_too_far_on_says_where_it_is)
{
    struct fixture f;

    fixture_init(&f);
    post(&f, SUPERGROUP, BOB, WORLD_EVENTS + 1);
    fixture_become(&f, ALICE);
    json_t *j = channel(&f, SUPERGROUP, 1, 100, ALL);
    ck_assert_str_eq(json_tag(j), "updates.channelDifferenceTooLong");
    ck_assert(json_get_true(j, "final"));
    const json_t *dialog = json_object_get(j, "dialog");
    ck_assert_int_eq(json_get_long(dialog, "pts"), WORLD_EVENTS + 2);
    const json_t *top = json_array_get(json_object_get(j, "messages"), 0);
    ck_assert_int_eq(json_get_long(dialog, "top_message"), json_get_long(top, "id"));
    ids_are(j, "users", (const int64_t[]){BOB, 0});
    ids_are(j, "chats", (const int64_t[]){SUPERGROUP, 0});
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(people_talk_and_service_messages_say_something)
{
    struct fixture f;
    struct post_order o = {.count = 1, .text = "hello"};

    fixture_init(&f);
    o.from = world_user_by_id(&f.world, BOB);
    post_messages(&f.world, chat_of(&f, SUPERGROUP), &o);
    o.is_service = true;
    post_messages(&f.world, chat_of(&f, SUPERGROUP), &o);
    fixture_become(&f, ALICE);
    json_t *j = channel(&f, SUPERGROUP, 1, 100, ALL);
    const json_t *said = json_array_get(json_object_get(j, "new_messages"), 0);
    ck_assert_str_eq(json_tag(said), "message");
    ck_assert_str_eq(json_get_text(said, "message"), "hello");
    const json_t *action = json_object_get(json_array_get(json_object_get(j, "new_messages"), 1), "action");
    ck_assert_str_eq(json_tag(action), "messageActionCustomAction");
    ck_assert_str_eq(json_get_text(action, "message"), "hello");
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

static int pushed_seq(const struct fixture *f, int64_t user)
{
    return (int)json_get_long(steps_pushed(f, user), "seq");
}

#define TITLE(text)                                                                                                    \
    {                                                                                                                  \
        ALICE, "phone.editGroupCallTitle", CALL(",\"title\":\"" text "\"")                                             \
    }
static const struct step titles[] = {TITLE("one"), TITLE("two"), TITLE("three")};

START_TEST(what_has_no_pts_is_numbered_for_each_user_where_that_is_wanted)
{
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, SUPERGROUP, false, false);
    json_t *j = steps_call(&f, &titles[0]);
    ck_assert_int_eq(json_get_long(j, "seq"), 0);
    json_decref(j);
    f.world.counts_seq = true;
    for (int n = 2; n < 4; n++) {
        j = steps_call(&f, &titles[n - 1]);
        ck_assert_int_eq(json_get_long(j, "seq"), n); /* the answer is the container that the others are told */
        ck_assert_int_eq(pushed_seq(&f, ALICE), n);
        ck_assert_int_eq(pushed_seq(&f, BOB), n);
        json_decref(j);
    }
    post(&f, SUPERGROUP, ALICE, 1);
    ck_assert_int_eq(pushed_seq(&f, BOB), 0); /* it has a pts */
    fixture_become(&f, BOB);
    j = fixture_call(&f, "updates.getState", json_object());
    ck_assert_int_eq(json_get_long(j, "seq"), 3);
    json_decref(j);
    fixture_become(&f, CAROL);
    j = common(&f, 1, f.wall_us / SECOND_US + 1);
    ck_assert_int_eq(json_get_long(j, "seq"), 1);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

static json_t *deletion(struct fixture *f, int64_t chat, const char *ids)
{
    return json_pack("{s:o, s:o}", "channel", fixture_channel(f, chat), "id", json_loads(ids, 0, NULL));
}

/* Messages 2, 3 and 4 are Bob's, 5 is Alice's; 1 is the creation. */
START_TEST(who_deletes_is_told_the_pts_and_the_others_are_told_the_update)
{
    struct fixture f;

    fixture_init(&f);
    post(&f, SUPERGROUP, BOB, 3);
    post(&f, SUPERGROUP, ALICE, 1);
    fixture_become(&f, BOB);
    fixture_refused(&f, "channels.deleteMessages", deletion(&f, SUPERGROUP, "[2, 5]"), 403, "MESSAGE_DELETE_FORBIDDEN");
    ck_assert_int_eq(chat_of(&f, SUPERGROUP)->box.pts, 5);
    fixture_become(&f, ALICE);
    json_t *j = fixture_call(&f, "channels.deleteMessages", deletion(&f, SUPERGROUP, "[3, 5, 3, 77]"));
    ck_assert_str_eq(json_tag(j), "messages.affectedMessages");
    ck_assert_int_eq(json_get_long(j, "pts"), 7);
    ck_assert_int_eq(json_get_long(j, "pts_count"), 2);
    json_decref(j);
    const json_t *update = json_array_get(json_object_get(steps_pushed(&f, BOB), "updates"), 0);
    ck_assert_str_eq(json_tag(update), "updateDeleteChannelMessages");
    ck_assert_int_eq(json_get_long(update, "pts"), 7);
    ck_assert_int_eq(json_get_long(update, "pts_count"), 2);
    ck_assert_int_eq(world_member(chat_of(&f, SUPERGROUP), f.account.user)->top_id, 4);
    j = fixture_call(&f, "channels.deleteMessages", deletion(&f, SUPERGROUP, "[3, 2, 4]"));
    ck_assert_int_eq(json_get_long(j, "pts_count"), 2);
    json_decref(j);
    ck_assert_int_eq(world_member(chat_of(&f, SUPERGROUP), f.account.user)->top_id, WORLD_CREATION_ID);
    j = fixture_call(&f, "channels.deleteMessages", deletion(&f, SUPERGROUP, "[3]"));
    ck_assert_int_eq(json_get_long(j, "pts"), 9);
    ck_assert_int_eq(json_get_long(j, "pts_count"), 0);
    json_decref(j);
    fixture_become(&f, CAROL);
    fixture_refused(&f, "channels.deleteMessages", deletion(&f, SUPERGROUP, "[2]"), 403, "MESSAGE_DELETE_FORBIDDEN");
    fixture_fini(&f);
}
END_TEST

Suite *suite_difference(void)
{
    Suite *s = suite_create("difference");
    TCase *t = tcase_create("difference");

    tcase_add_test(t, a_difference_has_a_hundred_events_where_no_number_is_named);
    tcase_add_test(t, a_difference_names_whom_its_messages_name_and_nobody_else);
    tcase_add_test(t, a_channel_that_speaks_for_itself_names_nobody);
    tcase_add_test(t, who_is_invited_is_named);
    tcase_add_loop_test(t, deletions_count_by_their_number, 0, 2);
    tcase_add_test(t, a_date_tells_in_which_channels_something_happened);
    tcase_add_loop_test(t, a_channel_difference_goes_by_its_limit_and_filter, 0, sizeof(channels) / sizeof(*channels));
    tcase_add_test(t, who_is_not_in_a_channel_hears_of_it_where_it_is_public);
    tcase_add_test(t, a_channel_that_is_too_far_on_says_where_it_is);
    tcase_add_test(t, what_has_no_pts_is_numbered_for_each_user_where_that_is_wanted);
    tcase_add_test(t, who_deletes_is_told_the_pts_and_the_others_are_told_the_update);
    tcase_add_test(t, people_talk_and_service_messages_say_something);
    suite_add_tcase(s, t);
    return s;
}
