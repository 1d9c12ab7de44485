#include "tests/unit/worker/fixture.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "daemon/tg/login/login.h"
#include "daemon/tl/encode.h"
#include "tests/support/shipped.h"

struct worker *bare_worker(void)
{
    struct net_loop *loop;

    ck_assert_int_eq(net_loop_new(&clock_system, &loop), 0);
    return bare_worker_on(loop, &clock_system);
}

struct worker *bare_worker_on(struct net_loop *loop, const struct clock_source *clock)
{
    static const struct tg_dcs no_dcs = {.first = 1};
    static struct tl_outline *others[1];
    struct worker *w = calloc(1, sizeof(*w));

    w->loop = loop;
    if (!others[0])
        ck_assert_int_eq(tl_outline_new(shipped_layer(229), &others[0]), 0);
    w->config = (struct worker_config){.others = others, .others_n = 1, .workers = calloc(1, sizeof(struct workers))};
    ck_assert_int_eq(directory_new(1, &w->config.workers->directory), 0);
    w->config.workers->n = 1;
    w->env = (struct tg_env){.loop = w->loop,
                             .clock = clock,
                             .random = &random_system,
                             .schema = shipped_layer(229),
                             .dcs = &no_dcs,
                             .environment = "test",
                             .request_timeout_us = SECOND_US};
    ck_assert_int_eq(chat_locks_new(&w->config.chat_locks), 0);
    ck_assert_int_eq(chat_seat_new(w->config.chat_locks, w->loop, &w->env.chats), 0);
    ck_assert_int_eq(starter_new(&w->env, 0, &w->starter), 0);
    ck_assert_int_eq(live_new(w, &w->live), 0);
    ck_assert_int_eq(schedules_new(w, &w->schedules), 0);
    worker_listen(w);
    return w;
}

struct worker_config config_of(struct workers *workers, struct chat_locks *locks, size_t slots)
{
    static const struct tg_dcs no_dcs = {.first = 1};

    return (struct worker_config){.env = {.clock = &clock_system,
                                          .random = &random_system,
                                          .schema = shipped_layer(229),
                                          .dcs = &no_dcs,
                                          .environment = "test",
                                          .api_id = 1,
                                          .api_hash = "x",
                                          .request_timeout_us = SECOND_US},
                                  .queue_size = slots,
                                  .chat_locks = locks,
                                  .workers = workers};
}

void bare_worker_free(struct worker *w)
{
    starter_stop(w->starter);
    live_stop(w->live);
    accounts_fini(&w->accounts);
    schedules_free(w->schedules);
    starter_free(w->starter);
    live_free(w->live);
    chat_seat_free(w->env.chats);
    chat_locks_free(w->config.chat_locks);
    net_loop_free(w->loop);
    directory_free(w->config.workers->directory);
    free(w->config.workers);
    free(w);
}

/* As if a caller's own auth.signIn had been answered. */
void log_in_as(struct tg_account *a, const char *user)
{
    json_t *j = json_pack("{s:s, s:{s:s, s:s}}", "_", "auth.authorization", "user", "_", "user", "id", user);
    struct buf bytes;

    buf_init(&bytes, 4096);
    ck_assert_int_eq(tl_encode_object(shipped_layer(229), j, TL_ENCODE_STRICT, &bytes, NULL), 0);
    tg_login_follow(a, tl_find_method(shipped_layer(229), "auth.signIn"), bytes.data, bytes.len);
    buf_fini(&bytes);
    json_decref(j);
}

struct store *small_store(const char *database)
{
    struct fault fault = {0};
    struct store *store = NULL;
    char key[PATH_MAX + 8];

    snprintf(key, sizeof(key), "%s.key", database);
    int err = store_open(&(struct store_config){.path = database,
                                                .key_path = key,
                                                .environment = "sandbox",
                                                .fingerprint = (const uint8_t *)"k",
                                                .fingerprint_len = 1,
                                                .events_keep = 20,
                                                .events_keep_bytes = 1 << 20,
                                                .clock = &clock_system,
                                                .random = &random_system},
                         &store, &fault);
    ck_assert_msg(err == 0, "%s", fault.text);
    return store;
}

struct tg_account *account_in(struct worker *w, const char *name, enum tg_account_state state)
{
    struct tg_account *a = NULL;

    ck_assert_int_eq(tg_account_new(&w->env, name, &a), 0);
    ck_assert_int_eq(worker_adopt(w, a), 0);
    if (state == TG_ACCOUNT_READY)
        log_in_as(a, "1001");
    else if (state == TG_ACCOUNT_LOGGED_OUT)
        tg_login_follow(a, tl_find_method(shipped_layer(229), "auth.logOut"), NULL, 0);
    ck_assert_int_eq(tg_account_state(a), state);
    return a;
}

struct job *job_with(enum job_method method, const char *where, const char *member, const char *value)
{
    struct job *job = job_new(method, NULL, NULL, NULL);

    json_t *object = strcmp(where, "query") == 0 ? job->query : strcmp(where, "path") == 0 ? job->path : job->body;
    if (where[0])
        json_object_set_new(object, member, json_string(value));
    return job;
}

void bind_job(struct job *job, const char *accounts)
{
    char text[256];

    snprintf(text, sizeof(text), "%s", accounts);
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    job->accounts = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(job->accounts);
}

json_t *problem_json(const struct problem *p)
{
    static json_t *last;
    struct buf text;

    buf_init(&text, 1 << 20);
    ck_assert_int_eq(problem_text(p, "req", &text), 0);
    json_decref(last);
    last = json_loadb((const char *)text.data, text.len, 0, NULL);
    buf_fini(&text);
    ck_assert_ptr_nonnull(last);
    return last;
}
