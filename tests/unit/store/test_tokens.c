/* Tokens on the disk: what their owner says of each, and when it was used. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/store/token_rows.h"
#include "tests/support/temp.h"
#include "tests/unit/store/rows_bed.h"
#include "tests/unit/store/suites.h"

static struct buf told;
static bool heard;

static struct store_token token(const char *name, const char *text, int64_t used_at)
{
    return (struct store_token){name, text, strlen(text), used_at};
}

static void put_token(const char *name, const char *text, int64_t used_at)
{
    struct store_token row = token(name, text, used_at);

    put_is(store_put_tokens(bed_desk, &row, 1, bed_done, &h));
}

static void use_token(const char *name, int64_t used_at)
{
    struct store_token row = {.name = name, .used_at = used_at};

    put_is(store_use_tokens(bed_desk, &row, 1, bed_done, &h));
}

static void tell_tokens(void *ctx, int err, const char *why, const struct store_token *list, size_t n)
{
    ck_assert_msg(err == 0, "%s", why);
    buf_reset(&told);
    for (size_t i = 0; i < n; i++) {
        ck_assert(!list[i].text || strlen(list[i].text) == list[i].text_len);
        buf_printf(&told, "%s%s=%s@%d", i ? " " : "", list[i].name, list[i].text ? list[i].text : "?",
                   (int)list[i].used_at);
    }
    heard = true;
}

static const char *all(void)
{
    ck_assert_int_eq(store_load_tokens(bed_desk, tell_tokens, NULL), 0);
    for (heard = false; !heard;)
        bed_turn();
    return buf_text(&told);
}

static void set_up(void)
{
    rows_set_up();
    buf_init(&told, 1 << 20);
}

static void tear_down(void)
{
    buf_fini(&told);
    bed_tear_down();
}

START_TEST(a_token_is_there_until_it_is_dropped)
{
    ck_assert_str_eq(all(), "");
    put_token("zoe", "one", 0);
    put_token("anton", "two", 5);
    put_token("mia", "three", 0);
    /* The oldest first, whatever its name; one of the same name takes its place. */
    put_token("anton", "four", 0);
    ck_assert_str_eq(all(), "zoe=one@0 anton=four@0 mia=three@0");
    put_is(store_drop_token(bed_desk, "zoe", bed_done, &h));
    put_is(store_drop_token(bed_desk, "nobody", bed_done, &h));
    reopen();
    ck_assert_str_eq(all(), "anton=four@0 mia=three@0");
    put_is(store_drop_token(bed_desk, "mia", bed_done, &h));
    put_is(store_drop_token(bed_desk, "anton", bed_done, &h));
    ck_assert_str_eq(all(), "");
    put_token("zoe", "again", 0);
    ck_assert_str_eq(all(), "zoe=again@0");
}
END_TEST

START_TEST(a_use_is_never_put_back)
{
    put_token("a", "one", 0);
    put_token("b", "two", 7);
    use_token("a", 5);
    use_token("b", 6);
    use_token("nobody", 9);
    ck_assert_str_eq(all(), "a=one@5 b=two@7");
    reopen();
    ck_assert_str_eq(all(), "a=one@5 b=two@7");
}
END_TEST

START_TEST(ten_thousand_stand_or_fall_together)
{
    enum { N = 10000 };
    struct store_token *rows = calloc(N, sizeof(*rows));
    char(*names)[16] = calloc(N, sizeof(*names));

    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof(names[i]), "t%d", i);
        rows[i] = token(names[i], "{}", i);
    }
    put_is(store_put_tokens(bed_desk, rows, N, bed_done, &h));
    for (int i = 0; i < N; i++)
        rows[i].used_at = 20000 + i;
    put_is(store_use_tokens(bed_desk, rows, N, bed_done, &h));
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM tokens"), N);
    ck_assert_int_eq(bed_number("SELECT count(*) FROM tokens WHERE used_at >= 20000"), N);
    bed_sql("DELETE FROM tokens");
    /* One that has no place. */
    bed_sql("CREATE UNIQUE INDEX tokens_once ON tokens (used_at)");
    bed_open();
    rows[N - 1].used_at = rows[0].used_at;
    ck_assert_int_eq(store_put_tokens(bed_desk, rows, N, bed_done, &h), 0);
    bed_await(&h, h.n + 1);
    ck_assert_int_eq(h.err, TGC_EEXIST);
    ck_assert_str_eq(all(), "");
    free(names);
    free(rows);
}
END_TEST

START_TEST(what_somebody_else_wrote_is_no_token)
{
    put_token("a", "one", 0);
    put_token("b", "two", 0);
    bed_close();
    /* The one in the other's place, and what is not sealed. */
    bed_sql("UPDATE tokens SET token_sealed = (SELECT token_sealed FROM tokens WHERE name = 'b') WHERE name = 'a'");
    bed_sql("INSERT INTO tokens (id, name, token_sealed, used_at) SELECT 3, 'c', meta.value, 0 FROM meta"
            " WHERE name = 'environment'");
    bed_open();
    ck_assert_str_eq(all(), "a=?@0 b=two@0 c=?@0");
    put_token("a", "mended", 0);
    ck_assert_str_eq(all(), "a=mended@0 b=two@0 c=?@0");
}
END_TEST

START_TEST(another_seal_key_changes_none)
{
    put_token("a", "one", 3);
    put_is(store_rotate(bed_desk, bed_done, &h));
    ck_assert_str_eq(all(), "a=one@3");
    reopen();
    ck_assert_str_eq(all(), "a=one@3");
}
END_TEST

START_TEST(what_is_too_much_is_not_taken)
{
    char *text = calloc(1, (1 << 20) + 2);
    struct store_token row = {"a", text, (1 << 20) + 1, 0};

    ck_assert_int_eq(store_put_tokens(bed_desk, &row, 1, bed_done, &h), TGC_ELIMIT);
    ck_assert_uint_eq(h.n, 0);
    ck_assert_str_eq(all(), "");
    free(text);
}
END_TEST

Suite *suite_token_rows(void)
{
    Suite *s = suite_create("token_rows");
    TCase *t = tcase_create("token_rows");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_token_is_there_until_it_is_dropped);
    tcase_add_test(t, a_use_is_never_put_back);
    tcase_add_test(t, ten_thousand_stand_or_fall_together);
    tcase_add_test(t, what_somebody_else_wrote_is_no_token);
    tcase_add_test(t, another_seal_key_changes_none);
    tcase_add_test(t, what_is_too_much_is_not_taken);
    suite_add_tcase(s, t);
    return s;
}
