/* Random values of every constructor and method of every shipped schema come back as they went. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/tl/gen.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

enum { ROUNDS = 6 };

static const char *const schemas[] = {"layer-138", "layer-229", "mtproto"};

static void check_round_trip(const struct tl_schema *s, const struct tl_comb *comb, json_t *object, struct buf *bytes,
                             struct buf *again)
{
    struct fault fault = {0};

    buf_reset(bytes);
    buf_reset(again);
    int err = comb->is_method ? tl_encode_method(s, comb, object, TL_ENCODE_STRICT, bytes, &fault)
                              : tl_encode_object(s, object, TL_ENCODE_STRICT, bytes, &fault);
    ck_assert_msg(err == 0, "%s%s: %s", comb->name, fault.path, fault.text);
    ck_assert_uint_eq(bytes->len % 4, 0);
    json_t *back = decode_any(s, comb->is_method, bytes->data, bytes->len, comb->name);
    ck_assert_msg(json_equal(back, object), "%s:\n%s\n%s", comb->name, json_dumps(object, 0), json_dumps(back, 0));
    err = comb->is_method ? tl_encode_method(s, comb, back, TL_ENCODE_LENIENT, again, &fault)
                          : tl_encode_object(s, back, TL_ENCODE_LENIENT, again, &fault);
    ck_assert_msg(err == 0, "%s%s: %s", comb->name, fault.path, fault.text);
    ck_assert_uint_eq(again->len, bytes->len);
    ck_assert_mem_eq(again->data, bytes->data, bytes->len);
    json_decref(back);
}

START_TEST(every_constructor_and_method_survives_both_round_trips)
{
    const struct tl_schema *s = shipped(schemas[_i]);
    struct buf bytes, again;
    struct gen g;
    size_t n, values = 0, total = 0;
    const struct tl_comb *combs = tl_schema_combs(s, &n);

    gen_init(&g, s, 20261123 + (uint64_t)_i);
    buf_init(&bytes, 16 << 20);
    buf_init(&again, 16 << 20);
    for (size_t i = 0; i < n; i++) {
        for (int round = 0; round < ROUNDS; round++) {
            json_t *object = gen_object(&g, &combs[i], 1);
            check_round_trip(s, &combs[i], object, &bytes, &again);
            json_decref(object);
            values++;
            total += bytes.len;
        }
    }
    printf("# %s: %zu values, %zu bytes of TL\n", schemas[_i], values, total);
    fflush(stdout);
    buf_fini(&bytes);
    buf_fini(&again);
    gen_fini(&g);
}
END_TEST

START_TEST(every_result_survives_both_round_trips)
{
    const struct tl_schema *s = shipped(schemas[_i]);
    struct buf bytes, text;
    struct gen g;
    size_t n;
    const struct tl_comb *combs = tl_schema_combs(s, &n);

    gen_init(&g, s, 7 + (uint64_t)_i);
    buf_init(&bytes, 16 << 20);
    buf_init(&text, 16 << 20);
    for (size_t i = 0; i < n; i++) {
        struct fault fault = {0};
        json_t *back = NULL;
        if (!combs[i].is_method)
            continue;
        json_t *value = gen_value(&g, &combs[i].result, 1);
        buf_reset(&bytes);
        buf_reset(&text);
        ck_assert_msg(tl_encode_value(s, &combs[i].result, value, TL_ENCODE_STRICT, &bytes, &fault) == 0, "%s: %s%s",
                      combs[i].name, fault.path, fault.text);
        ck_assert_msg(tl_tree_result(s, &combs[i], bytes.data, bytes.len, &back, NULL, &fault) == 0, "%s: %s",
                      combs[i].name, fault.text);
        ck_assert_msg(json_equal(back, value), "%s", combs[i].name);
        ck_assert_int_eq(tl_text_result(s, &combs[i], bytes.data, bytes.len, &text, NULL, &fault), 0);
        json_t *parsed =
            json_loadb((char *)text.data, text.len, JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
        ck_assert(json_equal(parsed, value));
        json_decref(parsed);
        json_decref(back);
        json_decref(value);
    }
    buf_fini(&bytes);
    buf_fini(&text);
    gen_fini(&g);
}
END_TEST

/* Foreign bytes: the outcome is open, but it comes soon, and never as a crash. */
static void try_bytes(const struct tl_schema *s, const uint8_t *data, size_t len, struct buf *text)
{
    struct fault fault = {0};
    struct tl_reader r;
    json_t *tree = NULL;

    buf_reset(text);
    int err = tl_text_object(s, data, len, text, NULL, &fault);
    int err2 = tl_tree_object(s, data, len, &tree, NULL, &fault);
    ck_assert_int_eq(err, err2);
    ck_assert(err == 0 || (text->len == 0 && fault.text[0]));
    json_decref(tree);
    tree = NULL;
    tl_reader_init(&r, data, len);
    if (tl_tree_call(s, &r, &tree, NULL, &fault) == 0)
        json_decref(tree);
}

START_TEST(a_changed_byte_never_crashes_a_reader)
{
    const struct tl_schema *s = shipped(schemas[_i]);
    struct random_source random;
    struct buf bytes, text;
    struct gen g;
    size_t n;
    const struct tl_comb *combs = tl_schema_combs(s, &n);

    gen_init(&g, s, 99 + (uint64_t)_i);
    random = g.random;
    buf_init(&bytes, 16 << 20);
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < n; i += _i == 2 ? 1 : 9) {
        json_t *object = gen_object(&g, &combs[i], 1);
        buf_reset(&bytes);
        encode_any(s, object, combs[i].name, &bytes);
        /* From malloc and exactly as long, so that a sanitizer sees each byte read past the end. */
        uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
        memcpy(copy, bytes.data, bytes.len);
        for (size_t k = 0; k < bytes.len && k < 120; k++) {
            copy[k] = (uint8_t)random_u32(&random);
            try_bytes(s, copy, bytes.len, &text);
            copy[k] = bytes.data[k];
        }
        free(copy);
        json_decref(object);
    }
    buf_fini(&bytes);
    buf_fini(&text);
    gen_fini(&g);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    const struct tl_schema *s = shipped(schemas[_i]);
    struct buf bytes, text;
    struct gen g;
    size_t n;
    const struct tl_comb *combs = tl_schema_combs(s, &n);

    gen_init(&g, s, 5 + (uint64_t)_i);
    buf_init(&bytes, 16 << 20);
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < n; i += _i == 2 ? 1 : 9) {
        if (combs[i].is_method)
            continue;
        json_t *object = gen_object(&g, &combs[i], 1);
        buf_reset(&bytes);
        encode_any(s, object, combs[i].name, &bytes);
        for (size_t cut = 0; cut < bytes.len; cut += bytes.len < 200 ? 1 : 37) {
            uint8_t *copy = malloc(cut ? cut : 1);
            struct fault fault = {0};
            memcpy(copy, bytes.data, cut);
            buf_reset(&text);
            int err = tl_text_object(s, copy, cut, &text, NULL, &fault);
            /* A vector whose items no longer fit is told by its count. */
            ck_assert_msg(err == TGC_ETRUNCATED || err == TGC_EINVAL, "%s cut at %zu: %d", combs[i].name, cut, err);
            ck_assert_uint_le(fault.offset, cut);
            free(copy);
        }
        json_decref(object);
    }
    buf_fini(&bytes);
    buf_fini(&text);
    gen_fini(&g);
}
END_TEST

Suite *suite_property(void)
{
    Suite *s = suite_create("property");
    TCase *t = tcase_create("property");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, every_constructor_and_method_survives_both_round_trips, 0, 3);
    tcase_add_loop_test(t, every_result_survives_both_round_trips, 0, 3);
    tcase_add_loop_test(t, a_changed_byte_never_crashes_a_reader, 0, 3);
    tcase_add_loop_test(t, every_truncation_is_refused, 0, 3);
    suite_add_tcase(s, t);
    return s;
}
