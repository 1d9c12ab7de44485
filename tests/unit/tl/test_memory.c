/* The K-th allocation fails, for every K: an error comes back, nothing leaks (the sanitizer build sees to that), and
 * what was to be returned is untouched. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"
#include "tests/support/starve.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

START_TEST(loading_a_schema_survives_each_failed_allocation)
{
    size_t len, k;
    char *text = unit_read_file(shipped_path("layer-138"), &len);

    for (k = 0;; k++) {
        struct tl_schema *s = NULL;
        struct fault fault = {0};
        starve_at(k);
        int err = tl_schema_parse(text, len, "layer-138", &s, &fault);
        if (!starve_end()) {
            ck_assert_int_eq(err, 0);
            tl_schema_free(s);
            break;
        }
        ck_assert_int_eq(err, TGC_ENOMEM);
        ck_assert_int_ne(fault.text[0], 0);
        ck_assert_ptr_null(s);
    }
    ck_assert_uint_ge(k, 10);
    free(text);
}
END_TEST

START_TEST(reading_a_schema_file_survives_each_failed_allocation)
{
    for (size_t k = 0;; k++) {
        struct tl_schema *s = NULL;
        struct fault fault = {0};
        starve_at(k);
        int err = tl_schema_read(shipped_path("layer-138"), &s, &fault);
        if (!starve_end()) {
            ck_assert_int_eq(err, 0);
            tl_schema_free(s);
            break;
        }
        ck_assert_int_eq(err, TGC_ENOMEM);
        ck_assert_ptr_null(s);
    }
}
END_TEST

/* The largest sample: updates with a group call. */
static json_t *sample(void)
{
    json_t *cases = unit_load_json("tl/valid/updates.json");
    json_t *object = json_incref(json_object_get(json_array_get(cases, json_array_size(cases) - 1), "json"));

    json_decref(cases);
    return object;
}

START_TEST(encoding_and_text_survive_each_failed_allocation)
{
    const struct tl_schema *s = shipped("layer-229");
    json_t *object = sample();
    size_t k;

    for (k = 0;; k++) {
        struct buf bytes, text;
        struct fault fault = {0};
        buf_init(&bytes, 1 << 20);
        buf_init(&text, 1 << 20);
        starve_at(k);
        int err = tl_encode_object(s, object, TL_ENCODE_STRICT, &bytes, &fault);
        if (!err)
            err = tl_text_object(s, bytes.data, bytes.len, &text, NULL, &fault);
        bool failed = starve_end();
        ck_assert_int_eq(err, failed ? TGC_ENOMEM : 0);
        ck_assert(!failed || (text.len == 0 && fault.text[0]));
        buf_fini(&bytes);
        buf_fini(&text);
        if (!failed)
            break;
    }
    ck_assert_uint_gt(k, 3);
    json_decref(object);
}
END_TEST

START_TEST(building_a_tree_survives_each_failed_allocation)
{
    const struct tl_schema *s = shipped("layer-229");
    json_t *object = sample();
    struct buf bytes;
    size_t k;

    buf_init(&bytes, 1 << 20);
    encode_any(s, object, "sample", &bytes);
    for (k = 0;; k++) {
        json_t *tree = NULL;
        struct fault fault = {0};
        starve_at(k);
        int err = tl_tree_object(s, bytes.data, bytes.len, &tree, NULL, &fault);
        if (!starve_end()) {
            ck_assert_int_eq(err, 0);
            ck_assert(json_equal(tree, object));
            json_decref(tree);
            break;
        }
        ck_assert_int_eq(err, TGC_ENOMEM);
        ck_assert_ptr_null(tree);
    }
    ck_assert_uint_gt(k, 50);
    buf_fini(&bytes);
    json_decref(object);
}
END_TEST

Suite *suite_memory(void)
{
    Suite *s = suite_create("memory");
    TCase *t = tcase_create("memory");

    tcase_add_test(t, loading_a_schema_survives_each_failed_allocation);
    tcase_add_test(t, reading_a_schema_file_survives_each_failed_allocation);
    tcase_add_test(t, encoding_and_text_survive_each_failed_allocation);
    tcase_add_test(t, building_a_tree_survives_each_failed_allocation);
    suite_add_tcase(s, t);
    return s;
}
