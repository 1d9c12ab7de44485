/* An outline says of methods and their parameters what the schema's tables say. */
#include <stdlib.h>
#include <string.h>

#include "daemon/tl/outline.h"
#include "tests/support/starve.h"
#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

static struct tl_outline *outline_of(const struct tl_schema *schema)
{
    struct tl_outline *o;

    ck_assert_int_eq(tl_outline_new(schema, &o), 0);
    return o;
}

static bool has_param(const struct tl_comb *comb, const char *name)
{
    for (unsigned i = 0; comb && i < comb->params_n; i++)
        if (comb->params[i].expr.kind != TL_FLAGS && strcmp(comb->params[i].name, name) == 0)
            return true;
    return false;
}

START_TEST(it_has_the_methods_and_parameters_of_its_layer_and_no_others)
{
    const struct tl_schema *layer = shipped("layer-138"), *newer = shipped("layer-229");
    struct tl_outline *o = outline_of(layer);
    size_t n, has = 0, lacks = 0;
    const struct tl_comb *combs = tl_schema_combs(newer, &n);

    ck_assert_int_eq(tl_outline_layer(o), 138);
    for (size_t i = 0; i < n; i++) {
        const struct tl_comb *same = tl_find_method(layer, combs[i].name);
        ck_assert_int_eq(tl_outline_has_method(o, combs[i].name), same != NULL);
        same ? has++ : lacks++;
        for (unsigned p = 0; p < combs[i].params_n; p++)
            ck_assert_int_eq(tl_outline_has_param(o, combs[i].name, combs[i].params[p].name),
                             has_param(same, combs[i].params[p].name));
    }
    ck_assert_uint_gt(has, 100);
    ck_assert_uint_gt(lacks, 100);
    tl_outline_free(o);
}
END_TEST

START_TEST(a_parameter_is_of_its_own_method_alone)
{
    struct tl_schema *s = schema_of("a = A;\n---functions---\nf flags:# x:flags.0?int = A;\ng = A;\nh y:int = A;\n");
    struct tl_outline *o = outline_of(s);

    tl_schema_free(s);
    ck_assert(tl_outline_has_param(o, "f", "x"));
    ck_assert(!tl_outline_has_param(o, "f", "flags"));
    ck_assert(!tl_outline_has_param(o, "f", "y"));
    ck_assert(tl_outline_has_method(o, "g"));
    ck_assert(!tl_outline_has_param(o, "g", "y"));
    ck_assert(tl_outline_has_param(o, "h", "y"));
    ck_assert(!tl_outline_has_param(o, "h", ""));
    ck_assert(!tl_outline_has_method(o, "x"));
    ck_assert(!tl_outline_has_method(o, "a"));
    ck_assert(!tl_outline_has_method(o, ""));
    tl_outline_free(o);
}
END_TEST

START_TEST(a_schema_without_methods_has_an_outline_without_names)
{
    struct tl_schema *s = schema_of("a = A;\n");
    struct tl_outline *o = outline_of(s);

    ck_assert(!tl_outline_has_method(o, "a"));
    ck_assert(!tl_outline_has_method(o, ""));
    tl_outline_free(o);
    tl_schema_free(s);
}
END_TEST

START_TEST(without_memory_there_is_none)
{
    struct tl_outline *o = NULL;

    const struct tl_schema *s = shipped("layer-138");
    starve_at(0);
    int err = tl_outline_new(s, &o);
    ck_assert(starve_end());
    ck_assert_int_eq(err, TGC_ENOMEM);
    ck_assert_ptr_null(o);
}
END_TEST

Suite *suite_outline(void)
{
    Suite *s = suite_create("outline");
    TCase *t = tcase_create("outline");

    tcase_add_test(t, it_has_the_methods_and_parameters_of_its_layer_and_no_others);
    tcase_add_test(t, a_parameter_is_of_its_own_method_alone);
    tcase_add_test(t, a_schema_without_methods_has_an_outline_without_names);
    tcase_add_test(t, without_memory_there_is_none);
    suite_add_tcase(s, t);
    return s;
}
