/* TL bytes that are refused, and bytes that would cost much. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/long_text.h"
#include "daemon/tl/writer.h"
#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

START_TEST(bytes_that_do_not_fit_are_refused_with_their_place)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *cases = unit_load_json("tl/invalid/bytes.json"), *c;
    size_t i;

    json_array_foreach (cases, i, c) {
        const char *name = unit_json_text(c, "name");
        char *hex = joined_hex(json_object_get(c, "tl"));
        int want = err_by_name(unit_json_text(c, "err"));
        size_t len, offset = (size_t)json_integer_value(json_object_get(c, "offset"));
        uint8_t *data = unit_hex(hex, &len);
        struct fault fault = {0};
        json_t *tree = NULL;
        struct buf text;
        buf_init(&text, 4096);
        int err = tl_text_object(s, data, len, &text, NULL, &fault);
        ck_assert_msg(err == want, "%s: %d, %s", name, err, fault.text);
        ck_assert_msg(fault.offset == offset, "%s: at %zu: %s", name, fault.offset, fault.text);
        ck_assert_msg(fault.err == want && fault.text[0], "%s", name);
        ck_assert_uint_eq(text.len, 0);
        ck_assert_int_eq(tl_tree_object(s, data, len, &tree, NULL, &fault), want);
        ck_assert_ptr_null(tree);
        buf_fini(&text);
        free(data);
        free(hex);
    }
    json_decref(cases);
}
END_TEST

START_TEST(undefined_flag_bits_are_ignored_and_counted)
{
    /* groupCall of layer 138 does not know bits 12 (rtmp_stream) and 13. */
    const struct tl_schema *s = shipped("layer-138");
    struct tl_walk_stats stats = {.undefined_flags = 5};
    struct fault fault = {0};
    struct buf in, text;

    buf_init(&in, 256);
    buf_init(&text, 256);
    tl_write_u32(&in, 0xd597650c);
    tl_write_u32(&in, 1u << 12 | 1u << 13 | 1u << 1 | 1u << 31);
    tl_write_u64(&in, 1);
    tl_write_u64(&in, 2);
    tl_write_u32(&in, 3);
    tl_write_u32(&in, 4);
    tl_write_u32(&in, 5);
    ck_assert_int_eq(tl_text_object(s, in.data, in.len, &text, &stats, &fault), 0);
    ck_assert_str_eq(
        buf_text(&text),
        "{\"_\":\"groupCall\",\"join_muted\":true,\"id\":\"1\",\"access_hash\":\"2\",\"participants_count\":3,"
        "\"unmuted_video_limit\":4,\"version\":5}");
    ck_assert_uint_eq(stats.undefined_flags, 8);
    buf_fini(&in);
    buf_fini(&text);
}
END_TEST

/* Items that take no bytes at all: nothing but the limit holds them. */
START_TEST(items_of_no_bytes_are_bounded)
{
    static const char *const schemas[] = {
        "a#1 x:vector<true> = A;",
        "nothing#2 = Nothing; a#1 x:vector<nothing> = A;",
        "nothing#2 = Nothing; a#1 x:Vector<%Nothing> = A;",
    };

    for (size_t i = 0; i < 3; i++) {
        struct tl_schema *s = schema_of(schemas[i]);
        struct fault fault = {0};
        struct buf in, text;
        buf_init(&in, 64);
        buf_init(&text, 1 << 20);
        tl_write_u32(&in, 1);
        if (i == 2)
            tl_write_u32(&in, TL_ID_VECTOR);
        tl_write_u32(&in, 0xffffffff);
        ck_assert_int_eq(tl_text_object(s, in.data, in.len, &text, NULL, &fault), TGC_ELIMIT);
        ck_assert_uint_eq(text.len, 0);
        buf_cut(&in, in.len - 4);
        tl_write_u32(&in, 2);
        buf_reset(&text);
        ck_assert_int_eq(tl_text_object(s, in.data, in.len, &text, NULL, &fault), 0);
        ck_assert_str_eq(buf_text(&text), i == 0 ? "{\"_\":\"a\",\"x\":[true,true]}"
                                                 : "{\"_\":\"a\",\"x\":[{\"_\":\"nothing\"},{\"_\":\"nothing\"}]}");
        buf_fini(&in);
        buf_fini(&text);
        tl_schema_free(s);
    }
}
END_TEST

START_TEST(a_bare_type_that_contains_itself_ends)
{
    struct tl_schema *s = schema_of("a#1 x:a y:a = A; b#2 x:vector<b> = B;");
    struct fault fault = {0};
    uint8_t ones[1024];
    struct buf text;

    buf_init(&text, 1 << 20);
    ck_assert_int_eq(tl_text_object(s, "\1\0\0", 4, &text, NULL, &fault), TGC_ELIMIT);
    memset(ones, 0, sizeof(ones));
    for (size_t i = 0; i < sizeof(ones); i += 4)
        ones[i] = 1;
    ones[0] = 2;
    ck_assert_int_eq(tl_text_object(s, ones, sizeof(ones), &text, NULL, &fault), TGC_ELIMIT);
    buf_fini(&text);
    tl_schema_free(s);
}
END_TEST

START_TEST(all_items_of_a_walk_count_together)
{
    /* Each inner vector is within the limit, all of them are not. */
    struct tl_schema *s = schema_of("a#1 x:Vector<vector<true>> = A;");
    struct fault fault = {0};
    struct buf in, text;

    buf_init(&in, 1 << 10);
    buf_init(&text, 64 << 20);
    tl_write_u32(&in, 1);
    tl_write_vector(&in, 8);
    for (int i = 0; i < 8; i++)
        tl_write_u32(&in, LIMIT_TL_ITEMS / 8);
    ck_assert_int_eq(tl_text_object(s, in.data, in.len, &text, NULL, &fault), TGC_ELIMIT);
    buf_fini(&in);
    buf_fini(&text);
    tl_schema_free(s);
}
END_TEST

START_TEST(a_tree_holds_so_many_values_and_a_text_more)
{
    struct tl_schema *s = schema_of("a#1 x:Vector<int> = A;");
    struct fault fault = {0};
    json_t *tree = NULL;
    struct buf in, text;

    /* The object and the vector are values too. */
    buf_init(&in, 8 << 20);
    buf_init(&text, 64 << 20);
    tl_write_u32(&in, 1);
    tl_write_vector(&in, TL_TREE_VALUES_MAX - 2);
    buf_put_zero(&in, (TL_TREE_VALUES_MAX - 2) * 4);
    ck_assert_int_eq(tl_tree_object(s, in.data, in.len, &tree, NULL, &fault), 0);
    json_decref(tree);
    tree = NULL;
    buf_reset(&in);
    tl_write_u32(&in, 1);
    tl_write_vector(&in, TL_TREE_VALUES_MAX - 1);
    buf_put_zero(&in, (TL_TREE_VALUES_MAX - 1) * 4);
    ck_assert_int_eq(tl_tree_object(s, in.data, in.len, &tree, NULL, &fault), TGC_ELIMIT);
    ck_assert_ptr_null(tree);
    ck_assert_ptr_nonnull(strstr(fault.text, "values"));
    ck_assert_int_eq(tl_text_object(s, in.data, in.len, &text, NULL, &fault), 0);
    buf_fini(&in);
    buf_fini(&text);
    tl_schema_free(s);
}
END_TEST

START_TEST(the_texts_maximum_holds_and_is_nearly_reached)
{
    static const char want[] =
        "{\"_\":\"updateShort\",\"update\":{\"_\":\"updateMessageID\",\"id\":-5,\"random_id\":\"7\"},\"date\":1}";
    const struct tl_schema *s = shipped("layer-138");
    size_t len;
    uint8_t *data = unit_hex("c1ded478d6bf904efbffffff070000000000000001000000", &len);

    for (size_t max = 0; max < sizeof(want) + LONG_TEXT_MAX + 2; max++) {
        struct fault fault = {0};
        struct buf text;
        buf_init(&text, max);
        int err = tl_text_object(s, data, len, &text, NULL, &fault);
        ck_assert_msg(err == 0 || err == TGC_ELIMIT, "%zu: %d", max, err);
        ck_assert_msg(max >= sizeof(want) - 1 || err, "%zu", max);
        ck_assert_msg(max < sizeof(want) + LONG_TEXT_MAX + 1 || !err, "%zu: %d", max, err);
        ck_assert_uint_eq(text.len, err ? 0 : sizeof(want) - 1);
        ck_assert(err == 0 || fault.text[0]);
        buf_fini(&text);
    }
    free(data);
}
END_TEST

START_TEST(a_failed_text_leaves_what_stood_in_front)
{
    const struct tl_schema *s = shipped("layer-138");
    struct fault fault = {0};
    struct buf text;

    buf_init(&text, 4096);
    buf_put_text(&text, "before");
    ck_assert_int_eq(tl_text_object(s, "\x7a\x4b\xbc\xd3\1\0\0\0", 8, &text, NULL, &fault), TGC_ETRUNCATED);
    ck_assert_str_eq(buf_text(&text), "before");
    buf_fini(&text);
}
END_TEST

static int stop(void *ctx, const struct tl_param *field, int64_t v)
{
    *(int64_t *)ctx = v;
    return 77;
}

static int begin_any(void *ctx, const struct tl_param *field, const struct tl_comb *comb)
{
    return 0;
}

START_TEST(a_visitor_ends_the_walk_with_its_own_return)
{
    const struct tl_visitor visitor = {.begin_object = begin_any, .on_long = stop};
    const struct tl_schema *s = shipped("layer-138");
    struct fault fault = {0};
    int64_t seen = 0;

    ck_assert_int_eq(tl_walk_object(s, "\x7a\x4b\xbc\xd3\5\0\0\0\0\0\0", 12, &visitor, &seen, NULL, &fault), 77);
    ck_assert_int_eq(seen, 5);
    ck_assert_int_eq(fault.err, 0);
}
END_TEST

/* What is seen of objects, by the first letter of their names; b's are passed over. */
static int see(void *ctx, const struct tl_param *field, const struct tl_comb *comb)
{
    buf_put_byte(ctx, (uint8_t)comb->name[0]);
    return comb->name[0] == 'b' ? TL_PASS_OVER : 0;
}

static int see_end(void *ctx)
{
    buf_put_byte(ctx, '.');
    return 0;
}

static int see_int(void *ctx, const struct tl_param *field, int32_t v)
{
    buf_put_byte(ctx, (uint8_t)v);
    return 0;
}

START_TEST(what_is_passed_over_is_not_shown_and_held_to_the_rules)
{
    struct tl_schema *s = schema_of("c#3 n:int = C; b#2 n:int c:C d:Vector<C> = B; a#1 x:B y:C z:B = A;");
    struct tl_visitor v = tl_pass_over;
    struct fault fault = {0};
    struct buf in, seen;

    v.begin_object = see;
    v.end_object = see_end;
    v.on_int = see_int;
    buf_init(&in, 256);
    buf_init(&seen, 64);
    tl_write_u32(&in, 1);
    for (int i = 0; i < 2; i++) {
        tl_write_u32(&in, 2);
        tl_write_i32(&in, '!');
        tl_write_u32(&in, 3);
        tl_write_i32(&in, '!');
        tl_write_vector(&in, 1);
        tl_write_u32(&in, 3);
        tl_write_i32(&in, '!');
        if (i == 0) {
            tl_write_u32(&in, 3);
            tl_write_i32(&in, '5');
        }
    }
    ck_assert_int_eq(tl_walk_object(s, in.data, in.len, &v, &seen, NULL, &fault), 0);
    ck_assert_str_eq(buf_text(&seen), "abc5.b.");
    in.data[in.len - 8] = 4;
    buf_reset(&seen);
    ck_assert_int_eq(tl_walk_object(s, in.data, in.len, &v, &seen, NULL, &fault), TGC_EUNKNOWN);
    ck_assert_uint_eq(fault.offset, in.len - 8);
    ck_assert_str_eq(buf_text(&seen), "abc5.b");
    buf_fini(&in);
    buf_fini(&seen);
    tl_schema_free(s);
}
END_TEST

static int pass_over_vector(void *ctx, const struct tl_param *field, uint32_t count)
{
    buf_put_byte(ctx, '[');
    return strcmp(field->name, "x") == 0 ? TL_PASS_OVER : 0;
}

static int see_vector_end(void *ctx)
{
    buf_put_byte(ctx, ']');
    return 0;
}

START_TEST(a_vector_that_is_passed_over_shows_its_end_alone_and_is_walked_once)
{
    struct tl_schema *s = schema_of("c#3 n:int = C; a#1 x:Vector<C> y:Vector<C> = A;");
    const struct tl_expr any = {.kind = TL_ANY};
    struct tl_visitor v = tl_pass_over;
    struct tl_walk_stats stats = {0};
    struct fault fault = {0};
    struct tl_reader r;
    struct buf in, seen;

    v.begin_object = see;
    v.end_object = see_end;
    v.begin_vector = pass_over_vector;
    v.end_vector = see_vector_end;
    v.on_int = see_int;
    buf_init(&in, 256);
    buf_init(&seen, 64);
    tl_write_u32(&in, 1);
    for (int i = 0; i < 2; i++) {
        tl_write_vector(&in, 1);
        tl_write_u32(&in, 3);
        tl_write_i32(&in, '5');
    }
    ck_assert_int_eq(tl_walk_object(s, in.data, in.len, &v, &seen, &stats, &fault), 0);
    ck_assert_str_eq(buf_text(&seen), "a[][c5.].");
    ck_assert_uint_eq(stats.walked.n, 2);

    /* What was walked is not looked at again, and what was not is. */
    in.data[12] = 4;
    buf_reset(&seen);
    tl_reader_init(&r, in.data, in.len);
    ck_assert_int_eq(tl_walk(s, &any, &r, &v, &seen, NULL, &fault), TGC_EUNKNOWN);
    buf_reset(&seen);
    tl_reader_init(&r, in.data, in.len);
    r.walked = &stats.walked;
    ck_assert_int_eq(tl_walk(s, &any, &r, &v, &seen, NULL, &fault), 0);
    ck_assert_str_eq(buf_text(&seen), "a[][c5.].");
    ck_assert_uint_eq(tl_reader_left(&r), 0);
    in.data[28] = 4;
    tl_reader_init(&r, in.data, in.len);
    r.walked = &stats.walked;
    ck_assert_int_eq(tl_walk(s, &any, &r, &v, &seen, NULL, &fault), TGC_EUNKNOWN);
    buf_fini(&in);
    buf_fini(&seen);
    tl_schema_free(s);
}
END_TEST

/* N parameters behind a word of flags, all by flags of it but each fifth, some by the same flag. */
static struct tl_schema *schema_of_many(int n)
{
    char text[4096];
    size_t at = (size_t)snprintf(text, sizeof(text), "a#1 flags:#");

    for (int i = 0; i < n; i++)
        at += i % 5 == 4 ? (size_t)snprintf(text + at, sizeof(text) - at, " p%d:int", i)
                         : (size_t)snprintf(text + at, sizeof(text) - at, " p%d:flags.%d?int", i, (31 * i + 7) % 23);
    snprintf(text + at, sizeof(text) - at, " = A;");
    return schema_of(text);
}

/* Few, some and very many parameters are read in ways of their own. */
START_TEST(of_many_parameters_those_are_read_that_are_there)
{
    static const int counts[] = {3, 9, 12, 40, 63, 64, 100};
    struct tl_visitor v = tl_pass_over;
    struct buf in, seen, wanted;

    v.on_int = see_int;
    buf_init(&in, 1024);
    buf_init(&seen, 256);
    buf_init(&wanted, 256);
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        struct tl_schema *s = schema_of_many(counts[k]);
        for (uint32_t flags = 0x5a17, round = 0; round < 40; round++, flags = flags * 0x915f77f5 + 1) {
            struct fault fault = {0};
            buf_reset(&in);
            buf_reset(&seen);
            buf_reset(&wanted);
            tl_write_u32(&in, 1);
            tl_write_u32(&in, flags >> round % 3 * 8);
            for (int i = 0; i < counts[k]; i++)
                if (i % 5 == 4 || flags >> round % 3 * 8 >> (31 * i + 7) % 23 & 1) {
                    tl_write_i32(&in, i);
                    buf_put_byte(&wanted, (uint8_t)i);
                }
            ck_assert_int_eq(tl_walk_object(s, in.data, in.len, &v, &seen, NULL, &fault), 0);
            ck_assert_uint_eq(seen.len, wanted.len);
            ck_assert(seen.len == 0 || memcmp(seen.data, wanted.data, seen.len) == 0);
            if (in.len > 8)
                ck_assert_int_eq(tl_walk_object(s, in.data, in.len - 4, &v, &seen, NULL, &fault), TGC_ETRUNCATED);
        }
        tl_schema_free(s);
    }
    buf_fini(&in);
    buf_fini(&seen);
    buf_fini(&wanted);
}
END_TEST

START_TEST(a_call_leaves_the_reader_behind_itself)
{
    const struct tl_schema *s = shipped("layer-138");
    size_t len;
    uint8_t *data = unit_hex("6b18f9c411111111", &len); /* help.getConfig, then something else */
    struct fault fault = {0};
    struct tl_reader r;
    json_t *tree = NULL;

    tl_reader_init(&r, data, len);
    ck_assert_int_eq(tl_tree_call(s, &r, &tree, NULL, &fault), 0);
    ck_assert_str_eq(json_string_value(json_object_get(tree, "_")), "help.getConfig");
    ck_assert_uint_eq(tl_reader_left(&r), 4);
    json_decref(tree);
    ck_assert_int_eq(tl_tree_call(s, &r, &tree, NULL, &fault), TGC_EUNKNOWN);
    ck_assert_uint_eq(fault.offset, 4);
    free(data);
}
END_TEST

START_TEST(queries_nest_up_to_the_limit)
{
    const struct tl_schema *s = shipped("layer-138");
    struct fault fault = {0};
    struct tl_reader r;
    json_t *tree = NULL;
    struct buf in;

    buf_init(&in, 4096);
    for (int i = 0; i < 200; i++)
        tl_write_u32(&in, 0xbf9459b7); /* invokeWithoutUpdates */
    tl_reader_init(&r, in.data, in.len);
    ck_assert_int_eq(tl_tree_call(s, &r, &tree, NULL, &fault), TGC_ELIMIT);
    ck_assert_ptr_null(tree);
    buf_fini(&in);
}
END_TEST

Suite *suite_walk(void)
{
    Suite *s = suite_create("walk");
    TCase *t = tcase_create("walk");

    tcase_add_test(t, bytes_that_do_not_fit_are_refused_with_their_place);
    tcase_add_test(t, undefined_flag_bits_are_ignored_and_counted);
    tcase_add_test(t, items_of_no_bytes_are_bounded);
    tcase_add_test(t, a_bare_type_that_contains_itself_ends);
    tcase_add_test(t, all_items_of_a_walk_count_together);
    tcase_add_test(t, a_tree_holds_so_many_values_and_a_text_more);
    tcase_add_test(t, the_texts_maximum_holds_and_is_nearly_reached);
    tcase_add_test(t, a_failed_text_leaves_what_stood_in_front);
    tcase_add_test(t, a_visitor_ends_the_walk_with_its_own_return);
    tcase_add_test(t, what_is_passed_over_is_not_shown_and_held_to_the_rules);
    tcase_add_test(t, a_vector_that_is_passed_over_shows_its_end_alone_and_is_walked_once);
    tcase_add_test(t, of_many_parameters_those_are_read_that_are_there);
    tcase_add_test(t, a_call_leaves_the_reader_behind_itself);
    tcase_add_test(t, queries_nest_up_to_the_limit);
    suite_add_tcase(s, t);
    return s;
}
