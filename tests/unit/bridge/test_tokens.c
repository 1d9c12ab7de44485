#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "tests/unit/bridge/tokens_bed.h"

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

static char kept[64];
static bool refuse;

static int keep(const char *how, const char *name, struct fault *fault)
{
    snprintf(kept, sizeof(kept), "%s %s", how, name);
    return refuse ? fault_set(fault, TGC_EFULL, "the disk is full") : 0;
}

static int keep_put(void *ctx, const json_t *entry, struct fault *fault)
{
    (void)ctx;
    ck_assert_uint_eq(json_string_length(json_object_get(entry, "hash")), 64);
    return keep("put", json_string_value(json_object_get(entry, "name")), fault);
}

static int keep_drop(void *ctx, const char *name, struct fault *fault)
{
    (void)ctx;
    return keep("drop", name, fault);
}

START_TEST(what_cannot_be_kept_is_not_done)
{
    struct tokens *t = new_tokens();
    char token[TOKEN_TEXT_SIZE], other[TOKEN_TEXT_SIZE] = "untouched";
    struct token_grant grant;
    struct fault fault = {0};

    refuse = false;
    tokens_keep(t, &(struct tokens_keeper){.put = keep_put, .drop = keep_drop});
    ck_assert_int_eq(tokens_create(t, "a", SCOPE_ADMIN, NULL, 0, token, NULL), 0);
    ck_assert_int_eq(tokens_create(t, "b", SCOPE_READ, NULL, 0, other, NULL), 0);
    ck_assert_str_eq(kept, "put b");
    refuse = true;
    strcpy(other, "untouched");
    ck_assert_int_eq(tokens_create(t, "c", SCOPE_READ, NULL, 0, other, &fault), TGC_EFULL);
    ck_assert_str_eq(fault.text, "the disk is full");
    ck_assert_str_eq(other, "untouched");
    ck_assert_int_eq(tokens_drop(t, "b", &fault), TGC_EFULL);
    ck_assert_str_eq(kept, "drop b");
    ck_assert_uint_eq(tokens_count(t), 2);
    ck_assert(tokens_check(t, token, 47, &grant));
    /* What is wrong is not offered to be kept. */
    refuse = false;
    kept[0] = '\0';
    ck_assert_int_eq(tokens_create(t, "a", SCOPE_READ, NULL, 0, other, NULL), TGC_EEXIST);
    ck_assert_int_eq(tokens_drop(t, "a", NULL), TGC_ESTATE);
    ck_assert_int_eq(tokens_drop(t, "c", NULL), TGC_EUNKNOWN);
    ck_assert_str_eq(kept, "");
    ck_assert_int_eq(tokens_drop(t, "b", NULL), 0);
    ck_assert_str_eq(kept, "drop b");
    tokens_free(t);
}
END_TEST

Suite *suite_tokens(void)
{
    Suite *s = suite_create("tokens");
    TCase *t = tcase_create("tokens");

    tcase_add_test(t, scopes_have_names);
    tcase_add_test(t, a_made_token_is_known_and_a_changed_one_is_not);
    tcase_add_test(t, admin_implies_all);
    tcase_add_test(t, a_name_is_used_once_and_a_token_needs_scopes);
    tcase_add_test(t, what_is_saved_loads_and_tells_no_token);
    tcase_add_loop_test(t, a_bad_file_is_refused_whole, 0, sizeof(bad) / sizeof(bad[0]));
    tcase_add_test(t, each_of_ten_thousand_is_known_by_its_name);
    tcase_add_test(t, a_hash_is_compared_whole);
    tcase_add_test(t, readers_and_a_writer_do_not_meet);
    tcase_add_test(t, the_last_admin_without_an_end_stays);
    tcase_add_test(t, what_cannot_be_kept_is_not_done);
    suite_add_tcase(s, t);
    return s;
}
