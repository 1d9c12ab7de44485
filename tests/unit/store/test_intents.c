/* Intents come back as they were put, for as long as they are kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/buf.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

static struct bed_heard h;
static const uint8_t key[STORE_INTENT_KEY] = "0123456789abcdefghijklmnopqrstu";

static void set_up(void)
{
    bed_set_up();
    bed_open();
    bed_put_account("anna");
    bed_put_account("berta");
    memset(&h, 0, sizeof(h));
}

static void put_is(int accepted)
{
    ck_assert_int_eq(accepted, 0);
    bed_await(&h, h.n + 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
}

static struct store_intent intent(int64_t id, const char *account)
{
    return (struct store_intent){.id = id, .account = account, .created_us = id * 1000, .order = "{}", .order_len = 2};
}

static void put(const struct store_intent *i)
{
    put_is(store_put_intent(bed_desk, i, bed_done, &h));
}

/* What was loaded last, as "ID KEY? STATE SENT SHOWN CREATED UNTIL ORDER | …". */
static char loaded[1024];
static bool is_heard;

static void hear(void *ctx, int err, const char *why, const struct store_intent *list, size_t n)
{
    struct buf b;
    size_t len;

    ck_assert_int_eq(err, 0);
    buf_init(&b, sizeof(loaded) - 1);
    for (size_t i = 0; i < n; i++) {
        ck_assert(!list[i].answer);
        ck_assert(!list[i].key || memcmp(list[i].key, key, sizeof(key)) == 0);
        buf_printf(&b, "%s%lld%s %d %d %d %lld %lld %.*s", i ? " | " : "", (long long)list[i].id,
                   list[i].key ? " key" : "", list[i].state, list[i].sent, list[i].shown, (long long)list[i].created_us,
                   (long long)list[i].until_us, list[i].order ? (int)list[i].order_len : 10,
                   list[i].order ? list[i].order : "unreadable");
    }
    buf_put_byte(&b, '\0');
    char *text = (char *)buf_take(&b, &len);
    memcpy(loaded, text, len);
    free(text);
    is_heard = true;
}

static void intents_are(const char *account, const char *expected)
{
    is_heard = false;
    ck_assert_int_eq(store_load_intents(bed_desk, account, hear, NULL), 0);
    while (!is_heard)
        bed_turn();
    ck_assert_str_eq(loaded, expected);
}

static void hear_answer(void *ctx, int err, const char *why, const char *answer, size_t len)
{
    ck_assert_int_eq(err, 0);
    snprintf(loaded, sizeof(loaded), "%.*s", answer ? (int)len : 4, answer ? answer : "none");
    is_heard = true;
}

static void answer_is(int64_t id, const char *expected)
{
    is_heard = false;
    ck_assert_int_eq(store_load_intent_answer(bed_desk, id, hear_answer, NULL), 0);
    while (!is_heard)
        bed_turn();
    ck_assert_str_eq(loaded, expected);
}

START_TEST(every_member_of_an_intent_comes_back)
{
    struct store_intent i = {.id = INT64_MAX,
                             .account = "anna",
                             .key = key,
                             .state = 3,
                             .sent = true,
                             .shown = true,
                             .created_us = 1790000000000001,
                             .until_us = 1790000000000002,
                             .order = "{\"a\":\"\xc3\xbc\"}",
                             .order_len = 10,
                             .answer = "[1]",
                             .answer_len = 3};

    put(&i);
    bed_close();
    bed_open();
    intents_are("anna", "9223372036854775807 key 3 1 1 1790000000000001 1790000000000002 {\"a\":\"\xc3\xbc\"}");
    intents_are("berta", "");
    intents_are("", "");
    answer_is(INT64_MAX, "[1]");
    answer_is(1, "none");
}
END_TEST

START_TEST(an_intent_that_is_put_again_is_changed)
{
    struct store_intent i = intent(5, "anna");

    put(&i);
    i.state = 1;
    i.sent = true;
    i.until_us = 7;
    put(&i);
    intents_are("anna", "5 1 1 0 5000 7 {}");
    answer_is(5, "none");
    i.answer = "";
    put(&i);
    answer_is(5, "");
    put_is(store_drop_intent(bed_desk, 5, bed_done, &h));
    put_is(store_drop_intent(bed_desk, 5, bed_done, &h));
    intents_are("anna", "");
}
END_TEST

START_TEST(intents_come_in_the_order_of_their_making_and_the_old_ones_go)
{
    for (int64_t id = 4; id >= 1; id--) {
        struct store_intent i = intent(id, id == 2 ? NULL : "anna");
        put(&i);
    }
    intents_are("anna", "1 0 0 0 1000 0 {} | 3 0 0 0 3000 0 {} | 4 0 0 0 4000 0 {}");
    intents_are("", "2 0 0 0 2000 0 {}");
    put_is(store_drop_old_intents(bed_desk, 3000, bed_done, &h));
    intents_are("anna", "3 0 0 0 3000 0 {} | 4 0 0 0 4000 0 {}");
    intents_are("", "");
}
END_TEST

START_TEST(an_intent_goes_with_its_account)
{
    struct store_intent of_anna = intent(1, "anna"), of_berta = intent(2, "berta"), of_nobody = intent(3, "nobody");

    put(&of_anna);
    put(&of_berta);
    put(&of_nobody);
    put_is(store_drop_account(bed_desk, "anna", bed_done, &h));
    intents_are("berta", "2 0 0 0 2000 0 {}");
    intents_are("", "3 0 0 0 3000 0 {}");
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM intents"), 2);
    bed_open();
}
END_TEST

START_TEST(what_was_asked_for_and_answered_is_sealed_under_each_key)
{
    struct store_intent i = intent(1, "anna");

    i.order = "{\"body\":\"Anna Karenina\"}";
    i.order_len = strlen(i.order);
    i.answer = "{\"text\":\"Anna Karenina\"}";
    i.answer_len = strlen(i.answer);
    put(&i);
    put_is(store_rotate(bed_desk, bed_done, &h));
    intents_are("anna", "1 0 0 0 1000 0 {\"body\":\"Anna Karenina\"}");
    answer_is(1, "{\"text\":\"Anna Karenina\"}");
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM intents WHERE instr(order_sealed, 'Karenina') > 0"
                                " OR instr(answer_sealed, 'Karenina') > 0"),
                     0);
    for (int n = 0; n < 2 && !bed_has_server(); n++) {
        size_t len;
        const char *name = n ? "store.db-wal" : "store.db";
        if (n && access(bed_path(name), F_OK) != 0)
            continue;
        char *data = unit_read_file(bed_path(name), &len);
        ck_assert_ptr_null(memmem(data, len, "Karenina", 8));
        free(data);
    }
    bed_sql("UPDATE intents SET order_sealed = X'00', answer_sealed = X'00'");
    bed_open();
    intents_are("anna", "1 0 0 0 1000 0 unreadable");
    answer_is(1, "none");
}
END_TEST

Suite *suite_intents(void)
{
    Suite *s = suite_create("intents");
    TCase *t = tcase_create("intents");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, bed_tear_down);
    tcase_add_test(t, every_member_of_an_intent_comes_back);
    tcase_add_test(t, an_intent_that_is_put_again_is_changed);
    tcase_add_test(t, intents_come_in_the_order_of_their_making_and_the_old_ones_go);
    tcase_add_test(t, an_intent_goes_with_its_account);
    tcase_add_test(t, what_was_asked_for_and_answered_is_sealed_under_each_key);
    suite_add_tcase(s, t);
    return s;
}
