/* Known secrets are looked for where none may be: in the files, and in the process's memory. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

static struct bed_heard h;

static void set_up(void)
{
    bed_set_up();
    bed_open();
    memset(&h, 0, sizeof(h));
}

static int wait_for(int accepted)
{
    ck_assert_int_eq(accepted, 0);
    bed_await(&h, h.n + 1);
    return h.err;
}

static const char phone[] = "491709876543", call_link[] = "https://t.me/call/ABCdef012";
static uint8_t key[256];

/* Whether BYTES are somewhere in DATA, as they are, as text of hex or base64 at any alignment. */
static void expect_none(const char *what, const uint8_t *data, size_t n, const void *bytes, size_t len)
{
    char text[1024], upper[1024];

    ck_assert_msg(memmem(data, n, bytes, len) == NULL, "%s has a secret", what);
    hex_encode(bytes, len, text);
    for (size_t i = 0; text[i]; i++)
        upper[i] = text[i] >= 'a' ? (char)(text[i] - 32) : text[i];
    ck_assert_msg(memmem(data, n, text, 2 * len) == NULL, "%s has a secret in hex", what);
    ck_assert_msg(memmem(data, n, upper, 2 * len) == NULL, "%s has a secret in hex", what);
    for (size_t skip = 0; skip < 3 && skip + 3 < len; skip++) {
        size_t cut = (len - skip) / 3 * 3;
        digest_base64url((const uint8_t *)bytes + skip, cut, text);
        ck_assert_msg(memmem(data, n, text, cut / 3 * 4) == NULL, "%s has a secret in base64url", what);
        for (size_t i = 0; text[i]; i++)
            text[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
        ck_assert_msg(memmem(data, n, text, cut / 3 * 4) == NULL, "%s has a secret in base64", what);
    }
}

static void search_files(uint64_t salt)
{
    static const char *const names[] = {"store.db", "store.db-wal", "copy.db"};
    bool finds = false;

    for (size_t i = 0; i < 3; i++) {
        size_t len;
        if (access(bed_path(names[i]), F_OK) != 0)
            continue;
        uint8_t *data = (uint8_t *)unit_read_file(bed_path(names[i]), &len);
        finds |= memmem(data, len, "CREATE TABLE accounts", 21) != NULL;
        for (size_t at = 0; at < sizeof(key); at += 16)
            expect_none(names[i], data, len, key + at, 16);
        expect_none(names[i], data, len, phone, sizeof(phone) - 1);
        expect_none(names[i], data, len, "Anna Karenina", 13);
        expect_none(names[i], data, len, call_link, sizeof(call_link) - 1);
        expect_none(names[i], data, len, &salt, sizeof(salt));
        free(data);
    }
    ck_assert(finds);
}

START_TEST(no_secret_is_in_any_file)
{
    struct store_account a = bed_account("anna");
    struct store_peer p = {"anna", PEER_USER, 1, 2, true, true, 0, phone};
    struct store_call c = {.account = "anna", .id = 5, .conference = true, .invite_link = call_link};
    struct store_flood f = {.method = "auth.sendCode", .phone = phone, .family = "FLOOD_WAIT_X"};
    struct store_key k = bed_key("anna", 2, 0);

    random_fill(&random_system, key, sizeof(key));
    random_fill(&random_system, &k.salt, sizeof(k.salt));
    memcpy(k.key, key, sizeof(key));
    a.user_json = "{\"first_name\": \"Anna Karenina\", \"phone\": \"491709876543\"}";
    ck_assert_int_eq(wait_for(store_put_account(bed_desk, &a, bed_done, &h)), 0);
    ck_assert_int_eq(wait_for(store_put_key(bed_desk, &k, bed_done, &h)), 0);
    ck_assert_int_eq(wait_for(store_put_salt(bed_desk, "anna", 2, k.salt, bed_done, &h)), 0);
    ck_assert_int_eq(wait_for(store_put_peers(bed_desk, &p, 1, bed_done, &h)), 0);
    ck_assert_int_eq(wait_for(store_put_calls(bed_desk, &c, 1, bed_done, &h)), 0);
    ck_assert_int_eq(wait_for(store_put_floods(bed_desk, "anna", &f, 1, bed_done, &h)), 0);
    ck_assert_int_eq(wait_for(store_rotate(bed_desk, bed_done, &h)), 0);
    ck_assert_int_eq(wait_for(store_backup(bed_desk, bed_path("copy.db"), bed_done, &h)), 0);
    /* All transactions are in the log beside the database, and then in the database alone. */
    ck_assert_int_eq(access(bed_path("store.db-wal"), F_OK), 0);
    search_files(k.salt);
    bed_close();
    ck_assert_int_ne(access(bed_path("store.db-wal"), F_OK), 0);
    search_files(k.salt);
}
END_TEST

/* --- memory --- */

/* The key's bytes, each turned over, so that the search does not find itself. */
static uint8_t turned[256];

static bool has_piece(const uint8_t *p, const uint8_t *piece)
{
    for (int i = 0; i < 16; i++)
        if ((p[i] ^ piece[i]) != 0xff)
            return false;
    return true;
}

/* How often 16 bytes of the key stand in LEN bytes at P. Most bytes begin none: they are passed over at once. */
static size_t count_pieces(const uint8_t *p, size_t len)
{
    bool begins[256] = {false};
    size_t n = 0;

    for (size_t at = 0; at < sizeof(turned); at += 16)
        begins[turned[at] ^ 0xff] = true;
    for (size_t i = 0; i + 16 <= len; i++)
        for (size_t at = 0; begins[p[i]] && at < sizeof(turned); at += 16)
            n += has_piece(p + i, turned + at);
    return n;
}

/* From FROM to TO, as the kernel sees it: sanitizers keep some of it from their own process. */
static size_t search_range(int memory, unsigned long from, unsigned long to)
{
    static uint8_t window[64 << 10];
    size_t found = 0;

    for (unsigned long at = from; at < to; at += sizeof(window) - 15) {
        size_t n = to - at < sizeof(window) ? to - at : sizeof(window);
        ssize_t got = pread(memory, window, n, (off_t)at);
        found += got > 0 ? count_pieces(window, (size_t)got) : 0;
    }
    explicit_bzero(window, sizeof(window));
    return found;
}

/* In all that the process may write, but for the test's own stack, and the sanitizers' maps of all memory. */
static size_t search_memory(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    char line[512];
    size_t found = 0;

    ck_assert(maps && memory >= 0);
    while (fgets(line, sizeof(line), maps)) {
        unsigned long from, to;
        char mode[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && strncmp(mode, "rw", 2) == 0 &&
            !strstr(line, "[stack]") && to - from < 1UL << 28)
            found += search_range(memory, from, to);
    }
    fclose(maps);
    close(memory);
    return found;
}

static void put_secret_key(void)
{
    struct store_key *k = malloc(sizeof(*k));

    ck_assert_ptr_nonnull(k);
    *k = (struct store_key){.account = "anna", .dc = 2};
    for (size_t i = 0; i < sizeof(turned); i++)
        k->key[i] = turned[i] ^ 0xff;
    ck_assert_uint_gt(search_memory(), 15);
    ck_assert_int_eq(wait_for(store_put_key(bed_desk, k, bed_done, &h)), 0);
    explicit_bzero(k, sizeof(*k));
    free(k);
}

static void see_key(void *ctx, int err, const char *why, const struct store_loaded_account *list, size_t n)
{
    ck_assert(err == 0 && n == 21 && list[0].keys_n == 1);
    ck_assert_uint_eq(list[0].keys[0].key[0], turned[0] ^ 0xff);
    bed_done(ctx, err, why);
}

/* Enough other keys that arrays grow. */
START_TEST(no_key_stays_in_memory)
{
    random_fill(&random_system, turned, sizeof(turned));
    bed_put_account("anna");
    put_secret_key();
    ck_assert_uint_eq(search_memory(), 0);
    for (int i = 0; i < 20; i++) {
        char name[24];
        snprintf(name, sizeof(name), "other%d", i);
        bed_put_account(name);
        bed_put_key(name, 2, 1);
    }
    ck_assert_int_eq(wait_for(store_load_accounts(bed_desk, see_key, &h)), 0);
    ck_assert_uint_eq(search_memory(), 0);
    ck_assert_int_eq(wait_for(store_rotate(bed_desk, bed_done, &h)), 0);
    ck_assert_uint_eq(search_memory(), 0);
}
END_TEST

static void put_user(const char *name, char *json)
{
    struct store_account a = bed_account(name);

    a.user_json = json;
    ck_assert_int_eq(wait_for(store_put_account(bed_desk, &a, bed_done, &h)), 0);
}

/* Each is longer than the one before, so that what holds one of them grows. */
START_TEST(no_user_stays_in_memory)
{
    static char wide[4000];
    char json[sizeof(turned) + 1];

    for (size_t i = 0; i < sizeof(turned); i++)
        json[i] = (char)('a' + random_below(&random_system, 26));
    for (size_t i = 0; i < sizeof(turned); i++)
        turned[i] = (uint8_t)json[i] ^ 0xff;
    json[sizeof(turned)] = '\0';
    put_user("anna", json);
    explicit_bzero(json, sizeof(json));
    memset(wide, 'w', sizeof(wide) - 1);
    put_user("berta", wide);
    ck_assert_uint_eq(search_memory(), 0);
    ck_assert_int_eq(wait_for(store_rotate(bed_desk, bed_done, &h)), 0);
    ck_assert_uint_eq(search_memory(), 0);
}
END_TEST

Suite *suite_secrets(void)
{
    Suite *s = suite_create("secrets");
    TCase *t = tcase_create("secrets");

    tcase_set_timeout(t, 30);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, bed_tear_down);
    tcase_add_test(t, no_secret_is_in_any_file);
    tcase_add_test(t, no_key_stays_in_memory);
    tcase_add_test(t, no_user_stays_in_memory);
    suite_add_tcase(s, t);
    return s;
}
