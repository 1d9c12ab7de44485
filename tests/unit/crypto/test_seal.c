#include <string.h>

#include "daemon/base/random.h"
#include "daemon/crypto/seal.h"
#include "tests/support/unit.h"
#include "tests/unit/crypto/suites.h"

static const struct seal_place place = {"keys", "key", "7/2"};
static const char secret[] = "a key of two hundred and fifty-six bytes, in short";

static struct random_seeded seeded;
static struct random_source source;
static struct seal_key *key;
static uint8_t sealed[sizeof(secret) + SEAL_OVERHEAD];

static void set_up(void)
{
    random_seeded_init(&seeded, 1);
    source = random_seeded_source(&seeded);
    ck_assert_int_eq(seal_key_make(&source, &key), 0);
    ck_assert_int_eq(seal(key, &source, &place, secret, sizeof(secret), sealed), 0);
}

static void tear_down(void)
{
    seal_key_free(key);
}

static int open_at(const struct seal_key *with, const char *table, const char *column, const char *row)
{
    struct seal_place at = {table, column, row};
    uint8_t out[sizeof(secret)];
    int err = seal_open(with, &at, sealed, sizeof(sealed), out);

    if (!err)
        ck_assert_mem_eq(out, secret, sizeof(secret));
    else
        for (size_t i = 0; i < sizeof(out) && err == TGC_ECRYPTO; i++)
            ck_assert_uint_eq(out[i], 0);
    return err;
}

START_TEST(what_is_sealed_opens_in_its_place_alone)
{
    ck_assert_int_eq(open_at(key, "keys", "key", "7/2"), 0);
    ck_assert_int_eq(open_at(key, "accounts", "key", "7/2"), TGC_ECRYPTO);
    ck_assert_int_eq(open_at(key, "keys", "salt", "7/2"), TGC_ECRYPTO);
    ck_assert_int_eq(open_at(key, "keys", "key", "8/2"), TGC_ECRYPTO);
    /* The same letters, cut elsewhere. */
    ck_assert_int_eq(open_at(key, "keysk", "ey", "7/2"), TGC_ECRYPTO);
}
END_TEST

START_TEST(every_bit_that_changes_is_noticed)
{
    for (size_t i = 0; i < sizeof(sealed) * 8; i++) {
        sealed[i / 8] ^= (uint8_t)(1 << i % 8);
        ck_assert_int_ne(open_at(key, "keys", "key", "7/2"), 0);
        sealed[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t len = 0; len < sizeof(sealed); len++) {
        uint8_t out[sizeof(secret)];
        ck_assert_int_ne(seal_open(key, &place, sealed, len, out), 0);
    }
    ck_assert_int_eq(open_at(key, "keys", "key", "7/2"), 0);
}
END_TEST

START_TEST(another_key_is_told_from_a_change)
{
    struct seal_key *other;

    ck_assert_int_eq(seal_key_make(&source, &other), 0);
    ck_assert(seal_is_of(key, sealed, sizeof(sealed)));
    ck_assert(!seal_is_of(other, sealed, sizeof(sealed)));
    ck_assert_int_eq(open_at(other, "keys", "key", "7/2"), TGC_EWRONGKEY);
    seal_key_free(other);
    sealed[0]++;
    ck_assert_int_eq(open_at(key, "keys", "key", "7/2"), TGC_EDAMAGED);
}
END_TEST

START_TEST(the_same_twice_looks_different)
{
    uint8_t again[sizeof(sealed)];

    ck_assert_int_eq(seal(key, &source, &place, secret, sizeof(secret), again), 0);
    ck_assert_mem_ne(again + 1 + SEAL_ID_SIZE, sealed + 1 + SEAL_ID_SIZE, sizeof(sealed) - 1 - SEAL_ID_SIZE);
}
END_TEST

START_TEST(nothing_can_be_sealed_too)
{
    uint8_t empty[SEAL_OVERHEAD], out[1];

    ck_assert_int_eq(seal(key, &source, &place, NULL, 0, empty), 0);
    ck_assert_int_eq(seal_open(key, &place, empty, sizeof(empty), out), 0);
}
END_TEST

START_TEST(a_place_without_end_is_refused)
{
    char row[300];

    memset(row, 'r', sizeof(row) - 1);
    row[sizeof(row) - 1] = '\0';
    ck_assert_int_eq(seal(key, &source, &(struct seal_place){"keys", "key", row}, secret, 1, sealed), TGC_ELIMIT);
}
END_TEST

START_TEST(a_key_as_text_is_the_same_key)
{
    char text[SEAL_KEY_TEXT];
    struct seal_key *again;

    seal_key_text(key, text);
    ck_assert_int_eq(text[sizeof(text) - 1], '\n');
    for (size_t cut = 0; cut <= 1; cut++) {
        ck_assert_int_eq(seal_key_parse(text, sizeof(text) - cut, &again), 0);
        ck_assert_int_eq(open_at(again, "keys", "key", "7/2"), 0);
        seal_key_free(again);
    }
    ck_assert_int_eq(seal_key_parse(text, sizeof(text) - 2, &again), TGC_ESYNTAX);
    ck_assert_int_eq(seal_key_parse(text, 0, &again), TGC_ESYNTAX);
    text[5] = 'g';
    ck_assert_int_eq(seal_key_parse(text, sizeof(text), &again), TGC_ESYNTAX);
}
END_TEST

/* Made in Python from the layout of seal.h: what is sealed today opens in
 * later versions. */
START_TEST(a_value_of_the_first_version_opens)
{
    json_t *v = unit_load_json("crypto/seal.json");
    size_t len, plain_len;
    uint8_t *value = unit_json_hex(v, "sealed", &len), *plain = unit_json_hex(v, "plain", &plain_len), out[64];
    const char *text = unit_json_text(v, "key");
    struct seal_key *old;
    struct seal_place at = {unit_json_text(v, "table"), unit_json_text(v, "column"), unit_json_text(v, "row")};

    ck_assert_int_eq(seal_key_parse(text, strlen(text), &old), 0);
    ck_assert_uint_eq(len, plain_len + SEAL_OVERHEAD);
    ck_assert_uint_le(plain_len, sizeof(out));
    ck_assert_int_eq(seal_open(old, &at, value, len, out), 0);
    ck_assert_mem_eq(out, plain, plain_len);
    seal_key_free(old);
    free(value);
    free(plain);
    json_decref(v);
}
END_TEST

Suite *suite_seal(void)
{
    Suite *s = suite_create("seal");
    TCase *t = tcase_create("seal");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_is_sealed_opens_in_its_place_alone);
    tcase_add_test(t, every_bit_that_changes_is_noticed);
    tcase_add_test(t, another_key_is_told_from_a_change);
    tcase_add_test(t, the_same_twice_looks_different);
    tcase_add_test(t, nothing_can_be_sealed_too);
    tcase_add_test(t, a_place_without_end_is_refused);
    tcase_add_test(t, a_key_as_text_is_the_same_key);
    tcase_add_test(t, a_value_of_the_first_version_opens);
    suite_add_tcase(s, t);
    return s;
}
