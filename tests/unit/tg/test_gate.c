/* What is to change something waits at its gate, and is certainly not sent before. */
#include "daemon/tg/account/gate.h"
#include "tests/unit/tg/bed_create.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct tg_gate gate;
static unsigned wanted_n;
static struct bed_made made;

static void on_wanted(struct tg_gate *g)
{
    ck_assert_ptr_eq(g, &gate);
    ck_assert_int_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 0);
    wanted_n++;
}

static void open_at_once(struct tg_gate *g)
{
    wanted_n++;
    tg_gate_open(g, b.a);
}

static void set_up(void)
{
    bed_init(&b, BED_READY);
    gate = (struct tg_gate){.wanted = on_wanted};
    made = (struct bed_made){.times = 0};
    wanted_n = 0;
}

static void tear_down(void)
{
    bed_fini(&b);
}

static void create(json_t *peer)
{
    bed_create(&b,
               &(struct tg_create_order){
                   .peer = peer, .terms = {.title = "Title", .title_len = 5}, .random_id = 7, .gate = &gate},
               &made);
}

START_TEST(a_create_goes_out_when_its_gate_opens)
{
    json_t *peer = json_string("@news");

    create(peer);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(wanted_n, 1);
    ck_assert_int_eq(gate.random_id, 7);
    ck_assert_int_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 0);
    ck_assert_uint_eq(made.times, 0);
    ck_assert(!gate.is_out);
    tg_gate_open(&gate, b.a);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(made.times, 1);
    ck_assert_int_eq(made.end, TG_CREATE_MADE);
    ck_assert(gate.is_out);
    ck_assert_uint_eq(wanted_n, 1);
    ck_assert(!tg_gate_shut(&gate, b.a));
    json_decref(peer);
}
END_TEST

START_TEST(a_gate_may_open_when_it_is_asked)
{
    json_t *peer = json_string("@news");

    gate.wanted = open_at_once;
    create(peer);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(wanted_n, 1);
    ck_assert_int_eq(made.end, TG_CREATE_MADE);
    json_decref(peer);
}
END_TEST

START_TEST(what_is_shut_out_was_not_sent)
{
    json_t *peer = json_string("@news");

    create(peer);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert(tg_gate_shut(&gate, b.a));
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(made.times, 1);
    ck_assert_int_eq(made.end, TG_CREATE_TROUBLE);
    ck_assert_int_eq(made.fate, TG_FATE_NOT_SENT);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_int_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 0);
    json_decref(peer);
}
END_TEST

START_TEST(a_gate_that_is_shut_before_lets_nothing_reach_it)
{
    json_t *peer = json_string("@news");

    ck_assert(tg_gate_shut(&gate, b.a));
    create(peer);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(wanted_n, 0);
    ck_assert_int_eq(made.fate, TG_FATE_NOT_SENT);
    ck_assert_int_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 0);
    json_decref(peer);
}
END_TEST

START_TEST(a_gate_that_never_opens_ends_at_the_deadline)
{
    json_t *peer = json_string("@news");

    create(peer);
    bed_pass(&b, (BED_CREATE_S + 1) * SECOND_US);
    ck_assert_uint_eq(made.times, 1);
    ck_assert_int_eq(made.fate, TG_FATE_NOT_SENT);
    ck_assert(!gate.is_out);
    json_decref(peer);
}
END_TEST

START_TEST(what_was_sent_cannot_be_shut_out)
{
    json_t *peer = json_string("@news");

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER, .times = FAKE_ALWAYS});
    gate.wanted = open_at_once;
    create(peer);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(made.times, 0);
    ck_assert(!tg_gate_shut(&gate, b.a));
    bed_pass(&b, BED_CREATE_S * SECOND_US);
    ck_assert_int_eq(made.fate, TG_FATE_SENT);
    ck_assert(gate.is_out);
    json_decref(peer);
}
END_TEST

START_TEST(another_random_id_waits_for_a_word_of_its_own)
{
    json_t *peer = json_string("@news");

    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 500, .text = "RANDOM_ID_DUPLICATE"});
    bed_create(&b, &(struct tg_create_order){.peer = peer, .terms = {.title = "Title", .title_len = 5}, .gate = &gate},
               &made);
    bed_pass(&b, 2 * SECOND_US);
    int32_t first = gate.random_id;
    tg_gate_open(&gate, b.a);
    bed_pass(&b, 2 * SECOND_US);
    ck_assert_uint_eq(wanted_n, 2);
    ck_assert_int_ne(gate.random_id, first);
    ck_assert_int_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 0);
    ck_assert_uint_eq(made.times, 0);
    tg_gate_open(&gate, b.a);
    bed_pass(&b, 2 * SECOND_US);
    ck_assert_uint_eq(wanted_n, 2);
    ck_assert_int_eq(made.end, TG_CREATE_MADE);
    json_decref(peer);
}
END_TEST

START_TEST(who_comes_while_there_is_no_link_is_let_out_by_the_next)
{
    json_t *peer = json_pack("{s:s, s:i, s:i}", "_", "inputPeerChannel", "channel_id", 6001, "access_hash", 42007);

    gate.wanted = open_at_once;
    fake_dc_drop_links(b.dc);
    bed_pass(&b, SECOND_US / 5);
    bed_create(&b,
               &(struct tg_create_order){.peer = peer,
                                         .terms = {.title = "Title", .title_len = 5},
                                         .if_exists = TG_IF_EXISTS_REPLACE,
                                         .gate = &gate},
               &made);
    ck_assert_uint_eq(wanted_n, 0);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(wanted_n, 1);
    ck_assert_int_eq(made.end, TG_CREATE_MADE);
    json_decref(peer);
}
END_TEST

static void on_read(void *ctx, const struct tg_answer *answer)
{
    ck_assert_int_eq(answer->outcome, TG_RESULT);
    ++*(unsigned *)ctx;
}

START_TEST(a_read_waits_for_no_gate)
{
    json_t *none = json_object();
    unsigned read_n = 0;
    struct tg_ask ask = {.method = tl_find_method(b.env.schema, "help.getNearestDc"),
                         .params = none,
                         .deadline_us = bed_in(&b, 30 * SECOND_US),
                         .gate = &gate,
                         .done = on_read,
                         .ctx = &read_n};

    ck_assert_int_eq(tg_invoke(b.a, &ask, NULL), 0);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(read_n, 1);
    ck_assert(wanted_n == 0 && !gate.is_out);
    json_decref(none);
}
END_TEST

Suite *suite_gate(void)
{
    Suite *s = suite_create("gate");
    TCase *t = tcase_create("gate");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_create_goes_out_when_its_gate_opens);
    tcase_add_test(t, a_gate_may_open_when_it_is_asked);
    tcase_add_test(t, what_is_shut_out_was_not_sent);
    tcase_add_test(t, a_gate_that_is_shut_before_lets_nothing_reach_it);
    tcase_add_test(t, a_gate_that_never_opens_ends_at_the_deadline);
    tcase_add_test(t, what_was_sent_cannot_be_shut_out);
    tcase_add_test(t, another_random_id_waits_for_a_word_of_its_own);
    tcase_add_test(t, who_comes_while_there_is_no_link_is_let_out_by_the_next);
    tcase_add_test(t, a_read_waits_for_no_gate);
    suite_add_tcase(s, t);
    return s;
}
