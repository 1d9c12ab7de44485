/* store_rows: whatever somebody wrote into the database, it opens or says why not, all loads come to an end, and no key
 * is read that was not sealed for its row. Input: edits, each a column's number, a length, and the value. */
#include <dirent.h>
#include <fcntl.h>
#include <semaphore.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/base/random.h"
#include "daemon/base/limits.h"
#include "daemon/store/account_rows.h"
#include "daemon/store/audit_rows.h"
#include "daemon/store/call_rows.h"
#include "daemon/store/event_rows.h"
#include "daemon/store/event_squeeze.h"
#include "daemon/store/flood_rows.h"
#include "daemon/store/peer_rows.h"
#include "tests/fuzz/fuzz.h"

enum { EDITS_MAX = 16, IMAGE_MAX = 256 << 10 };

enum value { BLOB, TEXT, NUMBER };

static const struct edit {
    const char *sql;
    enum value value;
} edits[] = {
    {"UPDATE keys SET key_sealed = ?1 WHERE dc = 2", BLOB},
    {"UPDATE keys SET salt_sealed = ?1 WHERE dc = 2", BLOB},
    {"UPDATE OR IGNORE keys SET dc = ?1 WHERE dc = 4", NUMBER},
    {"UPDATE keys SET key_sealed = (SELECT key_sealed FROM keys WHERE dc = ?1) WHERE dc = 2 AND EXISTS"
     " (SELECT 1 FROM keys WHERE dc = ?1)",
     NUMBER},
    {"UPDATE accounts SET user_sealed = ?1", BLOB},
    {"UPDATE OR IGNORE accounts SET name = ?1", TEXT},
    {"UPDATE accounts SET state = ?1, reason = ?1", TEXT},
    {"UPDATE accounts SET home_dc = ?1, self_id = ?1, layer = ?1", NUMBER},
    {"UPDATE OR IGNORE peers SET kind = ?1", NUMBER},
    {"UPDATE peers SET phone_sealed = ?1", BLOB},
    {"UPDATE peers SET access_hash = ?1, put_us = ?1", NUMBER},
    {"UPDATE calls SET title = ?1", BLOB},
    {"UPDATE calls SET peer_kind = ?1, state = ?1, version = ?1", NUMBER},
    {"UPDATE floods SET phone_sealed = ?1", BLOB},
    {"UPDATE floods SET peer_kind = ?1, code = ?1", NUMBER},
    {"UPDATE floods SET method = ?1, family = ?1", TEXT},
    {"UPDATE meta SET value = ?1 WHERE name = 'seal'", BLOB},
    {"UPDATE meta SET value = ?1 WHERE name = 'environment'", BLOB},
    {"UPDATE meta SET value = ?1 WHERE name = 'fingerprint'", BLOB},
    {"UPDATE meta SET value = ?1 WHERE name = 'next_account'", BLOB},
    {"UPDATE calls SET link_sealed = ?1", BLOB},
    {"UPDATE calls SET conference = ?1", NUMBER},
    {"UPDATE event_pages SET page_sealed = ?1 WHERE id = 1", BLOB},
    {"UPDATE OR IGNORE event_pages SET id = ?1 WHERE id = 1", NUMBER},
    {"UPDATE event_pages SET last = ?1, n = ?1", NUMBER},
    {"UPDATE event_pages SET account = ?1", TEXT},
    {"UPDATE meta SET value = ?1 WHERE name = 'events'", BLOB},
    {"UPDATE audit_pages SET page_sealed = ?1 WHERE id = 1", BLOB},
    {"UPDATE OR IGNORE audit_pages SET id = ?1 WHERE id = 1", NUMBER},
    {"UPDATE audit_pages SET n = ?1", NUMBER},
    {"UPDATE meta SET value = ?1 WHERE name IN ('audit', 'audit_strangers')", BLOB},
};

static char folder[64], path[96], key_path[96];
static uint8_t image[IMAGE_MAX];
static size_t image_len;
static sem_t woken;
static unsigned heard;
static uint32_t seed = 1;
static const struct random_source source = {fuzz_fill, &seed};

static void wake(void *ctx)
{
    sem_post(&woken);
}

static struct store *open_store(struct fault *fault)
{
    struct store_config c = {.path = path,
                             .key_path = key_path,
                             .environment = "sandbox",
                             .fingerprint = (const uint8_t *)"keys",
                             .fingerprint_len = 4,
                             .clock = &clock_system,
                             .random = &source};
    struct store *s;

    fault_clear(fault);
    int err = store_open(&c, &s, fault);
    FUZZ_CHECK(err == 0 || (fault->err == err && fault->text[0]));
    return err ? NULL : s;
}

static void run_desk(struct store_desk *d, unsigned n)
{
    while (heard < n) {
        sem_wait(&woken);
        store_desk_run(d);
    }
}

static void on_done(void *ctx, int err, const char *why)
{
    FUZZ_CHECK(err == 0 || why);
    heard++;
}

/* What is lent is there for as long as the process. */
static void release_nothing(void *held)
{
    (void)held;
}

static const char alike[] =
    "{\"a\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}";

static int put_audit(struct store_desk *d)
{
    const struct store_audit_page pages[] = {
        {.n = 3, .data = (const uint8_t *)alike, .len = sizeof(alike) - 1},
        {.n = 1, .data = (const uint8_t *)alike, .len = sizeof(alike) - 1, .of_strangers = true},
    };

    return store_put_audit(d, pages, 2, on_done, NULL);
}

/* Each key is full of its data centre's number. */
static void fill(struct store_desk *d)
{
    const struct store_account a = {
        .name = "anna", .state = "ready", .home_dc = 2, .user_json = "{}", .login_json = "{}", .proxy = "none"};
    const struct store_peer p = {"anna", PEER_USER, 1, 2, true, false, 0, "491701234567"};
    const struct store_call c = {.account = "anna", .id = 1, .title = "title", .title_len = 5, .invite_link = "a link"};
    const struct store_flood f = {.method = "auth.sendCode", .phone = "491701234567", .family = "FLOOD_WAIT_X"};

    const struct store_event e[] = {
        {.id = 1, .account = "anna", .type = "call", .data = alike, .len = sizeof(alike) - 1},
        {.id = 2, .account = "", .type = "gap", .data = "{}", .len = 2},
    };
    const struct store_loan loan = {.release = release_nothing};

    heard = 0;
    FUZZ_CHECK(store_put_account(d, &a, on_done, NULL) == 0);
    for (int32_t dc = 2; dc <= 4; dc += 2) {
        struct store_key k = {.account = "anna", .dc = dc};
        memset(k.key, dc, sizeof(k.key));
        FUZZ_CHECK(store_put_key(d, &k, on_done, NULL) == 0);
    }
    FUZZ_CHECK(store_put_peers(d, &p, 1, on_done, NULL) == 0);
    FUZZ_CHECK(store_put_calls(d, &c, 1, on_done, NULL) == 0);
    FUZZ_CHECK(store_put_floods(d, "anna", &f, 1, on_done, NULL) == 0);
    for (size_t i = 0; i < 2; i++)
        FUZZ_CHECK(store_lend_events(d, &e[i], 1, &loan, on_done, NULL) == 0);
    FUZZ_CHECK(put_audit(d) == 0);
    run_desk(d, 9);
}

static void remove_folder(void)
{
    unlink(path);
    unlink(key_path);
    rmdir(folder);
}

/* Once a process: a database to be edited, kept in memory. */
static void make_image(void)
{
    struct store_desk *d;
    struct fault fault;

    if (image_len)
        return;
    snprintf(folder, sizeof(folder), "%s/tgcalld-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    FUZZ_CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/db", folder);
    snprintf(key_path, sizeof(key_path), "%s/key", folder);
    atexit(remove_folder);
    sem_init(&woken, 0, 0);
    struct store *s = open_store(&fault);
    FUZZ_CHECK(s && store_desk_new(s, wake, NULL, &d) == 0);
    fill(d);
    store_desk_free(d);
    FUZZ_CHECK(store_close(s, NULL) == 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, image, sizeof(image));
    FUZZ_CHECK(n > 0 && (size_t)n < sizeof(image));
    image_len = (size_t)n;
    close(fd);
}

static void edit(sqlite3 *db, const struct edit *e, const uint8_t *value, size_t len)
{
    sqlite3_stmt *st;
    int64_t number = 0;

    FUZZ_CHECK(sqlite3_prepare_v2(db, e->sql, -1, &st, NULL) == SQLITE_OK);
    memcpy(&number, value, len < sizeof(number) ? len : sizeof(number));
    if (e->value == BLOB)
        sqlite3_bind_blob(st, 1, value, (int)len, SQLITE_STATIC);
    else if (e->value == TEXT)
        sqlite3_bind_text(st, 1, (const char *)value, (int)len, SQLITE_STATIC);
    else
        sqlite3_bind_int64(st, 1, number);
    sqlite3_step(st);
    sqlite3_finalize(st);
}

static void edit_all(struct feed *f)
{
    sqlite3 *db;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    FUZZ_CHECK(fd >= 0 && write(fd, image, image_len) == (ssize_t)image_len);
    close(fd);
    FUZZ_CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    for (int i = 0; i < EDITS_MAX && feed_left(f); i++) {
        const struct edit *e = &edits[feed_u8(f) % (sizeof(edits) / sizeof(edits[0]))];
        size_t n;
        const uint8_t *value = feed_take(f, feed_u16(f), &n);
        edit(db, e, n ? value : (const uint8_t *)"\0\0\0\0\0\0\0", n);
    }
    sqlite3_close(db);
}

static void see_accounts(void *ctx, int err, const char *why, const struct store_loaded_account *list, size_t n)
{
    FUZZ_CHECK(err == 0 && n == 1);
    for (size_t i = 0; i < list[0].keys_n; i++) {
        const struct store_key *k = &list[0].keys[i];
        FUZZ_CHECK((k->dc == 2 || k->dc == 4) && k->key[0] == k->dc && k->key[255] == k->dc && k->salt == 0);
    }
    FUZZ_CHECK(list[0].keys_n == 2 || list[0].damage);
    heard++;
}

static void see_peers(void *ctx, int err, const char *why, const struct store_peer *list, size_t n, size_t damaged)
{
    FUZZ_CHECK(err == 0 && n <= 1);
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(!list[i].phone || strcmp(list[i].phone, "491701234567") == 0);
    heard++;
}

/* A call whose link alone is damaged is there without it. */
static void see_calls(void *ctx, int err, const char *why, const struct store_call *list, size_t n, size_t damaged)
{
    FUZZ_CHECK(err == 0 && n <= 1 && damaged <= 1 && (!n || !damaged || !list[0].invite_link));
    heard++;
}

static void see_floods(void *ctx, int err, const char *why, const struct store_flood *list, size_t n, size_t damaged)
{
    FUZZ_CHECK(err == 0 && n + damaged <= 1);
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(!list[i].phone || strcmp(list[i].phone, "491701234567") == 0);
    heard++;
}

static void see_events(void *ctx, int err, const char *why, const struct store_event *list, size_t n, size_t damaged,
                       int64_t dropped)
{
    FUZZ_CHECK(err == 0 || (err == TGC_EDAMAGED && why));
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(!list[i].type || (list[i].id == 1 && strcmp(list[i].data, alike) == 0) ||
                   (list[i].id == 2 && strcmp(list[i].data, "{}") == 0));
    heard++;
}

static void see_audit(void *ctx, int err, const char *why, const struct store_audit_page *list, size_t n,
                      size_t damaged, int64_t oldest)
{
    FUZZ_CHECK(err == 0 && n + damaged <= 4 && oldest == 0);
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(list[i].id > 0 && list[i].len == sizeof(alike) - 1 && memcmp(list[i].data, alike, list[i].len) == 0);
    heard++;
}

static void on_dropped(void *ctx, int err, const char *why)
{
    FUZZ_CHECK(err == 0 || (err == TGC_EDAMAGED && why));
    heard++;
}

/* As if the input were what a page's seal had in it. */
static void open_page(const uint8_t *data, size_t len)
{
    struct buf page, unpacked, again, squeezed;
    struct event_pack p;
    struct event_packed e;
    bool more = true;

    buf_init(&page, LIMIT_STORE_VALUE);
    buf_init(&unpacked, LIMIT_STORE_VALUE);
    buf_init(&again, LIMIT_STORE_VALUE);
    buf_init(&squeezed, LIMIT_STORE_VALUE);
    buf_put(&page, data, len);
    int err = event_unsqueeze(&page, &unpacked, &p);
    FUZZ_CHECK(err == 0 || err == TGC_EDAMAGED);
    while (!err && more) {
        err = event_pack_next(&p, &e, &more);
        FUZZ_CHECK(err == 0 || err == TGC_EDAMAGED);
        if (!err && more && e.id > 0)
            buf_put(&again, e.bytes, e.bytes_len);
    }
    FUZZ_CHECK(event_unsqueeze(event_squeeze(&again, &squeezed), &unpacked, &p) == 0);
    FUZZ_CHECK((size_t)(p.end - p.at) == again.len && (!again.len || memcmp(p.at, again.data, again.len) == 0));
    buf_fini(&page);
    buf_fini(&unpacked);
    buf_fini(&again);
    buf_fini(&squeezed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct store_account carla = {.name = "carla", .state = "ready"};
    struct feed f = {data, data + len};
    struct store_desk *d;
    struct fault fault;

    fuzz_begin();
    open_page(data, len);
    make_image();
    edit_all(&f);
    struct store *s = open_store(&fault);
    if (!s)
        return 0;
    FUZZ_CHECK(store_desk_new(s, wake, NULL, &d) == 0);
    heard = 0;
    FUZZ_CHECK(store_load_accounts(d, see_accounts, NULL) == 0);
    FUZZ_CHECK(store_load_peers(d, "anna", see_peers, NULL) == 0);
    FUZZ_CHECK(store_load_calls(d, "anna", see_calls, NULL) == 0);
    FUZZ_CHECK(store_load_floods(d, "anna", see_floods, NULL) == 0);
    FUZZ_CHECK(store_put_account(d, &carla, on_done, NULL) == 0);
    FUZZ_CHECK(store_load_events(d, 0, 100, see_events, NULL) == 0);
    FUZZ_CHECK(store_drop_events(d, "anna", 2, on_dropped, NULL) == 0);
    FUZZ_CHECK(store_load_audit(d, INT64_MAX, see_audit, NULL) == 0);
    FUZZ_CHECK(put_audit(d) == 0);
    FUZZ_CHECK(store_load_audit(d, INT64_MAX, see_audit, NULL) == 0);
    run_desk(d, 10);
    store_desk_free(d);
    FUZZ_CHECK(store_close(s, NULL) == 0);
    return 0;
}
