/* Reader, writer, base64, number text: one value at a time. */
#include <fcntl.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/limits.h"
#include "daemon/base/random.h"
#include "daemon/tl/base64.h"
#include "daemon/base/long_text.h"
#include "daemon/tl/number_text.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/writer.h"
#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"

START_TEST(strings_of_all_length_forms_are_written_and_read)
{
    json_t *cases = unit_load_json("tl/valid/strings.json"), *c;
    size_t i;

    json_array_foreach (cases, i, c) {
        size_t data_len, len, got_len;
        uint8_t *data = unit_json_hex(c, "data", &data_len), *want = unit_json_hex(c, "encoded", &len);
        struct tl_reader r;
        struct buf out;
        buf_init(&out, 1 << 16);
        tl_write_bytes(&out, data, data_len);
        ck_assert_uint_eq(out.len, len);
        ck_assert_mem_eq(out.data, want, len);
        tl_reader_init(&r, want, len);
        const uint8_t *got = tl_read_bytes(&r, &got_len);
        ck_assert_uint_eq(got_len, data_len);
        ck_assert(memcmp(got, data, data_len) == 0);
        ck_assert_uint_eq(tl_reader_left(&r), 0);
        for (size_t cut = 0; cut < len; cut++) {
            tl_reader_init(&r, want, cut);
            ck_assert_ptr_null(tl_read_bytes(&r, &got_len));
            ck_assert_uint_eq(got_len, 0);
            ck_assert_int_eq(r.err, TGC_ETRUNCATED);
        }
        free(data);
        free(want);
        buf_fini(&out);
    }
    json_decref(cases);
}
END_TEST

START_TEST(the_long_form_is_taken_for_short_strings_and_padding_may_be_anything)
{
    static const uint8_t text[] = {0xfe, 2, 0, 0, 'h', 'i', 0xaa, 0xbb, 1, 'x', 0xcc, 0xdd};
    struct tl_reader r;
    size_t len;

    tl_reader_init(&r, text, sizeof(text));
    ck_assert_mem_eq(tl_read_bytes(&r, &len), "hi", 2);
    ck_assert_uint_eq(len, 2);
    ck_assert_mem_eq(tl_read_bytes(&r, &len), "x", 1);
    ck_assert_uint_eq(tl_reader_left(&r), 0);
    ck_assert_int_eq(r.err, 0);
}
END_TEST

START_TEST(the_longest_string_is_written_and_one_byte_more_is_refused)
{
    char *big = calloc(1, LIMIT_TL_STRING + 1);
    struct buf out;

    buf_init(&out, 32 << 20);
    tl_write_bytes(&out, big, LIMIT_TL_STRING);
    ck_assert_int_eq(buf_err(&out), 0);
    ck_assert_uint_eq(out.len, (1 << 24) + 4);
    ck_assert_mem_eq(out.data, "\xfe\xff\xff\xff", 4);
    buf_reset(&out);
    tl_write_bytes(&out, big, LIMIT_TL_STRING + 1);
    ck_assert_int_eq(buf_err(&out), TGC_ELIMIT);
    ck_assert_uint_eq(out.len, 0);
    buf_fini(&out);
    free(big);
}
END_TEST

static void write_scalar(const char *type, const char *value, struct buf *out)
{
    if (strcmp(type, "int") == 0)
        tl_write_i32(out, (int32_t)strtol(value, NULL, 10));
    else if (strcmp(type, "long") == 0)
        tl_write_i64(out, strtoll(value, NULL, 10));
    else if (strcmp(type, "double") == 0)
        tl_write_double(out, strtod(value, NULL));
    else
        tl_write_bool(out, strcmp(value, "true") == 0);
}

static void check_scalar(const char *type, const char *value, struct tl_reader *r)
{
    if (strcmp(type, "int") == 0)
        ck_assert_int_eq(tl_read_i32(r), strtol(value, NULL, 10));
    else if (strcmp(type, "long") == 0)
        ck_assert_int_eq(tl_read_i64(r), strtoll(value, NULL, 10));
    else if (strcmp(type, "double") == 0)
        ck_assert_double_eq(tl_read_double(r), strtod(value, NULL));
    else
        ck_assert_int_eq(tl_read_bool(r), strcmp(value, "true") == 0);
}

START_TEST(scalars_are_written_and_read)
{
    json_t *cases = unit_load_json("tl/valid/scalars.json"), *c;
    size_t i;

    json_array_foreach (cases, i, c) {
        const char *type = unit_json_text(c, "type"), *value = unit_json_text(c, "value");
        size_t len;
        uint8_t *want = unit_json_hex(c, "encoded", &len);
        struct tl_reader r;
        struct buf out;
        buf_init(&out, 64);
        write_scalar(type, value, &out);
        ck_assert_uint_eq(out.len, len);
        ck_assert_mem_eq(out.data, want, len);
        tl_reader_init(&r, want, len);
        check_scalar(type, value, &r);
        ck_assert_int_eq(r.err, 0);
        tl_reader_init(&r, want, len - 1);
        if (strcmp(type, "Bool") == 0)
            ck_assert(!tl_read_bool(&r));
        else
            check_scalar(type, "0", &r);
        ck_assert_int_eq(r.err, TGC_ETRUNCATED);
        free(want);
        buf_fini(&out);
    }
    json_decref(cases);
}
END_TEST

START_TEST(the_first_error_of_a_reader_sticks)
{
    static const uint8_t data[] = {1, 2, 3, 4, 0x15, 0xc4, 0xb5, 0x1c, 5, 0, 0, 0, 9, 9, 9, 9};
    struct tl_reader r;
    size_t len;

    tl_reader_init(&r, data, sizeof(data));
    ck_assert(!tl_read_bool(&r)); /* no Bool */
    ck_assert_int_eq(r.err, TGC_EINVAL);
    ck_assert_uint_eq(tl_reader_offset(&r), 0);
    ck_assert_uint_eq(tl_read_u32(&r), 0);
    ck_assert_uint_eq(tl_peek_u32(&r), 0);
    ck_assert_ptr_null(tl_read_raw(&r, 0));
    ck_assert_ptr_null(tl_read_bytes(&r, &len));
    ck_assert_int_eq(r.err, TGC_EINVAL);

    tl_reader_init(&r, data + 4, sizeof(data) - 4);
    ck_assert_uint_eq(tl_peek_u32(&r), TL_ID_VECTOR);
    ck_assert_uint_eq(tl_read_vector(&r, 4), 0); /* five items cannot be in four bytes */
    ck_assert_int_eq(r.err, TGC_EINVAL);
    tl_reader_init(&r, data + 4, sizeof(data) - 4);
    tl_read_u32(&r);
    ck_assert_uint_eq(tl_read_count(&r, 0), 5);
    ck_assert_int_eq(r.err, 0);
    tl_reader_init(&r, NULL, 0);
    ck_assert_uint_eq(tl_read_u64(&r), 0);
    ck_assert_int_eq(r.err, TGC_ETRUNCATED);
}
END_TEST

START_TEST(base64_is_that_of_the_rfc)
{
    static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    static const char *const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};

    for (size_t i = 0; i < 7; i++) {
        char text[16];
        uint8_t back[16];
        size_t len;
        tl_base64_encode(plain[i], strlen(plain[i]), text);
        ck_assert_uint_eq(tl_base64_encoded_len(strlen(plain[i])), strlen(coded[i]));
        ck_assert(memcmp(text, coded[i], strlen(coded[i])) == 0);
        ck_assert_int_eq(tl_base64_decoded_len(coded[i], strlen(coded[i]), &len), 0);
        ck_assert_uint_eq(len, strlen(plain[i]));
        ck_assert_int_eq(tl_base64_decode(coded[i], strlen(coded[i]), back), 0);
        ck_assert(memcmp(back, plain[i], len) == 0);
    }
}
END_TEST

START_TEST(base64_that_is_not_strict_is_refused)
{
    static const char *const bad[] = {"Z",    "Zg",       "Zg=",  "Zg===", "====",   "=",    "Zh==", "Zm9=",
                                      "Zm 8", "Zm8=Zm8=", "Zm-_", "Zm8\n", "Zg==\n", "A===", "=AAA", "Z=g="};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t back[16];
        ck_assert_msg(tl_base64_decode(bad[i], strlen(bad[i]), back) == TGC_EINVAL, "%s", bad[i]);
    }
}
END_TEST

START_TEST(integers_have_the_digits_that_printf_gives)
{
    struct random_seeded seeded;
    random_seeded_init(&seeded, 1);
    struct random_source random = random_seeded_source(&seeded);

    for (int i = 0; i < 20000; i++) {
        int64_t v = (int64_t)random_u64(&random) >> random_below(&random, 64);
        if (i < 4)
            v = (const int64_t[]){0, INT64_MIN, INT64_MAX, -1}[i];
        char want[32], got[LONG_TEXT_MAX + 1];
        snprintf(want, sizeof(want), "%lld", (long long)v);
        got[long_text(got, v)] = '\0';
        ck_assert_str_eq(got, want);
    }
}
END_TEST

START_TEST(doubles_read_back_as_what_they_were_and_stay_doubles)
{
    struct random_seeded seeded;
    random_seeded_init(&seeded, 2);
    struct random_source random = random_seeded_source(&seeded);

    for (int i = 0; i < 20000; i++) {
        static const double special[] = {0.0,      -0.0,    1e15,   -1e15, 999999999999999.0, 0.1, 1e22, 1e-7, DBL_MAX,
                                         -DBL_MAX, DBL_MIN, 5e-324, 1e20};
        uint64_t bits = random_u64(&random);
        double v;
        memcpy(&v, &bits, sizeof(v));
        if (i < (int)(sizeof(special) / sizeof(special[0])))
            v = special[i];
        if (!isfinite(v))
            continue;
        char text[TL_DOUBLE_TEXT_MAX + 1];
        text[tl_double_text(text, v)] = '\0';
        double back = strtod(text, NULL);
        ck_assert_msg(memcmp(&back, &v, sizeof(v)) == 0, "%s", text);
        json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);
        ck_assert_msg(json_is_real(j), "%s", text);
        json_decref(j);
    }
}
END_TEST

START_TEST(short_doubles_have_short_texts)
{
    static const struct {
        double v;
        const char *text;
    } cases[] = {{1, "1.0"},      {-0.0, "-0.0"},      {0.1, "0.1"},          {8.8, "8.8"},
                 {1e20, "1e+20"}, {1.5e-9, "1.5e-09"}, {-123456, "-123456.0"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[TL_DOUBLE_TEXT_MAX + 1];
        text[tl_double_text(text, cases[i].v)] = '\0';
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

/* Few machines have such a locale installed; libc's own tool makes one. */
static void make_comma_locale(void)
{
    char source[4096], charmap[4096];
    char *args[] = {"localedef", "-c", "-i", source, "-f", charmap, (char *)(uintptr_t)temp_path("comma"), NULL};
    posix_spawn_file_actions_t quiet;
    pid_t pid;

    snprintf(source, sizeof(source), "%s", unit_data_path("tl/locale/comma"));
    snprintf(charmap, sizeof(charmap), "%s", unit_data_path("tl/locale/charmap"));
    /* It complains of the categories that are missing. */
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ck_assert_int_eq(posix_spawnp(&pid, args[0], &quiet, NULL, args, environ), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    posix_spawn_file_actions_destroy(&quiet);
}

START_TEST(a_locale_with_a_decimal_comma_changes_nothing)
{
    static const struct {
        double v;
        const char *text;
    } cases[] = {{0.5, "0.5"}, {-1234567.25, "-1234567.25"}, {0.1, "0.1"}, {1.5e-300, "1.5e-300"}, {2, "2.0"}};
    char text[TL_DOUBLE_TEXT_MAX + 1], comma[8];

    make_comma_locale();
    setenv("LOCPATH", temp_path("."), 1);
    ck_assert_msg(setlocale(LC_NUMERIC, "comma") != NULL, "localedef made no locale");
    snprintf(comma, sizeof(comma), "%.1f", 0.5);
    ck_assert_str_eq(comma, "0,5");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        text[tl_double_text(text, cases[i].v)] = '\0';
        ck_assert_str_eq(text, cases[i].text);
    }
    setlocale(LC_NUMERIC, "C");
    unsetenv("LOCPATH");
}
END_TEST

Suite *suite_primitives(void)
{
    Suite *s = suite_create("primitives");
    TCase *t = tcase_create("primitives");

    tcase_add_test(t, strings_of_all_length_forms_are_written_and_read);
    tcase_add_test(t, the_long_form_is_taken_for_short_strings_and_padding_may_be_anything);
    tcase_add_test(t, the_longest_string_is_written_and_one_byte_more_is_refused);
    tcase_add_test(t, scalars_are_written_and_read);
    tcase_add_test(t, the_first_error_of_a_reader_sticks);
    tcase_add_test(t, base64_is_that_of_the_rfc);
    tcase_add_test(t, base64_that_is_not_strict_is_refused);
    tcase_add_test(t, integers_have_the_digits_that_printf_gives);
    tcase_add_test(t, doubles_read_back_as_what_they_were_and_stay_doubles);
    tcase_add_test(t, short_doubles_have_short_texts);
    suite_add_tcase(s, t);
    t = tcase_create("locale");
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_test(t, a_locale_with_a_decimal_comma_changes_nothing);
    suite_add_tcase(s, t);
    return s;
}
