/* What a connection remembers of a token, when it was used last, and how often it may ask. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"
#include "tests/unit/bridge/tokens_bed.h"

/* Whether T knows TOKEN now, by what M remembers or not. */
static bool knows(struct tokens *t, struct token_memo *m, const char *token, size_t len)
{
    struct token_grant grant = {0};
    bool known = tokens_check_again(t, m, token, len, &grant);

    if (known)
        ck_assert_str_eq(grant.name, "a");
    json_decref(grant.accounts);
    return known;
}

START_TEST(what_is_remembered_of_a_token_is_true_as_long_as_the_tokens_are_the_same)
{
    struct tokens *t = new_tokens();
    json_t *accounts = json_pack("[s]", "alice");
    char token[TOKEN_TEXT_SIZE], other[TOKEN_TEXT_SIZE];
    struct token_memo m = {0};

    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ, _i ? accounts : NULL, 0, token, NULL), 0);
    ck_assert(!knows(t, &m, "", 0));
    for (int i = 0; i < 3; i++)
        ck_assert(knows(t, &m, token, 47));
    ck_assert(!knows(t, &m, token, 46));
    ck_assert(knows(t, &m, token, 47));
    ck_assert(!knows(t, &m, "", 0));
    ck_assert(knows(t, &m, token, 47));
    /* One more: known still. */
    ck_assert_int_eq(tokens_create(t, "b", SCOPE_READ, NULL, 0, other, NULL), 0);
    ck_assert(knows(t, &m, token, 47));
    token[46] = token[46] == 'x' ? 'y' : 'x';
    ck_assert(!knows(t, &m, token, 47));
    token_memo_fini(&m);
    json_decref(accounts);
    tokens_free(t);
}
END_TEST

START_TEST(what_is_remembered_is_what_counts)
{
    struct tokens *t = new_tokens();
    char token[TOKEN_TEXT_SIZE];
    struct token_memo m = {0};
    struct token_grant grant;

    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ, NULL, 0, token, NULL), 0);
    ck_assert(knows(t, &m, token, 47));
    m.grant.scopes = SCOPE_CALLS; /* nobody else could say so */
    ck_assert(tokens_check_again(t, &m, token, 47, &grant));
    ck_assert_uint_eq(grant.scopes, SCOPE_CALLS);
    token_memo_fini(&m);
    tokens_free(t);
}
END_TEST

/* It is looked for each time, and nothing stays behind of it. */
START_TEST(a_token_that_is_too_long_to_be_remembered_is_known)
{
    struct tokens *t = new_tokens();
    char token[] = "a token that somebody wrote by hand and that is longer than ours", text[400], hex[65];
    uint8_t hash[DIGEST_SIZE];
    struct token_memo m = {0};

    digest_sha256(token, strlen(token), hash);
    hex_encode(hash, sizeof(hash), hex);
    snprintf(text, sizeof(text),
             "{\"tokens\":[{\"name\":\"a\",\"hash\":\"%s\",\"scopes\":[\"read\"],\"accounts\":[\"alice\"],"
             "\"created_at\":1}]}",
             hex);
    ck_assert_int_eq(load_text(t, text, NULL), 0);
    for (int i = 0; i < 2; i++)
        ck_assert(knows(t, &m, token, strlen(token)));
    ck_assert_uint_eq(m.generation, 0);
    ck_assert_ptr_null(m.grant.accounts);
    tokens_free(t);
}
END_TEST

START_TEST(a_token_that_was_taken_away_is_not_remembered)
{
    struct tokens *t = new_tokens();
    char token[TOKEN_TEXT_SIZE];
    struct token_memo m = {0};

    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ, NULL, 0, token, NULL), 0);
    ck_assert(knows(t, &m, token, 47));
    ck_assert_int_eq(load_text(t, "{\"tokens\":[]}", NULL), 0);
    ck_assert(!knows(t, &m, token, 47));
    ck_assert_uint_eq(m.token[0], 0);
    tokens_free(t);
}
END_TEST

START_TEST(a_token_ends_at_its_time_remembered_or_not)
{
    struct tokens *t = new_tokens();
    char past[TOKEN_TEXT_SIZE], future[TOKEN_TEXT_SIZE], soon[TOKEN_TEXT_SIZE];
    int64_t now = clock_wall_us(&clock_system) / SECOND_US;
    struct token_memo m = {0};
    struct token_grant grant;

    ck_assert_int_eq(tokens_create(t, "past", SCOPE_READ, NULL, now, past, NULL), 0);
    ck_assert_int_eq(tokens_create(t, "future", SCOPE_READ, NULL, now + 3600, future, NULL), 0);
    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ, NULL, now + 3600, soon, NULL), 0);
    ck_assert(!tokens_check(t, past, 47, &grant));
    ck_assert(tokens_check(t, future, 47, &grant));
    ck_assert(knows(t, &m, soon, 47));
    m.expires_at = now;                /* as an hour later */
    ck_assert(knows(t, &m, soon, 47)); /* it is looked up anew, and is good still */
    ck_assert_int_eq(m.expires_at, now + 3600);
    token_memo_fini(&m);
    tokens_free(t);
}
END_TEST

/* Of a list with one row. */
static int64_t last_used(struct tokens *t, const char *name)
{
    json_t *list = tokens_list(t, name);
    int64_t at = json_integer_value(json_object_get(json_array_get(list, 0), "last_used_at"));

    ck_assert_uint_eq(json_array_size(list), 1);
    ck_assert_ptr_null(json_object_get(json_array_get(list, 0), "hash"));
    json_decref(list);
    return at;
}

START_TEST(use_outlives_changes_and_what_is_remembered)
{
    struct tokens *t = new_tokens();
    char token[TOKEN_TEXT_SIZE], other[TOKEN_TEXT_SIZE];
    struct token_memo m = {0};

    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ, NULL, 0, token, NULL), 0);
    ck_assert_int_eq(last_used(t, "a"), 0);
    ck_assert(knows(t, &m, token, 47));
    ck_assert_int_gt(last_used(t, "a"), 0);
    atomic_store(&m.use->at, 5);
    ck_assert_int_eq(tokens_create(t, "b", SCOPE_READ, NULL, 0, other, NULL), 0);
    ck_assert_int_eq(last_used(t, "a"), 5);
    ck_assert_int_eq(tokens_drop(t, "b", NULL), 0);
    ck_assert_int_eq(last_used(t, "a"), 5);
    ck_assert(knows(t, &m, token, 47));
    ck_assert_int_gt(last_used(t, "a"), 5);
    /* Whoever holds it last lets it go. */
    ck_assert_int_eq(tokens_drop(t, "a", NULL), 0);
    ck_assert(!knows(t, &m, token, 47));
    token_memo_fini(&m);
    tokens_free(t);
}
END_TEST

/* As where another process, which uses it too, keeps them. */
START_TEST(a_token_that_is_read_again_goes_on_with_its_rate_and_its_latest_use)
{
    static const char form[] =
        "{\"tokens\": [{\"name\": \"a\", \"hash\": \"" HASH "\", \"scopes\": [\"read\"], \"last_used_at\": %d}]}";
    struct tokens *t = new_tokens();
    struct token_memo m = {0};
    char text[256];

    snprintf(text, sizeof(text), form, 5);
    ck_assert_int_eq(load_text(t, text, NULL), 0);
    ck_assert_int_eq(last_used(t, "a"), 5);
    ck_assert(knows(t, &m, "abc", 3));
    ck_assert_int_eq(token_use_wait_us(m.use, SECOND_US, 1), 0);
    atomic_store(&m.use->at, 9);
    ck_assert_int_eq(load_text(t, text, NULL), 0);
    ck_assert_int_eq(last_used(t, "a"), 9);
    snprintf(text, sizeof(text), form, 11);
    ck_assert_int_eq(load_text(t, text, NULL), 0);
    ck_assert_int_eq(last_used(t, "a"), 11);
    ck_assert(knows(t, &m, "abc", 3));
    ck_assert_int_eq(token_use_wait_us(m.use, SECOND_US, 1), SECOND_US);
    token_memo_fini(&m);
    tokens_free(t);
}
END_TEST

/* At the rate of 4: as many at once, then one each quarter of a second, and no more after a long silence than at first.
 */
START_TEST(a_token_may_make_so_many_requests_in_a_second)
{
    struct token_use use = {0};
    int64_t now = 1000 * SECOND_US;

    for (int round = 0; round < 2; round++, now += 100 * SECOND_US) {
        for (int i = 0; i < 4; i++)
            ck_assert_int_eq(token_use_wait_us(&use, now, 4), 0);
        ck_assert_int_eq(token_use_wait_us(&use, now, 4), SECOND_US / 4);
        ck_assert_int_eq(token_use_wait_us(&use, now + SECOND_US / 8, 4), SECOND_US / 8);
        ck_assert_int_eq(token_use_wait_us(&use, now + SECOND_US / 4, 4), 0);
        ck_assert_int_eq(token_use_wait_us(&use, now + SECOND_US / 4, 4), SECOND_US / 4);
    }
}
END_TEST

START_TEST(the_slowest_rate_is_one_a_second)
{
    struct token_use use = {0};

    ck_assert_int_eq(token_use_wait_us(&use, 5, 1), 0);
    ck_assert_int_eq(token_use_wait_us(&use, 5, 1), SECOND_US);
    ck_assert_int_eq(token_use_wait_us(&use, 5 + SECOND_US, 1), 0);
}
END_TEST

Suite *suite_token_use(void)
{
    Suite *s = suite_create("token_use");
    TCase *t = tcase_create("token_use");

    tcase_add_loop_test(t, what_is_remembered_of_a_token_is_true_as_long_as_the_tokens_are_the_same, 0, 2);
    tcase_add_test(t, what_is_remembered_is_what_counts);
    tcase_add_test(t, a_token_that_is_read_again_goes_on_with_its_rate_and_its_latest_use);
    tcase_add_test(t, a_token_that_is_too_long_to_be_remembered_is_known);
    tcase_add_test(t, a_token_that_was_taken_away_is_not_remembered);
    tcase_add_test(t, a_token_ends_at_its_time_remembered_or_not);
    tcase_add_test(t, use_outlives_changes_and_what_is_remembered);
    tcase_add_test(t, a_token_may_make_so_many_requests_in_a_second);
    tcase_add_test(t, the_slowest_rate_is_one_a_second);
    suite_add_tcase(s, t);
    return s;
}
