/* A node that knows what another one writes. $TGCALLD_TEST_DATABASE is the URL of a database of PostgreSQL's, whose
 * server is that of the folder $TGCALLD_TEST_SERVER (tests/support/postgres.py). */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/events_kept.h"
#include "daemon/follow.h"
#include "daemon/store/event_rows.h"
#include "tests/support/a_node.h"
#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/program/suites.h"

/* The node that has the accounts, and the one that follows and is led by it. */
static struct store *store, *our_store;
static struct tokens *theirs, *ours;
static struct tokens_kept their_kept, our_kept;
static struct store_desk *desk;
static struct events *events;
static struct events_reader *reader;
static struct node_follower *follower;
static struct fault fault;
static char folder[1024];

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned wakes;
} woken = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void wake(void *ctx)
{
    (void)ctx;
    pthread_mutex_lock(&woken.lock);
    woken.wakes++;
    pthread_cond_broadcast(&woken.changed);
    pthread_mutex_unlock(&woken.lock);
}

static void must(int err)
{
    ck_assert_msg(err == 0, "%d: %s", err, fault.text);
}

static int64_t soon(void)
{
    return clock_mono_us(&clock_system) + 60 * SECOND_US;
}

static void open_store(bool is_led, struct store **ret)
{
    static char path[1100], key[1100];

    snprintf(path, sizeof(path), "%s/store.db", folder);
    snprintf(key, sizeof(key), "%s/seal.key", folder);
    const struct store_config config = {.url = getenv("TGCALLD_TEST_DATABASE"),
                                        .node = is_led ? 6 : 5,
                                        .is_led = is_led,
                                        .path = path,
                                        .key_path = key,
                                        .environment = "sandbox",
                                        .fingerprint = (const uint8_t *)"keys one",
                                        .fingerprint_len = 8,
                                        .events_keep = 1000,
                                        .events_keep_bytes = 1 << 20,
                                        .clock = &clock_system,
                                        .random = &random_system};
    a_node(config.url, config.node);
    must(store_open(&config, ret, &fault));
}

static void begin(void)
{
    const struct follow_config config = {
        .url = getenv("TGCALLD_TEST_DATABASE"), .clock = &clock_system, .events = events, .tokens = &our_kept};

    must(follow_begin(&config, &follower, &fault));
}

static void server(const char *what, const char *more)
{
    char command[2200];

    snprintf(command, sizeof(command), "%s/tests/support/postgres.py %s %s %s >/dev/null 2>&1",
             getenv("TGCALLD_SRCDIR"), what, getenv("TGCALLD_TEST_SERVER"), more);
    ck_assert_msg(system(command) == 0, "%s", command);
}

static pthread_cond_t completed = PTHREAD_COND_INITIALIZER;
static unsigned completions;

static void on_wake(void *ctx)
{
    (void)ctx;
    pthread_mutex_lock(&woken.lock);
    completions++;
    pthread_cond_broadcast(&completed);
    pthread_mutex_unlock(&woken.lock);
}

static void set_up(void)
{
    snprintf(folder, sizeof(folder), "%s", temp_path(""));
    server("create", "tgcalld");
    open_store(false, &store);
    open_store(true, &our_store);
    must(store_desk_new(store, on_wake, NULL, &desk));
    must(tokens_new(&theirs));
    must(tokens_new(&ours));
    must(tokens_kept_open(&their_kept, store, theirs));
    must(tokens_kept_open(&our_kept, our_store, ours));
    tokens_kept_begin(&their_kept, NULL, NULL);
    must(events_kept_open(our_store, true, &events));
    must(events_subscribe(events, wake, NULL, &reader));
}

static void tear_down(void)
{
    follow_end(follower);
    events_unsubscribe(events, reader);
    events_kept_close(our_store, events);
    tokens_kept_end(&our_kept);
    tokens_kept_close(&our_kept);
    tokens_kept_close(&their_kept);
    tokens_free(ours);
    tokens_free(theirs);
    store_desk_free(desk);
    must(store_close(store, &fault));
    must(store_close(our_store, &fault));
}

/* --- what the other node does --- */

static void on_done(void *ctx, int err, const char *why)
{
    ck_assert_msg(err == 0, "%s", why);
    *(bool *)ctx = true;
}

static void await_done_of(struct store_desk *d, const bool *done)
{
    while (!*done) {
        pthread_mutex_lock(&woken.lock);
        while (!completions)
            pthread_cond_wait(&completed, &woken.lock);
        completions = 0;
        pthread_mutex_unlock(&woken.lock);
        store_desk_run(d);
    }
}

static void await_done(const bool *done)
{
    await_done_of(desk, done);
}

static void give_back(void *held)
{
    (void)held;
}

static void put_event(int64_t id)
{
    const struct store_event e = {
        .id = id, .account = "anna", .type = "call", .received_at = 1, .data = "{}", .len = 2, .reserved = id};
    const struct store_loan loan = {.release = give_back};
    bool done = false;

    ck_assert_int_eq(store_lend_events(desk, &e, 1, &loan, on_done, &done), 0);
    await_done(&done);
}

/* The log's lock is held where readers are woken: it is asked under no other. */
static void await_newest(uint64_t newest)
{
    pthread_mutex_lock(&woken.lock);
    for (;;) {
        unsigned before = woken.wakes;
        pthread_mutex_unlock(&woken.lock);
        if (events_newest(events) == newest)
            return;
        pthread_mutex_lock(&woken.lock);
        while (woken.wakes == before)
            pthread_cond_wait(&woken.changed, &woken.lock);
    }
}

static bool is_known(const char *token)
{
    struct token_grant grant = {0};
    bool is = tokens_check(ours, token, strlen(token), &grant);

    json_decref(grant.accounts);
    return is;
}

/* --- */

START_TEST(events_of_the_other_node_are_those_of_this_one)
{
    begin();
    for (int i = 1; i <= 5; i++) {
        put_event(i);
        await_newest((uint64_t)i);
    }
}
END_TEST

START_TEST(what_comes_is_read_once_for_all_who_follow)
{
    struct event *event;
    bool done = false;

    put_event(1);
    begin();
    ck_assert_int_eq(events_next(events, 0, &event), EVENTS_OLDER);
    put_event(2);
    await_newest(2);
    put_event(4);
    await_newest(4);
    ck_assert_int_eq(events_next(events, 1, &event), EVENTS_NEXT);
    ck_assert_uint_eq(event->id, 2);
    ck_assert_str_eq(event->text.account, "anna");
    ck_assert_str_eq(event->text.data, "{}");
    event_drop(event);
    ck_assert_int_eq(events_next(events, 2, &event), EVENTS_NEXT);
    ck_assert_uint_eq(event->id, 4);
    event_drop(event);
    /* And not kept once it is forgotten there. */
    ck_assert_int_eq(store_drop_events(desk, "anna", 4, on_done, &done), 0);
    await_done(&done);
    ck_assert(follow_sync(follower, soon()));
    ck_assert_uint_eq(events_newest(events), 4);
    ck_assert_int_eq(events_next(events, 1, &event), EVENTS_OLDER);
}
END_TEST

START_TEST(what_there_is_is_known_when_it_begins)
{
    char token[TOKEN_TEXT_SIZE];

    put_event(3);
    must(tokens_create(theirs, "a", SCOPE_READ, NULL, 0, token, &fault));
    begin();
    ck_assert_uint_eq(events_newest(events), 3);
    ck_assert(is_known(token));
}
END_TEST

START_TEST(tokens_of_the_other_node_are_those_of_this_one)
{
    char a[TOKEN_TEXT_SIZE], b[TOKEN_TEXT_SIZE];
    struct token_memo memo = {0};
    struct token_grant grant;

    begin();
    must(tokens_create(theirs, "a", SCOPE_READ, NULL, 0, a, &fault));
    must(tokens_create(theirs, "b", SCOPE_READ, NULL, 0, b, &fault));
    ck_assert(follow_sync(follower, soon()));
    ck_assert(is_known(a) && tokens_check_again(ours, &memo, b, strlen(b), &grant));
    must(tokens_drop(theirs, "b", &fault));
    ck_assert(follow_sync(follower, soon()));
    ck_assert(is_known(a) && !is_known(b));
    /* As a stream asks. */
    ck_assert(!tokens_holds(ours, &memo, b, strlen(b), SCOPE_READ, NULL));
    token_memo_fini(&memo);
}
END_TEST

START_TEST(tokens_are_not_changed_here)
{
    char token[TOKEN_TEXT_SIZE];

    begin();
    ck_assert_int_eq(tokens_create(ours, "a", SCOPE_READ, NULL, 0, token, &fault), TGC_EREADONLY);
    must(tokens_create(theirs, "a", SCOPE_READ, NULL, 0, token, &fault));
    ck_assert(follow_sync(follower, soon()));
    ck_assert_int_eq(tokens_drop(ours, "a", &fault), TGC_EREADONLY);
    ck_assert(is_known(token));
}
END_TEST

static int64_t used_at(void)
{
    json_t *list = tokens_list(ours, "a");
    int64_t at = json_integer_value(json_object_get(json_array_get(list, 0), "last_used_at"));

    json_decref(list);
    return at;
}

START_TEST(when_a_token_was_used_here_is_written_by_who_takes_over)
{
    char token[TOKEN_TEXT_SIZE];
    struct tokens *fresh = ours;
    size_t n;

    must(tokens_create(theirs, "a", SCOPE_READ, NULL, 0, token, &fault));
    begin();
    ck_assert(is_known(token));
    int64_t at = used_at();
    ck_assert_int_gt(at, 0);
    follow_end(follower);
    follower = NULL;
    tokens_kept_end(&our_kept);
    must(tokens_new(&ours));
    our_kept.tokens = ours;
    must(tokens_kept_load(&our_kept, &n, &fault));
    ck_assert_int_eq(used_at(), 0);
    our_kept.tokens = fresh;
    must(store_take_over(our_store, &fault));
    tokens_kept_begin(&our_kept, NULL, NULL);
    tokens_kept_end(&our_kept);
    our_kept.tokens = ours;
    must(tokens_kept_load(&our_kept, &n, &fault));
    ck_assert_int_eq(used_at(), at);
    our_kept.has_begun = false;
    tokens_free(fresh);
}
END_TEST

START_TEST(a_server_that_was_killed_or_stood_still_is_heard_again)
{
    begin();
    put_event(1);
    await_newest(1);
    server("kill", "");
    ck_assert(!follow_sync(follower, clock_mono_us(&clock_system)));
    server("restart", "");
    put_event(2);
    await_newest(2);
    server("freeze", "");
    ck_assert(!follow_sync(follower, clock_mono_us(&clock_system) + 3 * SECOND_US));
    server("thaw", "");
    put_event(3);
    await_newest(3);
}
END_TEST

/* What this node says, from its log to the database. */
static void write_what_waits(void)
{
    struct event *list[4];
    const struct store_loan loan = {.release = give_back};
    struct store_event rows[4];
    bool done = false;
    uint64_t reserved;
    size_t n = events_to_write(events, 4, list, &reserved);
    struct store_desk *own;

    must(store_desk_new(our_store, on_wake, NULL, &own));
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct store_event){.account = list[i]->text.account, .type = "gap", .received_at = 1};
    must(store_append_events(own, rows, n, &loan, on_done, &done));
    await_done_of(own, &done);
    store_desk_free(own);
    events_written(events, true);
    while (n)
        event_drop(list[--n]);
}

START_TEST(who_takes_over_from_one_that_died_says_that_something_may_be_missing)
{
    struct event *event;

    begin();
    put_event(1);
    put_event(2);
    /* The other one ends without a word. */
    store_desk_free(desk);
    desk = NULL;
    tokens_kept_close(&their_kept);
    must(store_close(store, &fault));
    store = NULL;
    must(store_take_over(our_store, &fault));
    follow_lead(follower);
    events_kept_take_over(our_store, events, false);
    ck_assert(events_are_written(events));
    events_kept_take_over(our_store, events, true);
    write_what_waits();
    ck_assert(follow_sync(follower, soon()));
    ck_assert_uint_eq(events_newest(events), 3);
    ck_assert_int_eq(events_next(events, 2, &event), EVENTS_NEXT);
    ck_assert_str_eq(event->text.type, "gap");
    ck_assert_ptr_nonnull(strstr(event->text.data, "\"after\":2,\"resumes_after\":3}"));
    event_drop(event);
}
END_TEST

START_TEST(who_leads_has_the_tokens_to_itself_and_hears_of_events_still)
{
    char token[TOKEN_TEXT_SIZE];

    begin();
    follow_lead(follower);
    must(tokens_create(theirs, "a", SCOPE_READ, NULL, 0, token, &fault));
    put_event(1);
    ck_assert(follow_sync(follower, soon()));
    ck_assert_uint_eq(events_newest(events), 1);
    ck_assert(!is_known(token));
}
END_TEST

Suite *suite_follow(void)
{
    Suite *s = suite_create("follow");
    TCase *t = tcase_create("follow");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, events_of_the_other_node_are_those_of_this_one);
    tcase_add_test(t, what_comes_is_read_once_for_all_who_follow);
    tcase_add_test(t, what_there_is_is_known_when_it_begins);
    tcase_add_test(t, tokens_of_the_other_node_are_those_of_this_one);
    tcase_add_test(t, tokens_are_not_changed_here);
    tcase_add_test(t, when_a_token_was_used_here_is_written_by_who_takes_over);
    tcase_add_test(t, a_server_that_was_killed_or_stood_still_is_heard_again);
    tcase_add_test(t, who_takes_over_from_one_that_died_says_that_something_may_be_missing);
    tcase_add_test(t, who_leads_has_the_tokens_to_itself_and_hears_of_events_still);
    suite_add_tcase(s, t);
    return s;
}
