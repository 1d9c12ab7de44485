#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

static const char *const layers[] = {"layer-138", "layer-229"};

START_TEST(a_shipped_layer_loads_and_every_id_is_its_crc32)
{
    const char *name = layers[_i];
    const struct tl_comb *first = NULL;
    struct timespec a, b;
    size_t n;

    clock_gettime(CLOCK_MONOTONIC, &a);
    const struct tl_schema *s = shipped(name);
    clock_gettime(CLOCK_MONOTONIC, &b);
    tl_schema_combs(s, &n);
    printf("# %s: %zu combinators in %.2f ms, %zu bytes of tables\n", name, n,
           (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6, tl_schema_size(s));
    fflush(stdout);
    ck_assert_int_eq(tl_schema_layer(s), _i == 0 ? 138 : 229);
    ck_assert_uint_eq(tl_schema_mismatches(s, &first), 0);
    ck_assert_uint_eq(n, _i == 0 ? 1367 : 2487);
}
END_TEST

START_TEST(both_layers_fit_into_their_share_of_memory)
{
    ck_assert_uint_lt(tl_schema_size(shipped(layers[0])) + tl_schema_size(shipped(layers[1])), 2500000);
}
END_TEST

START_TEST(every_id_of_mtproto_is_its_crc32)
{
    size_t n;

    tl_schema_combs(shipped("mtproto"), &n);
    ck_assert_uint_eq(n, 51);
    ck_assert_uint_eq(tl_schema_mismatches(shipped("mtproto"), NULL), 0);
    ck_assert_int_eq(tl_schema_layer(shipped("mtproto")), 0);
}
END_TEST

Suite *suite_schema(void)
{
    Suite *s = suite_create("schema");
    TCase *t = tcase_create("schema");

    tcase_add_loop_test(t, a_shipped_layer_loads_and_every_id_is_its_crc32, 0, 2);
    tcase_add_test(t, both_layers_fit_into_their_share_of_memory);
    tcase_add_test(t, every_id_of_mtproto_is_its_crc32);
    suite_add_tcase(s, t);
    return s;
}
