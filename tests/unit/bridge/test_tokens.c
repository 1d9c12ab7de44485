#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "daemon/bridge/tokens.h"

static struct tokens *new_tokens(void)
{
    struct tokens *t;

    ck_assert_int_eq(tokens_new(&t), 0);
    return t;
}

static int load_text(struct tokens *t, const char *text, struct fault *fault)
{
    json_t *json = json_loads(text, 0, NULL);

    ck_assert_ptr_nonnull(json);
    int err = tokens_load(t, json, fault);
    json_decref(json);
    return err;
}

/* SHA-256 of "abc" */
#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

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

START_TEST(scopes_have_names)
{
    ck_assert_uint_eq(scope_parse("read"), SCOPE_READ);
    ck_assert_uint_eq(scope_parse("admin"), SCOPE_ADMIN);
    ck_assert_uint_eq(scope_parse("Read"), 0);
    ck_assert_uint_eq(scope_parse(""), 0);
}
END_TEST

START_TEST(a_made_token_is_known_and_a_changed_one_is_not)
{
    struct tokens *t = new_tokens();
    char token[TOKEN_TEXT_SIZE], other[TOKEN_TEXT_SIZE];
    struct token_grant grant;

    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ | SCOPE_CALLS, NULL, 0, token, NULL), 0);
    ck_assert_int_eq(tokens_create(t, "b", SCOPE_READ, NULL, 0, other, NULL), 0);
    ck_assert_str_ne(token, other);
    ck_assert_uint_eq(strlen(token), 47);
    ck_assert_int_eq(strncmp(token, "tgc_", 4), 0);
    ck_assert(tokens_check(t, token, strlen(token), &grant));
    ck_assert_uint_eq(grant.scopes, SCOPE_READ | SCOPE_CALLS);
    ck_assert_ptr_null(grant.accounts);
    ck_assert(!tokens_check(t, token, strlen(token) - 1, &grant));
    token[10] = token[10] == 'x' ? 'y' : 'x';
    ck_assert(!tokens_check(t, token, strlen(token), &grant));
    ck_assert(!tokens_check(t, "", 0, &grant));
    ck_assert_uint_eq(tokens_count(t), 2);
    tokens_free(t);
}
END_TEST

START_TEST(admin_implies_all)
{
    struct tokens *t = new_tokens();
    char token[TOKEN_TEXT_SIZE];
    struct token_grant grant;

    ck_assert_int_eq(tokens_create(t, "root", SCOPE_ADMIN, NULL, 0, token, NULL), 0);
    ck_assert(tokens_check(t, token, strlen(token), &grant));
    ck_assert_uint_eq(grant.scopes, SCOPE_ALL);
    tokens_free(t);
}
END_TEST

START_TEST(a_name_is_used_once_and_a_token_needs_scopes)
{
    struct tokens *t = new_tokens();
    char token[TOKEN_TEXT_SIZE] = "untouched";

    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ, NULL, 0, token, NULL), 0);
    strcpy(token, "untouched");
    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ, NULL, 0, token, NULL), TGC_EEXIST);
    ck_assert_int_eq(tokens_create(t, "b", 0, NULL, 0, token, NULL), TGC_EINVAL);
    ck_assert_int_eq(tokens_create(t, "", SCOPE_READ, NULL, 0, token, NULL), TGC_EINVAL);
    ck_assert_str_eq(token, "untouched");
    ck_assert_uint_eq(tokens_count(t), 1);
    tokens_free(t);
}
END_TEST

START_TEST(what_is_saved_loads_and_tells_no_token)
{
    struct tokens *t = new_tokens(), *u = new_tokens();
    char token[TOKEN_TEXT_SIZE];
    struct token_grant grant;
    json_t *accounts = json_pack("[s,s]", "alice", "bob");

    ck_assert_int_eq(tokens_create(t, "a", SCOPE_METHODS, accounts, 0, token, NULL), 0);
    json_t *saved = tokens_save(t);
    char *text = json_dumps(saved, 0);
    ck_assert_ptr_null(strstr(text, token + 4));
    ck_assert_int_eq(tokens_load(u, saved, NULL), 0);
    ck_assert(tokens_check(u, token, strlen(token), &grant));
    ck_assert_uint_eq(grant.scopes, SCOPE_METHODS);
    ck_assert(json_equal(grant.accounts, accounts));
    ck_assert(json_integer_value(json_object_get(json_array_get(json_object_get(saved, "tokens"), 0), "created_at")) >
              0);
    json_decref(grant.accounts);
    json_decref(accounts);
    json_decref(saved);
    free(text);
    tokens_free(t);
    tokens_free(u);
}
END_TEST

static const struct {
    const char *text, *path;
} bad[] = {
    {"{}", ""},
    {"{\"tokens\": 1}", ""},
    {"{\"tokens\": [1]}", "/tokens/0"},
    {"{\"tokens\": [{\"hash\": \"" HASH "\", \"scopes\": [\"read\"]}]}", "/tokens/0/name"},
    {"{\"tokens\": [{\"name\": \"a\", \"hash\": \"00\", \"scopes\": [\"read\"]}]}", "/tokens/0/hash"},
    {"{\"tokens\": [{\"name\": \"a\", \"hash\": \"" HASH "\"}]}", "/tokens/0/scopes"},
    {"{\"tokens\": [{\"name\": \"a\", \"hash\": \"" HASH "\", \"scopes\": []}]}", "/tokens/0/scopes"},
    {"{\"tokens\": [{\"name\": \"a\", \"hash\": \"" HASH "\", \"scopes\": [\"read\", \"fly\"]}]}",
     "/tokens/0/scopes/1"},
    {"{\"tokens\": [{\"name\": \"a\", \"hash\": \"" HASH "\", \"scopes\": [\"read\"], \"accounts\": \"x\"}]}",
     "/tokens/0/accounts"},
    {"{\"tokens\": [{\"name\": \"a\", \"hash\": \"" HASH "\", \"scopes\": [\"read\"], \"accounts\": [1]}]}",
     "/tokens/0/accounts"},
    {"{\"tokens\": [{\"name\": \"a\", \"hash\": \"" HASH "\", \"scopes\": [\"read\"]},"
     "{\"name\": \"a\", \"hash\": \"" HASH "\", \"scopes\": [\"read\"]}]}",
     "/tokens/1"},
};

START_TEST(a_bad_file_is_refused_whole)
{
    struct tokens *t = new_tokens();
    struct token_grant grant;
    struct fault fault = {0};

    ck_assert_int_eq(
        load_text(t, "{\"tokens\": [{\"name\": \"a\", \"hash\": \"" HASH "\", \"scopes\": [\"read\"]}]}", &fault), 0);
    ck_assert(tokens_check(t, "abc", 3, &grant));
    ck_assert_int_lt(load_text(t, bad[_i].text, &fault), 0);
    ck_assert_str_eq(fault.path, bad[_i].path);
    ck_assert_str_ne(fault.text, "");
    ck_assert_msg(tokens_check(t, "abc", 3, &grant), "a refused file must change nothing");
    tokens_free(t);
}
END_TEST

static atomic_bool enough;

static void *check_again_and_again(void *ctx)
{
    struct token_grant grant;

    while (!atomic_load(&enough))
        if (tokens_check(ctx, "abc", 3, &grant))
            json_decref(grant.accounts);
    return NULL;
}

/* Token N is the text "token-N". */
static json_t *many(int count)
{
    json_t *list = json_array();
    uint8_t hash[DIGEST_SIZE];
    char name[32], hex[2 * DIGEST_SIZE + 1];

    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "token-%d", i);
        digest_sha256(name, strlen(name), hash);
        hex_encode(hash, sizeof(hash), hex);
        json_array_append_new(list, json_pack("{s:s, s:s, s:[s]}", "name", name, "hash", hex, "scopes", "read"));
    }
    return json_pack("{s:o}", "tokens", list);
}

START_TEST(each_of_ten_thousand_is_known_by_its_name)
{
    struct tokens *t = new_tokens();
    struct token_grant grant;
    json_t *json = many(10000);
    char text[32];

    ck_assert_int_eq(tokens_load(t, json, NULL), 0);
    for (int i = 0; i < 10000; i++) {
        snprintf(text, sizeof(text), "token-%d", i);
        ck_assert(tokens_check(t, text, strlen(text), &grant));
        ck_assert_str_eq(grant.name, text);
    }
    for (int i = 10000; i < 20000; i++) {
        snprintf(text, sizeof(text), "token-%d", i);
        ck_assert(!tokens_check(t, text, strlen(text), &grant));
    }
    json_decref(json);
    json = many(10001);
    ck_assert_int_eq(tokens_load(t, json, NULL), TGC_ELIMIT);
    json_decref(json);
    tokens_free(t);
}
END_TEST

/* Hashes that begin alike are told apart by their ends. */
START_TEST(a_hash_is_compared_whole)
{
    static const char *const others[] = {
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ae",
        "ba7816bf8f01cfea000000000000000000000000000000000000000000000000",
        "ba7816bfffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    struct token_grant grant;

    for (unsigned place = 0; place < 5; place++) {
        struct tokens *t = new_tokens();
        json_t *list = json_array();
        for (unsigned i = 0, other = 0; i < 4; i++) {
            bool is_it = i == place;
            char name[] = {(char)('a' + (int)i), '\0'};
            json_array_append_new(list, json_pack("{s:s, s:s, s:[s]}", "name", is_it ? "it" : name, "hash",
                                                  is_it ? HASH : others[other++ % 3], "scopes", "read"));
        }
        json_t *json = json_pack("{s:o}", "tokens", list);
        ck_assert_int_eq(tokens_load(t, json, NULL), 0);
        json_decref(json);
        ck_assert(tokens_check(t, "abc", 3, &grant) == (place < 4));
        if (place < 4)
            ck_assert_str_eq(grant.name, "it");
        tokens_free(t);
    }
}
END_TEST

START_TEST(readers_and_a_writer_do_not_meet)
{
    struct tokens *t = new_tokens();
    pthread_t readers[2];

    atomic_store(&enough, false);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&readers[i], NULL, check_again_and_again, t), 0);
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(load_text(t,
                                   i % 2 ? "{\"tokens\": []}"
                                         : "{\"tokens\": [{\"name\": \"a\", \"hash\": \"" HASH
                                           "\", \"scopes\": [\"read\"], \"accounts\": [\"alice\"]}]}",
                                   NULL),
                         0);
    atomic_store(&enough, true);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
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

START_TEST(the_last_admin_without_an_end_stays)
{
    struct tokens *t = new_tokens();
    char token[TOKEN_TEXT_SIZE];
    json_t *accounts = json_pack("[s]", "alice");

    ck_assert_int_eq(tokens_drop(t, "admin", NULL), TGC_EUNKNOWN);
    ck_assert_int_eq(tokens_create(t, "admin", SCOPE_ADMIN, NULL, 0, token, NULL), 0);
    ck_assert_int_eq(tokens_create(t, "short", SCOPE_ADMIN, NULL, INT64_MAX, token, NULL), 0);
    ck_assert_int_eq(tokens_create(t, "bound", SCOPE_ADMIN, accounts, 0, token, NULL), 0);
    ck_assert_int_eq(tokens_drop(t, "admin", NULL), TGC_ESTATE);
    ck_assert_int_eq(tokens_create(t, "two", SCOPE_ADMIN | SCOPE_READ, NULL, 0, token, NULL), 0);
    ck_assert_int_eq(tokens_drop(t, "admin", NULL), 0);
    ck_assert_int_eq(tokens_drop(t, "short", NULL), 0);
    ck_assert_int_eq(tokens_drop(t, "two", NULL), TGC_ESTATE);
    ck_assert_uint_eq(tokens_count(t), 2);
    json_decref(accounts);
    tokens_free(t);
}
END_TEST

static int kept, refuse;

static int keep(void *ctx, const json_t *all, struct fault *fault)
{
    (void)ctx;
    kept = (int)json_array_size(json_object_get(all, "tokens"));
    return refuse ? fault_set(fault, TGC_EFULL, "the disk is full") : 0;
}

START_TEST(what_cannot_be_kept_is_not_done)
{
    struct tokens *t = new_tokens();
    char token[TOKEN_TEXT_SIZE], other[TOKEN_TEXT_SIZE] = "untouched";
    struct token_grant grant;
    struct fault fault = {0};

    kept = refuse = 0;
    tokens_keep(t, keep, NULL);
    ck_assert_int_eq(tokens_create(t, "a", SCOPE_ADMIN, NULL, 0, token, NULL), 0);
    ck_assert_int_eq(tokens_create(t, "b", SCOPE_READ, NULL, 0, other, NULL), 0);
    ck_assert_int_eq(kept, 2);
    refuse = 1;
    strcpy(other, "untouched");
    ck_assert_int_eq(tokens_create(t, "c", SCOPE_READ, NULL, 0, other, &fault), TGC_EFULL);
    ck_assert_str_eq(fault.text, "the disk is full");
    ck_assert_str_eq(other, "untouched");
    ck_assert_int_eq(tokens_drop(t, "b", &fault), TGC_EFULL);
    ck_assert_uint_eq(tokens_count(t), 2);
    ck_assert(tokens_check(t, token, 47, &grant));
    /* What is wrong is not offered to be kept. */
    kept = refuse = 0;
    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ, NULL, 0, other, NULL), TGC_EEXIST);
    ck_assert_int_eq(kept, 0);
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

Suite *suite_tokens(void)
{
    Suite *s = suite_create("tokens");
    TCase *t = tcase_create("tokens");

    tcase_add_test(t, scopes_have_names);
    tcase_add_loop_test(t, what_is_remembered_of_a_token_is_true_as_long_as_the_tokens_are_the_same, 0, 2);
    tcase_add_test(t, what_is_remembered_is_what_counts);
    tcase_add_test(t, a_token_that_is_too_long_to_be_remembered_is_known);
    tcase_add_test(t, a_token_that_was_taken_away_is_not_remembered);
    tcase_add_test(t, a_made_token_is_known_and_a_changed_one_is_not);
    tcase_add_test(t, admin_implies_all);
    tcase_add_test(t, a_name_is_used_once_and_a_token_needs_scopes);
    tcase_add_test(t, what_is_saved_loads_and_tells_no_token);
    tcase_add_loop_test(t, a_bad_file_is_refused_whole, 0, sizeof(bad) / sizeof(bad[0]));
    tcase_add_test(t, each_of_ten_thousand_is_known_by_its_name);
    tcase_add_test(t, a_hash_is_compared_whole);
    tcase_add_test(t, readers_and_a_writer_do_not_meet);
    tcase_add_test(t, a_token_ends_at_its_time_remembered_or_not);
    tcase_add_test(t, use_outlives_changes_and_what_is_remembered);
    tcase_add_test(t, the_last_admin_without_an_end_stays);
    tcase_add_test(t, what_cannot_be_kept_is_not_done);
    tcase_add_test(t, a_token_may_make_so_many_requests_in_a_second);
    tcase_add_test(t, the_slowest_rate_is_one_a_second);
    suite_add_tcase(s, t);
    return s;
}
