/* The process ends, whatever was under way, and the next one goes on: with what the keeper had. */
#include <string.h>

#include "daemon/tg/account/note.h"
#include "tests/unit/tg/saved_bed.h"
#include "tests/unit/tg/suites.h"

START_TEST(test_a_login_goes_on_by_its_key)
{
    saved_log_in();
    saved_restart(true);
    saved_expect_state("ready");
    bed_pass(&saved.bed, 5 * SECOND_US);
    saved_expect_goes_on();
    ck_assert_uint_eq(saved.kept.keys_made, 1);
    ck_assert_uint_eq(fake_dc_keys(saved.bed.dc), 1);
    ck_assert_uint_eq(fake_dc_executed(saved.bed.dc, "updates.getDifference"), 1);
    json_t *j = tg_account_json(saved.bed.a);
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(j, "user"), "id")), "1001");
    json_decref(j);
}
END_TEST

START_TEST(test_updates_are_wanted_again_however_long_the_outage)
{
    saved_log_in();
    fake_net_set_address(&saved.bed.net, "10.0.0.1", 443, FAKE_IS_SILENT);
    saved_restart(true);
    bed_pass(&saved.bed, 300 * SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(saved.bed.dc, "updates.getDifference"), 0);
    saved_expect_state("ready");
    fake_net_set_address(&saved.bed.net, "10.0.0.1", 443, FAKE_LISTENS);
    bed_pass(&saved.bed, 120 * SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(saved.bed.dc, "updates.getDifference"), 1);
    saved_expect_goes_on();
}
END_TEST

START_TEST(test_a_login_that_was_ended_meanwhile_is_told)
{
    saved_log_in();
    fake_dc_forget_keys(saved.bed.dc);
    saved_restart(true);
    bed_pass(&saved.bed, 120 * SECOND_US);
    saved_expect_state("revoked");
    saved_keep_all(saved.bed.a);
    ck_assert(!saved.kept.keys[1].is_there);
}
END_TEST

START_TEST(test_a_logout_leaves_no_key)
{
    struct bed_answer step;

    saved_log_in();
    ck_assert(saved.kept.keys[1].is_there);
    bed_logout(&saved.bed, &step);
    bed_expect_result(&step);
    ck_assert(!saved.kept.keys[1].is_there);
    saved_restart(true);
    bed_pass(&saved.bed, 60 * SECOND_US);
    saved_expect_state("logged_out");
    ck_assert_int_eq(tg_account_logout(saved.bed.a), TG_LOGOUT_CONFIRMED);
    ck_assert_uint_eq(fake_dc_links(saved.bed.dc), 0);
}
END_TEST

START_TEST(test_a_move_is_where_the_login_is)
{
    saved_log_in();
    saved.bed.world->users[0].home_dc = 2;
    saved_expect_goes_on();
    ck_assert(saved.kept.keys[2].is_there);
    ck_assert(!saved.kept.keys[1].is_there);
    ck_assert_int_eq(saved.kept.record.home_dc, 2);
    saved_restart(false); /* the key's drop brought the record */
    bed_pass(&saved.bed, 5 * SECOND_US);
    saved_expect_goes_on();
    ck_assert_uint_eq(saved.kept.keys_made, 2);
}
END_TEST

START_TEST(test_a_move_that_was_cut_short_is_begun_again_from_home)
{
    saved_log_in();
    saved.bed.world->users[0].home_dc = 2;
    fake_dc_rule(saved.bed.dc, "auth.importAuthorization", (struct fake_rule){.fate = FAKE_LOST});
    bed_ask(&saved.bed, "help.getNearestDc", "{}", 30 * SECOND_US, 0, &saved.answer);
    bed_pass(&saved.bed, 5 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(saved.bed.dc, "auth.importAuthorization"), 1);
    ck_assert(saved.kept.keys[2].is_there);
    saved_restart(true);
    ck_assert_int_eq(saved.kept.record.home_dc, 1);
    fake_dc_no_rules(saved.bed.dc);
    bed_pass(&saved.bed, 5 * SECOND_US);
    saved_expect_goes_on();
}
END_TEST

START_TEST(test_calls_and_chats_are_there_again)
{
    int64_t id;

    saved_log_in();
    bed_ask_now(&saved.bed, "contacts.resolveUsername", "{'username':'talk'}", 0, &saved.answer);
    bed_expect_result(&saved.answer);
    bed_answer_fini(&saved.answer);
    bed_ask_now(&saved.bed, "phone.createGroupCall",
                "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7,'title':'Town Hall'}", 0, &saved.answer);
    bed_expect_result(&saved.answer);
    id = saved.answer.call_id;
    saved_restart(true);
    struct tg_call *call = tg_calls_find(tg_account_calls(saved.bed.a), id);
    ck_assert_ptr_nonnull(call);
    ck_assert(call->stale); /* asked for before it is believed */
    ck_assert_uint_eq(call->title_len, 9);
    ck_assert_int_eq(memcmp(call->title, "Town Hall", 9), 0);
    ck_assert(call->has_peer && call->peer_kind == PEER_CHAT && call->peer_id == 501);
    const struct tg_peer *talk = tg_peers_find(tg_account_peers(saved.bed.a), PEER_CHANNEL, 6002);
    ck_assert_ptr_nonnull(talk);
    ck_assert(talk->has_hash);
    bed_pass(&saved.bed, 60 * SECOND_US);
    ck_assert(!tg_calls_find(tg_account_calls(saved.bed.a), id)->stale); /* and it was */
}
END_TEST

START_TEST(test_a_wait_is_waited_out_by_the_next_process)
{
    struct tg_saved_flood flood;

    saved_log_in();
    fake_dc_rule(saved.bed.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_500"});
    bed_ask_now(&saved.bed, "phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}", 0,
                &saved.answer);
    bed_expect_error(&saved.answer, 420, "FLOOD_WAIT_500");
    ck_assert(tg_account_saved_flood(saved.bed.a, 0, &flood));
    ck_assert(!tg_account_saved_flood(saved.bed.a, 1, &(struct tg_saved_flood){0}));
    saved_keep_all(saved.bed.a);
    saved.bed.env.keeper = NULL;
    char family[64], method[64];
    strcpy(family, flood.family);
    strcpy(method, flood.method);
    flood.family = family;
    flood.method = method;
    flood.phone = "";
    bed_pass(&saved.bed, 100 * SECOND_US);
    saved.bed.env.keeper = &saved_keeper;
    saved_restart(true);
    tg_account_restore_flood(saved.bed.a, &flood);
    bed_answer_fini(&saved.answer);
    fake_dc_forget_counts(saved.bed.dc);
    bed_ask_now(&saved.bed, "phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':8}", 0,
                &saved.answer);
    bed_expect_error(&saved.answer, 420, "FLOOD_WAIT_400");
    ck_assert_uint_eq(fake_dc_asked(saved.bed.dc, "phone.createGroupCall"), 0);
}
END_TEST

/* A machine without a clock of its own begins in 1970, and is set later: then a wait would have been told of for good.
 */
START_TEST(test_a_wait_of_years_is_a_clock_that_was_wrong)
{
    struct tg_saved_flood flood = {
        .method = "phone.createGroupCall", .phone = "", .family = "FLOOD_WAIT_X", .code = 420};

    saved_log_in();
    int64_t now_us = clock_wall_us(saved.bed.env.clock);
    flood.until_wall_us = now_us + 8 * 24 * 3600 * SECOND_US;
    tg_account_restore_flood(saved.bed.a, &flood);
    ck_assert(!tg_account_saved_flood(saved.bed.a, 0, &(struct tg_saved_flood){0}));
    flood.until_wall_us = INT64_MAX;
    tg_account_restore_flood(saved.bed.a, &flood);
    ck_assert(!tg_account_saved_flood(saved.bed.a, 0, &(struct tg_saved_flood){0}));
    flood.until_wall_us = INT64_MIN;
    tg_account_restore_flood(saved.bed.a, &flood);
    ck_assert(!tg_account_saved_flood(saved.bed.a, 0, &(struct tg_saved_flood){0}));
    flood.until_wall_us = now_us + 6 * 24 * 3600 * SECOND_US;
    tg_account_restore_flood(saved.bed.a, &flood);
    ck_assert(tg_account_saved_flood(saved.bed.a, 0, &(struct tg_saved_flood){0}));
}
END_TEST

START_TEST(test_only_what_changes_is_noted_and_once)
{
    saved_log_in();
    saved_keep_all(saved.bed.a);
    saved.kept.notes = 0;
    bed_ask_now(&saved.bed, "help.getNearestDc", "{}", 0, &saved.answer);
    ck_assert_uint_eq(saved.kept.notes, 0);
    for (int i = 0; i < 3; i++) {
        bed_answer_fini(&saved.answer);
        bed_ask_now(&saved.bed, "phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}",
                    0, &saved.answer);
    }
    ck_assert_uint_eq(saved.kept.notes, 1);
    struct tg_changes calls = tg_known_take_calls(tg_account_known(saved.bed.a));
    ck_assert(!calls.all);
    ck_assert_uint_ge(calls.n, 1);
    tg_changes_fini(&calls);
}
END_TEST

/* How many calls that were forgotten are to be taken from the records. */
static size_t count_gone(void)
{
    struct tg_changes calls = tg_known_take_calls(tg_account_known(saved.bed.a));
    size_t n = 0;

    ck_assert(!calls.all);
    for (size_t i = 0; i < calls.n; i++)
        n += calls.list[i].kind == TG_CALL_IS_GONE;
    tg_changes_fini(&calls);
    return n;
}

START_TEST(test_a_forgotten_call_is_gone_for_the_keeper_only_where_it_was_kept)
{
    saved_log_in();
    saved_keep_all(saved.bed.a);
    struct tg_calls *calls = tg_known_calls(tg_account_known(saved.bed.a));
    for (int kept = 0; kept < 2; kept++) {
        bed_answer_fini(&saved.answer);
        bed_ask_now(&saved.bed, "phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}",
                    0, &saved.answer);
        ck_assert_uint_eq(tg_calls_count(calls), 1);
        if (kept) {
            ck_assert_uint_eq(count_gone(), 0);
            tg_calls_next(calls, NULL)->is_saved = true;
        }
        tg_calls_clear(calls);
        ck_assert_uint_eq(count_gone(), (size_t)kept);
    }
}
END_TEST

Suite *suite_saved(void)
{
    Suite *s = suite_create("saved");
    TCase *t = tcase_create("saved");

    tcase_add_checked_fixture(t, saved_set_up, saved_tear_down);
    tcase_add_test(t, test_a_login_goes_on_by_its_key);
    tcase_add_test(t, test_updates_are_wanted_again_however_long_the_outage);
    tcase_add_test(t, test_a_login_that_was_ended_meanwhile_is_told);
    tcase_add_test(t, test_a_logout_leaves_no_key);
    tcase_add_test(t, test_a_move_is_where_the_login_is);
    tcase_add_test(t, test_a_move_that_was_cut_short_is_begun_again_from_home);
    tcase_add_test(t, test_calls_and_chats_are_there_again);
    tcase_add_test(t, test_a_wait_is_waited_out_by_the_next_process);
    tcase_add_test(t, test_a_wait_of_years_is_a_clock_that_was_wrong);
    tcase_add_test(t, test_only_what_changes_is_noted_and_once);
    tcase_add_test(t, test_a_forgotten_call_is_gone_for_the_keeper_only_where_it_was_kept);
    suite_add_tcase(s, t);
    return s;
}
