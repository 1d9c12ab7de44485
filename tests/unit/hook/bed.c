#include "tests/unit/hook/bed.h"

#include <inttypes.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/buf.h"
#include "daemon/hook/disk.h"
#include "daemon/store/event_rows.h"
#include "tests/support/temp.h"

struct store *bed_store;
struct hooks *bed_hooks;
struct hooks_config bed_config;
int64_t bed_keep;

enum { EVENTS_MAX = 4096 };

/* The log: ids are from 1, and stand one after the other. */
static struct happened {
    char account[32], type[32], data[64];
} events[EVENTS_MAX];
static uint64_t newest_id, pushed_out;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static enum hook_found next(void *ctx, uint64_t after, struct hook_event *ret)
{
    enum hook_found found;

    pthread_mutex_lock(&lock);
    if (after >= newest_id) {
        found = HOOK_FOUND_NONE;
    } else if (after < pushed_out) {
        found = HOOK_FOUND_OLDER;
    } else {
        const struct happened *e = &events[after];
        *ret = (struct hook_event){after + 1, e->account, e->type, 1790000000, e->data, strlen(e->data), false, NULL};
        found = HOOK_FOUND_NEXT;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static void drop(void *ctx, struct hook_event *event)
{
}

static uint64_t newest(void *ctx)
{
    pthread_mutex_lock(&lock);
    uint64_t id = newest_id;
    pthread_mutex_unlock(&lock);
    return id;
}

static uint64_t oldest_here(void *ctx)
{
    pthread_mutex_lock(&lock);
    uint64_t id = pushed_out + 1;
    pthread_mutex_unlock(&lock);
    return id;
}

static void skipped(void *ctx, uint64_t *ret_after, uint64_t *ret_end)
{
    *ret_after = 0;
    *ret_end = 0;
}

static bool hole(void *ctx, uint64_t *ret_after, uint64_t *ret_end)
{
    return false;
}

static size_t gap(char out[static HOOK_GAP_MAX], uint64_t after, uint64_t id, int64_t received_at)
{
    return (size_t)snprintf(out, HOOK_GAP_MAX, "{\"after\":%" PRIu64 ",\"resumes_after\":%" PRIu64 "}", after, id);
}

static void put_event(uint64_t id)
{
    struct happened *e = &events[id - 1];
    struct store_event row = {.id = (int64_t)id,
                              .account = e->account,
                              .type = e->type,
                              .received_at = 1790000000,
                              .data = e->data,
                              .len = strlen(e->data)};
    struct hook_disk disk;
    struct fault fault;
    static void (*const nothing)(void *held) = (void (*)(void *))free;
    const struct store_loan loan = {.release = nothing};

    ck_assert_int_eq(hook_disk_open(bed_store, &disk, &fault), 0);
    int err = hook_disk_await(&disk, store_lend_events(disk.desk, &row, 1, &loan, hook_disk_done, &disk), &fault);
    ck_assert_msg(err == 0, "%s", fault.text);
    hook_disk_close(&disk);
}

uint64_t bed_happen(const char *account, const char *type)
{
    pthread_mutex_lock(&lock);
    uint64_t id = newest_id + 1;
    ck_assert_uint_le(id, EVENTS_MAX);
    struct happened *e = &events[id - 1];
    snprintf(e->account, sizeof(e->account), "%s", account);
    snprintf(e->type, sizeof(e->type), "%s", type);
    snprintf(e->data, sizeof(e->data), "{\"n\":%" PRIu64 "}", id);
    pthread_mutex_unlock(&lock);
    put_event(id);
    pthread_mutex_lock(&lock);
    newest_id = id;
    pthread_mutex_unlock(&lock);
    if (bed_hooks)
        hooks_wake(bed_hooks);
    return id;
}

void bed_push_out(uint64_t up_to)
{
    pthread_mutex_lock(&lock);
    pushed_out = up_to;
    pthread_mutex_unlock(&lock);
}

void bed_open_store(void)
{
    static const uint8_t fingerprint[8] = "keys one";
    char path[4400], key[4400];
    struct fault fault;

    snprintf(path, sizeof(path), "%s", temp_path("store.db"));
    snprintf(key, sizeof(key), "%s", temp_path("seal.key"));
    const struct store_config config = {.path = path,
                                        .key_path = key,
                                        .environment = "sandbox",
                                        .fingerprint = fingerprint,
                                        .fingerprint_len = sizeof(fingerprint),
                                        .events_keep = bed_keep,
                                        .events_keep_bytes = 64 << 20,
                                        .clock = &clock_system,
                                        .random = &random_system};
    int err = store_open(&config, &bed_store, &fault);
    ck_assert_msg(err == 0, "%s", fault.text);
    bed_config.store = bed_store;
}

void bed_close_store(void)
{
    struct fault fault = {0};

    ck_assert_msg(store_close(bed_store, &fault) == 0, "%s", fault.text);
    bed_store = NULL;
}

void bed_sql(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;

    ck_assert_int_eq(sqlite3_open(temp_path("store.db"), &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
    sqlite3_close(db);
}

void bed_open(void)
{
    struct fault fault = {0};

    ck_assert_msg(hooks_open(&bed_config, &bed_hooks, &fault) == 0, "%s", fault.text);
}

void bed_close(void)
{
    if (bed_hooks) {
        hooks_stop(bed_hooks);
        hooks_free(bed_hooks);
    }
    bed_hooks = NULL;
}

void bed_set_up_store(void)
{
    unlink(temp_path("store.db"));
    unlink(temp_path("store.db-wal"));
    unlink(temp_path("store.db-shm"));
    bed_keep = 100000;
    newest_id = pushed_out = 0;
    bed_config = (struct hooks_config){.clock = &clock_system,
                                       .random = &random_system,
                                       .source = {.next = next,
                                                  .drop = drop,
                                                  .newest = newest,
                                                  .oldest_here = oldest_here,
                                                  .skipped = skipped,
                                                  .hole = hole,
                                                  .gap = gap},
                                       .parallel = 16,
                                       .slow_ms = 600 * 1000, /* nobody is, however busy the machine */
                                       .user_agent = "tgcalld/test"};
}

void bed_set_up(void)
{
    bed_set_up_store();
    bed_open_store();
    bed_open();
}

void bed_tear_down(void)
{
    bed_close();
    if (bed_store)
        bed_close_store();
}

static void list_one(void *ctx, const struct hook_view *v)
{
    struct buf *b = ctx;

    buf_printf(b, "%s%s %s [", b->len ? " | " : "", v->name, v->url);
    for (size_t i = 0; i < v->types_n; i++)
        buf_printf(b, "%s%s", i ? " " : "", v->types[i]);
    buf_printf(b, "] %s %s %s pending %d", v->account[0] ? v->account : "-", hook_state_name(v->state),
               v->reason ? v->reason : "-", (int)v->pending);
}

char *bed_list(void)
{
    struct buf b;
    size_t len;

    buf_init(&b, 1 << 20);
    hooks_each(bed_hooks, NULL, list_one, &b);
    buf_put_byte(&b, 0);
    return (char *)buf_take(&b, &len);
}
