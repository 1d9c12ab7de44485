/* Events go to receivers on sockets: in order, each until it was taken, and from where it was after a restart. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/temp.h"
#include "tests/unit/hook/deliver_bed.h"
#include "tests/unit/hook/suites.h"

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

START_TEST(events_come_signed_in_their_order_over_one_connection_from_now_on)
{
    char signature[HOOK_SIGNATURE_TEXT];
    struct hook_secrets s = {.now = ""};

    bed_happen("anna", "call");
    create("a", r);
    memcpy(s.now, secret, sizeof(s.now));
    for (int i = 0; i < 50; i++)
        bed_happen("anna", i % 2 ? "call" : "updateNewMessage");
    for (int i = 0; i < 50; i++) {
        const struct received *q = receiver_await(r, (size_t)i);
        ck_assert_int_eq(atoi(q->id), i + 2);
        ck_assert_uint_eq(q->connection, 1);
        ck_assert_int_eq(hook_sign(&s, q->id, atoll(q->timestamp), q->body, strlen(q->body), signature), 0);
        ck_assert_str_eq(q->signature, signature);
    }
    ck_assert_str_eq(receiver_await(r, 0)->path, "/a");
    ck_assert_str_eq(receiver_await(r, 1)->body,
                     "{\"type\":\"call\",\"timestamp\":\"2026-09-21T14:13:20Z\",\"data\":{\"n\":3}}");
}
END_TEST

START_TEST(the_next_process_goes_on_where_this_one_was)
{
    create("a", r);
    bed_happen("anna", "call");
    bed_happen("anna", "call");
    ck_assert_str_eq(ids(r, 2), "1 2");
    ck_assert_str_eq(deliveries("a", 2), "#2 2.1=204 delivered | #1 1.1=204 delivered");
    bed_close();
    bed_happen("anna", "call");
    bed_open();
    start();
    ck_assert_str_eq(ids(r, 3), "1 2 3");
}
END_TEST

START_TEST(what_was_not_asked_for_passes)
{
    create_at("a", receiver_url(r, "a"), "call", "anna");
    bed_happen("anna", "job");
    bed_happen("berta", "call");
    bed_happen("anna", "call");
    bed_happen("", "call");
    bed_happen("", "gap");
    bed_happen("berta", "gap");
    bed_happen("anna", "call");
    ck_assert_str_eq(ids(r, 3), "3 5 7");
}
END_TEST

START_TEST(an_event_that_is_not_taken_is_sent_again_and_those_behind_it_wait)
{
    receiver_answer_next(r, 2, answer_broken);
    create("a", r);
    bed_happen("anna", "call");
    bed_happen("anna", "call");
    ck_assert_str_eq(deliveries("a", 1), "#1 1.1=500 retried: HTTP 500");
    edit("a", (struct hook_edit){.has_paused = false});
    deliveries("a", 2);
    restart();
    edit("a", (struct hook_edit){.has_paused = false});
    ck_assert_str_eq(deliveries("a", 4), "#4 2.1=204 delivered | #3 1.1=204 delivered | #2 1.1=500 retried: HTTP 500 | "
                                         "#1 1.1=500 retried: HTTP 500");
    ck_assert_str_eq(ids(r, 4), "1 1 1 2");
}
END_TEST

START_TEST(one_that_is_gone_is_disabled_until_somebody_enables_it)
{
    receiver_answer_next(r, 1, answer_gone);
    create("a", r);
    bed_happen("anna", "call");
    deliveries("a", 1);
    restart();
    char *list = bed_list();
    ck_assert_ptr_nonnull(strstr(list, "disabled its receiver answered 410 Gone pending 1"));
    free(list);
    edit("a", (struct hook_edit){.has_paused = true});
    ck_assert_str_eq(ids(r, 2), "1 1");
}
END_TEST

START_TEST(a_paused_one_gets_all_when_it_goes_on)
{
    create("a", r);
    create("b", other);
    edit("a", (struct hook_edit){.has_paused = true, .paused = true});
    bed_happen("anna", "call");
    bed_happen("anna", "call");
    ck_assert_str_eq(ids(other, 2), "1 2");
    ck_assert_uint_eq(receiver_count(r), 0);
    edit("a", (struct hook_edit){.has_paused = true});
    ck_assert_str_eq(ids(r, 2), "1 2");
}
END_TEST

/* The first to fail have half of the two places. */
START_TEST(who_does_not_answer_delays_nobody)
{
    bed_close();
    bed_config.parallel = 2;
    bed_config.try_ms = 600 * 1000;
    bed_open();
    start();
    receiver_answer_next(r, 3, answer_broken);
    create("a", r);
    create("b", r);
    create("c", r);
    create("d", other);
    bed_happen("anna", "call");
    ck_assert_str_eq(ids(other, 1), "1");
    receiver_await(r, 2);
    deliveries("a", 1);
    deliveries("b", 1);
    deliveries("c", 1);
    receiver_answer(r, NULL, false);
    edit("a", (struct hook_edit){.has_paused = false});
    edit("b", (struct hook_edit){.has_paused = false});
    edit("c", (struct hook_edit){.has_paused = false});
    receiver_await(r, 3);
    for (int i = 0; i < 20; i++)
        bed_happen("anna", "call");
    receiver_await(other, 20);
    ck_assert_uint_eq(receiver_count(r), 4);
}
END_TEST

START_TEST(a_test_goes_to_one_alone_in_whatever_state_and_once)
{
    char id[HOOK_ID_TEXT], second[HOOK_ID_TEXT];

    create("a", r);
    create("b", other);
    edit("a", (struct hook_edit){.has_paused = true, .paused = true});
    receiver_answer_next(r, 1, answer_broken);
    ck_assert_int_eq(hooks_test(bed_hooks, "a", id, &fault), 0);
    ck_assert_int_eq(hooks_test(bed_hooks, "a", second, &fault), 0);
    ck_assert_str_ne(id, second);
    const struct received *q = receiver_await(r, 0);
    ck_assert_str_eq(q->id, id);
    ck_assert_ptr_nonnull(strstr(q->body, "{\"type\":\"webhook.test\",\"timestamp\":\""));
    ck_assert_ptr_nonnull(strstr(q->body, ",\"webhook\":\"a\"}}"));
    ck_assert_str_eq(receiver_await(r, 1)->id, second);
    const char *list = deliveries("a", 2);
    ck_assert_ptr_nonnull(strstr(list, "=204 delivered"));
    ck_assert_ptr_nonnull(strstr(list, "=500 failed: HTTP 500"));
    ck_assert_ptr_nonnull(strstr(list, id));
    bed_happen("anna", "call");
    ck_assert_str_eq(ids(other, 1), "1");
    ck_assert_int_eq(hooks_test(bed_hooks, "c", id, &fault), TGC_EUNKNOWN);
}
END_TEST

START_TEST(what_was_sent_is_sent_again_by_the_same_ids)
{
    size_t n;

    create("a", r);
    for (int i = 0; i < 100; i++)
        bed_happen("anna", "call");
    deliveries("a", 100);
    bed_push_out(100);
    ck_assert_int_eq(hooks_replay(bed_hooks, "a", &(struct hook_replay){.after = 10, .until = 90}, &n, &fault), 0);
    ck_assert_uint_eq(n, 80);
    receiver_await(r, 179);
    for (int i = 0; i < 80; i++)
        ck_assert_int_eq(atoi(receiver_await(r, 100 + (size_t)i)->id), 11 + i);
    bed_happen("anna", "call");
    ck_assert_str_eq(receiver_await(r, 180)->id, "101");
    ck_assert_int_eq(hooks_replay(bed_hooks, "a", &(struct hook_replay){.failed = true}, &n, &fault), 0);
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(what_memory_has_no_more_comes_from_the_disk)
{
    create("a", r);
    edit("a", (struct hook_edit){.has_paused = true, .paused = true});
    for (int i = 0; i < 200; i++)
        bed_happen(i % 3 ? "anna" : "berta", "call");
    bed_push_out(190);
    edit("a", (struct hook_edit){.has_paused = true});
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(atoi(receiver_await(r, (size_t)i)->id), i + 1);
}
END_TEST

START_TEST(what_the_disk_dropped_is_a_gap)
{
    bed_close();
    bed_close_store();
    bed_keep = 5;
    bed_open_store();
    bed_open();
    start();
    create("a", r);
    edit("a", (struct hook_edit){.has_paused = true, .paused = true});
    for (int i = 0; i < 20; i++)
        bed_happen("anna", "call");
    bed_push_out(20);
    edit("a", (struct hook_edit){.has_paused = true});
    ck_assert_str_eq(ids(r, 6), "15 16 17 18 19 20");
    const struct received *q = receiver_await(r, 0);
    ck_assert_ptr_nonnull(strstr(q->body, "{\"type\":\"gap\","));
    ck_assert_ptr_nonnull(strstr(q->body, "\"data\":{\"after\":0,\"resumes_after\":15}}"));
}
END_TEST

START_TEST(nothing_of_an_account_that_goes_is_sent_on)
{
    receiver_answer_next(r, 1, answer_broken);
    create("a", r);
    bed_happen("berta", "call");
    deliveries("a", 1);
    bed_happen("berta", "call");
    bed_happen("anna", "call");
    hooks_forget(bed_hooks, "berta", 3);
    bed_happen("berta", "call");
    ck_assert_str_eq(ids(r, 3), "1 3 4");
    /* Also what is under way. */
    receiver_answer_next(r, 1, NULL);
    bed_happen("berta", "call");
    receiver_await(r, 3);
    bed_happen("anna", "call");
    hooks_forget(bed_hooks, "berta", 5);
    ck_assert_str_eq(ids(r, 5), "1 3 4 5 6");
}
END_TEST

START_TEST(who_hangs_keeps_nobody_from_stopping)
{
    bed_close();
    bed_config.try_ms = 600 * 1000;
    bed_open();
    start();
    receiver_answer_next(r, 1, NULL);
    create("a", r);
    bed_happen("anna", "call");
    receiver_await(r, 0);
    restart();
    ck_assert_str_eq(ids(r, 2), "1 1");
    ck_assert_str_eq(deliveries("a", 1), "#1 1.1=204 delivered");
}
END_TEST

START_TEST(a_hook_may_go_while_it_delivers)
{
    receiver_answer_next(r, 1, NULL);
    create("a", r);
    bed_happen("anna", "call");
    receiver_await(r, 0);
    ck_assert_int_eq(hooks_delete(bed_hooks, "a", &fault), 0);
    create("a", other);
    bed_happen("anna", "call");
    ck_assert_str_eq(ids(other, 1), "2");
    ck_assert_str_eq(deliveries("a", 1), "#1 2.1=204 delivered");
}
END_TEST

/* --- receivers that are none --- */

static const char *outcome_of(const char *answer, bool closes)
{
    receiver_answer(r, answer, closes);
    create("a", r);
    bed_happen("anna", "call");
    return deliveries("a", 1);
}

START_TEST(odd_answers_are_what_their_head_says)
{
    static char body[200 << 10], head[200 << 10];
    static const struct {
        const char *answer, *says;
    } rows[] = {
        {ok, "=200 delivered"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "=200 delivered"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nlonger", "=200 delivered"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08", "=200 delivered"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "=204 delivered"},
        {body, "=200 delivered"},
        {head, "=0 retried: the answer's head is longer than 64 KiB"},
        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
         "=302 retried: HTTP 302: redirects are not followed"},
        {"HTTP/1.1 200 OK\r\nContent-Le", "=0 retried: "},
        {"nonsense\r\n\r\n", "=0 retried: "},
        {"", "=0 retried: "},
    };

    memset(body, 'x', sizeof(body) - 1);
    memcpy(body, "HTTP/1.1 200 OK\r\n\r\n", 19);
    size_t n = (size_t)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n");
    while (n < sizeof(head) - 200)
        n += (size_t)snprintf(head + n, sizeof(head) - n, "X-Filler: %0100d\r\n", 0);
    const char *got = outcome_of(rows[_i].answer, true);
    ck_assert_msg(strstr(got, rows[_i].says), "%s", got);
}
END_TEST

START_TEST(no_answer_in_time_is_none)
{
    bed_close();
    bed_config.try_ms = 50;
    bed_open();
    start();
    const char *got = outcome_of("HTTP/1.1 200 OK\r\nContent-", false);
    ck_assert_msg(strstr(got, "#1 1.1=0 retried: no answer within 0.05 s"), "%s", got);
}
END_TEST

/* What was judged when it was made known stands for another address when it is connected to. */
START_TEST(an_address_is_judged_when_it_is_connected_to)
{
    static const char *const addresses[] = {
        "10.0.0.1",  "169.254.169.254",           "0.0.0.0",         "[::ffff:10.0.0.1]",
        "[fe80::1]", "[64:ff9b::a9fe:a9fe]",      "[2002:a00:1::1]", "[::10.0.0.1]",
        "[fd00::1]", "[2001:0:1:2:3:4:f5ff:fffe]"};
    char resolve[80];

    snprintf(resolve, sizeof(resolve), "hooks.example:80:%s", addresses[_i]);
    bed_close();
    bed_config.resolve = resolve;
    bed_open();
    start();
    create_at("a", "http://hooks.example/", NULL, NULL);
    bed_happen("anna", "call");
    const char *got = deliveries("a", 1);
    ck_assert_msg(strstr(got, "may not be sent to: the setting [webhooks] allow does not have it"), "%s: %s",
                  addresses[_i], got);
    bed_close();
}
END_TEST

START_TEST(of_a_name_with_two_addresses_the_allowed_one_is_taken)
{
    char resolve[80], url[80];

    snprintf(resolve, sizeof(resolve), "hooks.example:%u:10.0.0.1,127.0.0.1", receiver_port(r));
    snprintf(url, sizeof(url), "http://hooks.example:%u/", receiver_port(r));
    bed_close();
    bed_config.resolve = resolve;
    bed_open();
    start();
    create_at("a", url, NULL, NULL);
    bed_happen("anna", "call");
    ck_assert_str_eq(ids(r, 1), "1");
    bed_close();
}
END_TEST

Suite *suite_deliver(void)
{
    Suite *s = suite_create("deliver");
    TCase *t = tcase_create("deliver");

    tcase_set_timeout(t, 30);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, deliver_set_up, deliver_tear_down);
    tcase_add_test(t, events_come_signed_in_their_order_over_one_connection_from_now_on);
    tcase_add_test(t, the_next_process_goes_on_where_this_one_was);
    tcase_add_test(t, what_was_not_asked_for_passes);
    tcase_add_test(t, an_event_that_is_not_taken_is_sent_again_and_those_behind_it_wait);
    tcase_add_test(t, one_that_is_gone_is_disabled_until_somebody_enables_it);
    tcase_add_test(t, a_paused_one_gets_all_when_it_goes_on);
    tcase_add_test(t, who_does_not_answer_delays_nobody);
    tcase_add_test(t, a_test_goes_to_one_alone_in_whatever_state_and_once);
    tcase_add_test(t, what_was_sent_is_sent_again_by_the_same_ids);
    tcase_add_test(t, what_memory_has_no_more_comes_from_the_disk);
    tcase_add_test(t, what_the_disk_dropped_is_a_gap);
    tcase_add_test(t, nothing_of_an_account_that_goes_is_sent_on);
    tcase_add_test(t, who_hangs_keeps_nobody_from_stopping);
    tcase_add_test(t, a_hook_may_go_while_it_delivers);
    tcase_add_loop_test(t, odd_answers_are_what_their_head_says, 0, 11);
    tcase_add_test(t, no_answer_in_time_is_none);
    tcase_add_loop_test(t, an_address_is_judged_when_it_is_connected_to, 0, 10);
    tcase_add_test(t, of_a_name_with_two_addresses_the_allowed_one_is_taken);
    suite_add_tcase(s, t);
    return s;
}
