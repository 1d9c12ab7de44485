#include "tests/unit/store/bed.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/buf.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed_server.h"

struct store *bed_store;
struct store_desk *bed_desk;
struct store_config bed_config;

static const uint8_t fingerprint[8] = "keys one";
static char folder[4096];
static int woken = -1;

const char *bed_path(const char *name)
{
    static char paths[4][4400];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

void bed_set_up(void)
{
    static char path[4400], key_path[4400];
    char name[32];

    snprintf(name, sizeof(name), "store-%d", (int)getpid());
    snprintf(folder, sizeof(folder), "%s", temp_path(name));
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    snprintf(path, sizeof(path), "%s", bed_path("store.db"));
    snprintf(key_path, sizeof(key_path), "%s", bed_path("seal.key"));
    bed_config = (struct store_config){.url = bed_has_server() ? bed_server_make() : NULL,
                                       .path = path,
                                       .key_path = key_path,
                                       .environment = "sandbox",
                                       .fingerprint = fingerprint,
                                       .fingerprint_len = sizeof(fingerprint),
                                       .clock = &clock_system,
                                       .random = &random_system};
    woken = eventfd(0, EFD_CLOEXEC);
    ck_assert_int_ge(woken, 0);
}

void bed_tear_down(void)
{
    store_desk_free(bed_desk);
    bed_desk = NULL;
    store_close(bed_store, NULL);
    bed_store = NULL;
    if (bed_config.url)
        bed_server_drop();
    close(woken);
}

void bed_must(bool holds)
{
    if (!holds)
        abort();
}

static void wake(void *ctx)
{
    bed_must(eventfd_write(woken, 1) == 0);
}

void bed_open(void)
{
    struct fault fault;

    fault_clear(&fault);
    int err = store_open(&bed_config, &bed_store, &fault);
    ck_assert_msg(err == 0, "%d: %s", err, fault.text);
    ck_assert_int_eq(store_desk_new(bed_store, wake, NULL, &bed_desk), 0);
}

void bed_close(void)
{
    struct fault fault;

    store_desk_free(bed_desk);
    bed_desk = NULL;
    fault_clear(&fault);
    int err = store_close(bed_store, &fault);
    bed_store = NULL;
    ck_assert_msg(err == 0, "%d: %s", err, fault.text);
}

/* Names, modes and bytes. */
static void read_folder(struct buf *b)
{
    struct dirent **list;
    int n = scandir(folder, &list, NULL, alphasort);

    ck_assert_int_ge(n, 0);
    buf_init(b, 64 << 20);
    for (int i = 0; i < n; i++) {
        struct stat st;
        size_t len;
        const char *path = bed_path(list[i]->d_name);
        ck_assert_int_eq(lstat(path, &st), 0);
        if (S_ISREG(st.st_mode)) {
            char *bytes = unit_read_file(path, &len);
            buf_printf(b, "%s %o %zu\n", list[i]->d_name, st.st_mode, len);
            buf_put(b, bytes, len);
            free(bytes);
        }
        free(list[i]);
    }
    free(list);
    ck_assert_int_eq(buf_err(b), 0);
}

void bed_refused(int err, const char *says)
{
    struct buf before, after;
    struct fault fault;

    read_folder(&before);
    fault_clear(&fault);
    int got = store_open(&bed_config, &bed_store, &fault);
    ck_assert_msg(got == err && fault.err == err, "%d: %s", got, fault.text);
    ck_assert_msg(strstr(fault.text, says) != NULL, "%s", fault.text);
    read_folder(&after);
    ck_assert_uint_eq(before.len, after.len);
    ck_assert(after.len == 0 || memcmp(before.data, after.data, after.len) == 0);
    buf_fini(&before);
    buf_fini(&after);
}

static void release_nothing(void *held)
{
    (void)held;
}

const struct store_loan bed_loan = {.release = release_nothing};

void bed_done(void *ctx, int err, const char *why)
{
    struct bed_heard *h = ctx;

    bed_must((why == NULL) == (err == 0));
    h->n++;
    h->err = err;
    snprintf(h->why, sizeof(h->why), "%s", why ? why : "");
}

void bed_turn(void)
{
    eventfd_t n;

    bed_must(eventfd_read(woken, &n) == 0);
    store_desk_run(bed_desk);
}

/* With two stores the wake of this one's desk may have been taken for the other's. */
void bed_await(struct bed_heard *h, unsigned n)
{
    store_desk_run(bed_desk);
    while (h->n < n)
        bed_turn();
}

struct store_account bed_account(const char *name)
{
    return (struct store_account){.name = name,
                                  .state = "ready",
                                  .home_dc = 2,
                                  .self_id = 777,
                                  .user_id = 777,
                                  .user_json = "{\"phone\":\"491701234567\"}",
                                  .login_json = "{\"tokens\":[\"dG9rZW4=\"]}",
                                  .layer = 229};
}

struct store_key bed_key(const char *account, int32_t dc, uint8_t fill)
{
    struct store_key k = {.account = account, .dc = dc, .salt = UINT64_C(0x0102030405060700) + fill};

    memset(k.key, fill, sizeof(k.key));
    return k;
}

void bed_put_account(const char *name)
{
    struct bed_heard h = {0};
    struct store_account a = bed_account(name);

    ck_assert_int_eq(store_put_account(bed_desk, &a, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
}

void bed_put_key(const char *account, int32_t dc, uint8_t fill)
{
    struct bed_heard h = {0};
    struct store_key k = bed_key(account, dc, fill);

    ck_assert_int_eq(store_put_key(bed_desk, &k, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
}

struct told {
    struct buf text;
    unsigned n;
};

static void tell_accounts(void *ctx, int err, const char *why, const struct store_loaded_account *list, size_t n)
{
    struct told *t = ctx;

    ck_assert_msg(err == 0, "%s", why);
    t->n++;
    for (size_t i = 0; i < n; i++) {
        const struct store_account *a = &list[i].row;
        buf_printf(&t->text, "%s%s %s dc %d user %s login %s%s%s keys", i ? " | " : "", a->name, a->state, a->home_dc,
                   a->user_json ? a->user_json : "none", a->login_json ? a->login_json : "none",
                   a->proxy ? " proxy " : "", a->proxy ? a->proxy : "");
        for (size_t k = 0; k < list[i].keys_n; k++) {
            const struct store_key *key = &list[i].keys[k];
            ck_assert_str_eq(key->account, a->name);
            for (size_t b = 1; b < sizeof(key->key); b++)
                ck_assert_uint_eq(key->key[b], key->key[0]);
            ck_assert_uint_eq(key->salt & 0xff, key->key[0]);
            buf_printf(&t->text, " %d:%02x", key->dc, key->key[0]);
        }
        ck_assert(!list[i].proxy_is_lost || (list[i].damage && !a->proxy));
        if (list[i].proxy_is_lost)
            buf_put_text(&t->text, " proxy lost");
        if (list[i].damage)
            buf_printf(&t->text, " damage: %s", list[i].damage);
    }
}

char *bed_accounts(void)
{
    struct told t = {0};
    size_t len;

    buf_init(&t.text, 1 << 20);
    ck_assert_int_eq(store_load_accounts(bed_desk, tell_accounts, &t), 0);
    while (!t.n)
        bed_turn();
    buf_put_byte(&t.text, 0);
    return (char *)buf_take(&t.text, &len);
}
