/* A create that is to end what runs ends it in the chat whose name was given, and a name may have gone to another since
 * it was last seen. */
#include <string.h>

#include "tests/unit/tg/bed_create.h"
#include "tests/unit/tg/suites.h"

enum { KEEP = TG_IF_EXISTS_KEEP, REPLACE = TG_IF_EXISTS_REPLACE };

static struct bed b;
static struct fake_chat *news;

static void set_up(void)
{
    bed_init(&b, BED_READY);
    news = fake_world_named(b.world, "news");
}

static void tear_down(void)
{
    bed_fini(&b);
}

static void create(const json_t *peer, int if_exists, struct bed_made *m)
{
    bed_create(&b, &(struct tg_create_order){.peer = peer, .if_exists = (enum tg_if_exists)if_exists}, m);
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_uint_eq(m->times, 1);
}

START_TEST(test_a_replace_by_a_remembered_name_asks_whose_it_is_now)
{
    static const int64_t ages_us[] = {61 * SECOND_US, 90 * 60 * SECOND_US};
    struct fake_chat *now = fake_world_chat(b.world, PEER_CHANNEL, 6003);
    json_t *peer = json_string("@news");
    struct bed_made m;

    create(peer, KEEP, &m);
    strcpy(now->username, "news");
    news->username[0] = '\0';
    bed_pass(&b, ages_us[_i]);
    const struct fake_call *theirs = fake_world_start(b.world, news);
    fake_dc_forget_counts(b.dc);
    create(peer, REPLACE, &m);
    ck_assert_int_eq(theirs->state, FAKE_CALL_ACTIVE);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_ptr_eq(fake_world_call(b.world, m.id)->chat, now);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "contacts.resolveUsername"), 1);
    json_decref(peer);
}
END_TEST

START_TEST(test_a_replace_by_a_name_that_is_nobodys_any_more_ends_nothing)
{
    json_t *peer = json_string("@news");
    struct bed_made m;

    create(peer, KEEP, &m);
    news->username[0] = '\0';
    bed_pass(&b, 61 * SECOND_US);
    create(peer, REPLACE, &m);
    ck_assert_int_eq(m.end, TG_CREATE_NO_PEER);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    json_decref(peer);
}
END_TEST

/* Telegram bears few such questions: it says that there were too many, and the name is remembered all the same. */
START_TEST(test_a_replace_whose_name_cannot_be_asked_for_ends_nothing)
{
    json_t *peer = json_string("@news");
    struct bed_made m;

    create(peer, KEEP, &m);
    const struct fake_call *running = news->call;
    bed_pass(&b, 61 * SECOND_US);
    fake_dc_rule(b.dc, "contacts.resolveUsername",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_900"});
    create(peer, REPLACE, &m);
    ck_assert_int_eq(m.end, TG_CREATE_TROUBLE);
    ck_assert_int_eq(running->state, FAKE_CALL_ACTIVE);
    create(peer, KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_EXISTS);
    ck_assert_int_eq(m.id, running->id);
    json_decref(peer);
}
END_TEST

/* Within a minute nobody is asked, nor where no name was given. */
START_TEST(test_a_replace_that_needs_no_look_up_is_one_request)
{
    json_t *peer = _i ? json_integer(-1000000006001) : json_string("@news");
    json_t *name = json_string("@news");
    struct bed_made m;

    create(name, KEEP, &m);
    bed_pass(&b, (_i ? 3600 : 40) * SECOND_US);
    fake_dc_forget_counts(b.dc);
    create(peer, REPLACE, &m);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 1);
    json_decref(name);
    json_decref(peer);
}
END_TEST

Suite *suite_replace(void)
{
    Suite *s = suite_create("replace");
    TCase *t = tcase_create("replace");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, test_a_replace_by_a_remembered_name_asks_whose_it_is_now, 0, 2);
    tcase_add_test(t, test_a_replace_by_a_name_that_is_nobodys_any_more_ends_nothing);
    tcase_add_test(t, test_a_replace_whose_name_cannot_be_asked_for_ends_nothing);
    tcase_add_loop_test(t, test_a_replace_that_needs_no_look_up_is_one_request, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
