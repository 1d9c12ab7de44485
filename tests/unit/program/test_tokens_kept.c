/* Tokens over processes that end at any moment, and the file that an older version kept them in. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "daemon/store/token_rows.h"
#include "daemon/token_files.h"
#include "tests/support/disk.h"
#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/program/suites.h"

static struct state_dir state;
static struct tokens_kept kept;
static struct store *store;
static struct tokens *tokens;
static bool made;
static char folder[1024];

/* In the folder; one of four static buffers. */
static const char *place_of(const char *name)
{
    static char paths[4][1100];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(place_of(name), "w");

    ck_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static bool is_there(const char *name)
{
    return access(place_of(name), F_OK) == 0;
}

static char *text_of(const char *name)
{
    return unit_read_file(place_of(name), NULL);
}

/* Token number N as its owner has it. */
static const char *token(int n)
{
    static char text[TOKEN_TEXT_SIZE];

    snprintf(text, sizeof(text), "tgc_%043d", n);
    return text;
}

/* What an older version left, with N tokens of which the first may do all. */
static void lay_down_file(int n)
{
    json_t *list = json_array();

    for (int i = 0; i < n; i++) {
        uint8_t hash[DIGEST_SIZE];
        char hex[2 * DIGEST_SIZE + 1], name[16];
        digest_sha256(token(i), strlen(token(i)), hash);
        hex_encode(hash, sizeof(hash), hex);
        snprintf(name, sizeof(name), "t%d", i);
        json_array_append_new(list, json_pack("{s:s, s:s, s:[s], s:I, s:I}", "name", name, "hash", hex, "scopes",
                                              i ? "read" : "admin", "created_at", (json_int_t)1, "last_used_at",
                                              (json_int_t)(i + 7)));
    }
    json_t *all = json_pack("{s:o}", "tokens", list);
    ck_assert_int_eq(json_dump_file(all, place_of("tokens.json"), 0), 0);
    json_decref(all);
}

static void open_all(void)
{
    const struct store_config config = {.path = place_of("store.db"),
                                        .key_path = place_of("seal.key"),
                                        .environment = "sandbox",
                                        .fingerprint = (const uint8_t *)"keys one",
                                        .fingerprint_len = 8,
                                        .clock = &clock_system,
                                        .random = &random_system};
    struct fault fault = {0};

    ck_assert_msg(store_open(&config, &store, &fault) == 0, "%s", fault.text);
    ck_assert_int_eq(tokens_new(&tokens), 0);
    ck_assert_int_eq(tokens_kept_open(&kept, store, tokens), 0);
}

static void close_all(void)
{
    struct fault fault = {0};

    tokens_kept_close(&kept);
    tokens_free(tokens);
    tokens = NULL;
    ck_assert_msg(store_close(store, &fault) == 0, "%s", fault.text);
    store = NULL;
}

static int load(struct fault *fault)
{
    made = false;
    return token_files_load(&state, &kept, &made, fault);
}

static void begin(void)
{
    struct fault fault = {0};

    open_all();
    ck_assert_msg(load(&fault) == 0, "%s", fault.text);
    tokens_kept_begin(&kept, NULL, NULL);
}

static bool opens(const char *text)
{
    struct token_grant grant = {0};
    bool does = tokens_check(tokens, text, strcspn(text, "\n"), &grant);

    json_decref(grant.accounts);
    return does;
}

static int64_t used_at(const char *name)
{
    json_t *list = tokens_list(tokens, name);
    int64_t at = json_integer_value(json_object_get(json_array_get(list, 0), "last_used_at"));

    json_decref(list);
    return at;
}

static void set_up(void)
{
    char name[32];

    snprintf(name, sizeof(name), "state-%d", (int)getpid());
    snprintf(folder, sizeof(folder), "%s", temp_path(name));
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    state = (struct state_dir){.path = folder, .lock_fd = -1};
}

static void tear_down(void)
{
    if (store)
        close_all();
}

/* All is as if there had never been a daemon. */
static void remove_all(void)
{
    static const char *const names[] = {"store.db",    "store.db-wal",      "store.db-shm",      "store.db-journal",
                                        "seal.key",    "seal.key.new",      "admin.token",       "admin.token.new",
                                        "tokens.json", "tokens.json.taken", "admin.token.former"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(place_of(names[i]));
}

/* BODY in a child, killed at its Nth change of a file; whether it was. */
static bool is_killed_at(int n, void (*body)(void))
{
    int status;
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        disk_watch();
        disk_kill_at(n);
        body();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void begin_and_end(void)
{
    begin();
    close_all();
}

enum { TOKENS = 5 };

static void expect_taken(int n)
{
    ck_assert_msg(!made, "change %d: another admin was made", n);
    ck_assert_uint_eq(tokens_count(tokens), TOKENS);
    for (int i = 0; i < TOKENS; i++)
        ck_assert_msg(opens(token(i)), "change %d: token %d is lost", n, i);
    ck_assert(!is_there("tokens.json") && is_there("tokens.json.taken") && !is_there("admin.token"));
}

START_TEST(the_file_is_taken_whole_whenever_the_process_is_killed)
{
    int n = 0;

    for (bool killed = true; killed; n++) {
        remove_all();
        lay_down_file(TOKENS);
        killed = is_killed_at(n, begin_and_end);
        begin();
        expect_taken(n);
        close_all();
    }
    ck_assert_int_gt(n, 20);
}
END_TEST

START_TEST(what_was_taken_is_as_it_was)
{
    lay_down_file(TOKENS);
    begin();
    ck_assert_int_eq(used_at("t3"), 10);
    close_all();
    begin();
    for (int i = 0; i < TOKENS; i++)
        ck_assert_int_eq(used_at((char[3]){'t', (char)('0' + i)}), i + 7);
    expect_taken(0);
    close_all();
}
END_TEST

START_TEST(a_file_that_is_damaged_ends_the_start_and_stays)
{
    struct fault fault = {0};

    write_file("tokens.json", "{\"tokens\": [{\"name\": \"a\"}]}");
    open_all();
    ck_assert_int_eq(load(&fault), TGC_EINVAL);
    ck_assert_ptr_nonnull(strstr(fault.text, "tokens.json/tokens/0/hash"));
    write_file("tokens.json", "{");
    ck_assert_int_eq(load(&fault), TGC_ESYNTAX);
    ck_assert(is_there("tokens.json") && !is_there("admin.token"));
    unlink(place_of("tokens.json"));
    ck_assert_int_eq(load(&fault), 0);
    ck_assert(made && tokens_count(tokens) == 1);
    close_all();
}
END_TEST

START_TEST(where_the_store_has_tokens_a_file_adds_none)
{
    char secret[TOKEN_TEXT_SIZE];

    begin();
    ck_assert(made);
    ck_assert_int_eq(tokens_create(tokens, "mine", SCOPE_READ, NULL, 0, secret, NULL), 0);
    close_all();
    lay_down_file(TOKENS);
    begin();
    ck_assert(!made && opens(secret) && !opens(token(0)));
    ck_assert_uint_eq(tokens_count(tokens), 2);
    ck_assert(is_there("tokens.json"));
    close_all();
}
END_TEST

START_TEST(the_first_token_can_be_had_whenever_the_process_is_killed)
{
    int n = 0;

    for (bool killed = true; killed; n++) {
        remove_all();
        killed = is_killed_at(n, begin_and_end);
        begin();
        char *admin = text_of("admin.token");
        ck_assert_msg(opens(admin), "change %d: admin.token opens nothing", n);
        ck_assert_uint_eq(tokens_count(tokens), 1);
        free(admin);
        close_all();
    }
    ck_assert_int_gt(n, 10);
}
END_TEST

START_TEST(an_admin_token_of_a_database_that_is_gone_is_not_lost)
{
    begin();
    char *first = text_of("admin.token");
    close_all();
    for (int i = 0; i < 2; i++) {
        unlink(place_of("store.db"));
        begin();
        char *now = text_of("admin.token"), *former = text_of("admin.token.former");
        ck_assert(made && opens(now) && !opens(first));
        ck_assert_str_eq(former, first);
        free(now);
        free(former);
        close_all();
    }
    free(first);
}
END_TEST

static void reset(void)
{
    struct fault fault = {0};

    open_all();
    ck_assert_msg(token_files_reset(&state, &kept, &fault) == 0, "%s", fault.text);
    close_all();
}

START_TEST(a_reset_that_is_killed_is_made_again_and_leaves_the_others)
{
    int n = 0;

    for (bool killed = true; killed; n++) {
        remove_all();
        lay_down_file(TOKENS);
        begin();
        close_all();
        reset();
        char *first = text_of("admin.token");
        killed = is_killed_at(n, reset);
        char *second = text_of("admin.token");
        begin();
        ck_assert(!made && opens(token(1)));
        /* The former one holds, or the new one does, and that one can be had. */
        ck_assert_msg(opens(first) != opens(second) || strcmp(first, second) == 0, "change %d", n);
        ck_assert(killed || (opens(second) && !opens(first)));
        close_all();
        reset();
        begin();
        char *third = text_of("admin.token");
        ck_assert(opens(third) && !opens(first) && !opens(second) && opens(token(1)));
        ck_assert_uint_eq(tokens_count(tokens), TOKENS + 1);
        close_all();
        free(first);
        free(second);
        free(third);
    }
    ck_assert_int_gt(n, 10);
}
END_TEST

START_TEST(a_change_that_finds_no_space_is_none)
{
    char token[TOKEN_TEXT_SIZE] = "";
    struct fault fault = {0};
    int n = 0;

    disk_watch();
    begin();
    ck_assert_int_eq(tokens_create(tokens, "first", SCOPE_READ, NULL, 0, token, NULL), 0);
    for (bool failed = true; failed; n++) {
        char other[TOKEN_TEXT_SIZE] = "", name[16];
        snprintf(name, sizeof(name), "t%d", n);
        disk_full_at(n);
        int err = tokens_create(tokens, name, SCOPE_READ, NULL, 0, other, &fault);
        failed = disk_well();
        ck_assert_int_eq(err, failed ? TGC_EFULL : 0);
        ck_assert_int_eq(opens(other), !failed);
    }
    ck_assert_int_gt(n, 1);
    disk_full_at(0);
    ck_assert_int_eq(tokens_drop(tokens, "first", &fault), TGC_EFULL);
    ck_assert_ptr_nonnull(strstr(fault.text, "full"));
    disk_well();
    ck_assert(opens(token));
    ck_assert_int_eq(tokens_drop(tokens, "first", NULL), 0);
    close_all();
    begin();
    ck_assert(!opens(token));
    ck_assert_uint_eq(tokens_count(tokens), 2);
    close_all();
}
END_TEST

START_TEST(when_a_token_was_used_is_kept_with_the_next_change_and_at_the_end)
{
    char token[TOKEN_TEXT_SIZE], other[TOKEN_TEXT_SIZE];
    json_t *accounts = json_pack("[s]", "anna");

    begin();
    ck_assert_int_eq(tokens_create(tokens, "a", SCOPE_READ, accounts, 0, token, NULL), 0);
    ck_assert(opens(token));
    ck_assert_int_eq(tokens_create(tokens, "b", SCOPE_READ, NULL, 0, other, NULL), 0);
    int64_t at = used_at("a");
    ck_assert_int_gt(at, 0);
    close_all();
    begin();
    ck_assert_int_eq(used_at("a"), at);
    ck_assert_int_eq(used_at("b"), 0);
    ck_assert(opens(other));
    at = used_at("b");
    tokens_kept_end(&kept);
    close_all();
    begin();
    ck_assert_int_eq(used_at("b"), at);
    json_t *list = tokens_list(tokens, "a");
    ck_assert(json_equal(json_object_get(json_array_get(list, 0), "accounts"), accounts));
    json_decref(list);
    json_decref(accounts);
    close_all();
}
END_TEST

static void nobody(void *ctx)
{
    (void)ctx;
}

/* The admin's row is NAME's, and says TEXT. */
static void spoil(const char *name, const char *text)
{
    const struct store_token row = {.name = name, .text = text, .text_len = strlen(text)};
    struct store_desk *desk;

    open_all();
    ck_assert_int_eq(store_desk_new(store, nobody, NULL, &desk), 0);
    ck_assert_int_eq(store_drop_token(desk, "admin", NULL, NULL), 0);
    ck_assert_int_eq(store_put_tokens(desk, &row, 1, NULL, NULL), 0);
    store_desk_free(desk);
    close_all();
}

START_TEST(tokens_that_cannot_be_read_open_nothing_and_make_no_other)
{
    static const char *const texts[] = {"", "{", "[]", "{\"name\":\"another\"}"};

    begin();
    char *admin = text_of("admin.token");
    close_all();
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        spoil("admin", texts[i]);
        begin();
        ck_assert(!made && tokens_count(tokens) == 0 && !opens(admin));
        close_all();
    }
    reset();
    begin();
    char *now = text_of("admin.token");
    ck_assert(opens(now) && !opens(admin));
    close_all();
    free(admin);
    free(now);
}
END_TEST

Suite *suite_tokens_kept(void)
{
    Suite *s = suite_create("tokens_kept");
    TCase *t = tcase_create("tokens_kept");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, the_file_is_taken_whole_whenever_the_process_is_killed);
    tcase_add_test(t, what_was_taken_is_as_it_was);
    tcase_add_test(t, a_file_that_is_damaged_ends_the_start_and_stays);
    tcase_add_test(t, where_the_store_has_tokens_a_file_adds_none);
    tcase_add_test(t, the_first_token_can_be_had_whenever_the_process_is_killed);
    tcase_add_test(t, an_admin_token_of_a_database_that_is_gone_is_not_lost);
    tcase_add_test(t, a_reset_that_is_killed_is_made_again_and_leaves_the_others);
    tcase_add_test(t, a_change_that_finds_no_space_is_none);
    tcase_add_test(t, when_a_token_was_used_is_kept_with_the_next_change_and_at_the_end);
    tcase_add_test(t, tokens_that_cannot_be_read_open_nothing_and_make_no_other);
    suite_add_tcase(s, t);
    return s;
}
