/* The small converters: UTF-8, hex, CRC-32, numbers. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/crc32.h"
#include "daemon/base/hex.h"
#include "daemon/base/long_text.h"
#include "daemon/base/utf8.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(valid_utf8_is_taken_at_any_place)
{
    static const char *const units[] = {"a",
                                        "\x7f",
                                        "\xc2\x80",
                                        "\xdf\xbf",
                                        "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xef\xbf\xbf",
                                        "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf"};
    char text[64];

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        for (size_t before = 0; before < 20; before++) {
            size_t n = strlen(units[i]);
            memset(text, 'x', sizeof(text));
            memcpy(text + before, units[i], n);
            ck_assert(utf8_is_valid(text, before + n));
            ck_assert(utf8_is_valid(text, before + n + 10));
            ck_assert_uint_eq(utf8_count(text, before + n), before + 1);
            for (size_t cut = 1; cut < n; cut++) {
                ck_assert(!utf8_is_valid(text, before + cut));
                ck_assert_uint_eq(utf8_cut(text, before + cut), before);
            }
            ck_assert_uint_eq(utf8_cut(text, before + n), before + n);
        }
    }
    ck_assert(utf8_is_valid("a\0b", 3));
    ck_assert(utf8_is_valid("", 0));
}
END_TEST

START_TEST(broken_utf8_is_refused)
{
    static const char *const texts[] = {
        "\x80",             /* a tail alone */
        "\xc0\xaf",         /* overlong / */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* surrogate */
        "\xed\xbf\xbf",     /* surrogate */
        "\xf4\x90\x80\x80", /* past U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe",
        "\xc3(",
        "\xe2\x82(",
        "\xf0\x90\x80(",
    };
    char text[64];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (size_t before = 0; before < 10; before++) {
            memset(text, 'x', sizeof(text));
            memcpy(text + before, texts[i], strlen(texts[i]));
            ck_assert_msg(!utf8_is_valid(text, 40), "case %zu", i);
        }
    }
}
END_TEST

START_TEST(hex_goes_both_ways)
{
    uint8_t bytes[256], back[256];
    char text[513];

    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    hex_encode(bytes, sizeof(bytes), text);
    ck_assert_uint_eq(strlen(text), 512);
    ck_assert_int_eq(strncmp(text, "000102", 6), 0);
    ck_assert_str_eq(text + 506, "fdfeff");
    ck_assert_int_eq(hex_decode(text, 512, back, 256), 0);
    ck_assert_int_eq(memcmp(bytes, back, 256), 0);
    ck_assert_int_eq(hex_decode("aAfF", 4, back, 2), 0);
    ck_assert_uint_eq(back[0], 0xaa);
    ck_assert_uint_eq(back[1], 0xff);
    hex_encode(bytes, 0, text);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(other_lengths_and_characters_are_not_hex)
{
    static const char *const texts[] = {"", "a", "abc", "abcd0", "ag", "0x", " a", "-1", "\xc3\xa9"};
    uint8_t out[2];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ck_assert_int_eq(hex_decode(texts[i], strlen(texts[i]), out, 1), TGC_EINVAL);
        ck_assert_int_eq(hex_decode(texts[i], strlen(texts[i]), out, 2), TGC_EINVAL);
    }
}
END_TEST

START_TEST(crc32_gives_known_answers)
{
    /* The check value of CRC-32/ISO-HDLC, and ids that Telegram's schema declares. */
    static const struct {
        const char *text;
        uint32_t crc;
    } cases[] = {{"", 0},
                 {"123456789", 0xcbf43926},
                 {"boolFalse = Bool", 0xbc799737},
                 {"boolTrue = Bool", 0x997275b5},
                 {"vector t:Type # [ t ] = Vector t", 0x1cb5c415},
                 {"inputPeerChannel channel_id:long access_hash:long = InputPeer", 0x27bcbbfc}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_uint_eq(crc32_of(cases[i].text, strlen(cases[i].text)), cases[i].crc);
}
END_TEST

static void check_long_text(int64_t v)
{
    char out[LONG_TEXT_MAX], wanted[32];
    size_t n = long_text(out, v);

    snprintf(wanted, sizeof(wanted), "%" PRId64, v);
    ck_assert_uint_eq(n, strlen(wanted));
    ck_assert_mem_eq(out, wanted, n);
}

START_TEST(a_number_of_any_length_is_what_printf_makes_of_it)
{
    uint64_t power = 1;

    check_long_text(0);
    check_long_text(INT64_MIN);
    check_long_text(INT64_MAX);
    for (int digits = 1; digits <= 19; digits++, power *= 10)
        for (int64_t beside = -1; beside <= 1; beside++)
            for (int first = 1; first <= (digits == 19 ? 8 : 9); first++) {
                check_long_text((int64_t)power * first + beside);
                check_long_text(-((int64_t)power * first + beside));
            }
    for (uint64_t i = 0, v = 1; i < 10000; i++, v = v * UINT64_C(6364136223846793005) + 1)
        check_long_text((int64_t)v >> i % 64);
}
END_TEST

Suite *suite_text(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");

    tcase_add_test(t, valid_utf8_is_taken_at_any_place);
    tcase_add_test(t, broken_utf8_is_refused);
    tcase_add_test(t, hex_goes_both_ways);
    tcase_add_test(t, other_lengths_and_characters_are_not_hex);
    tcase_add_test(t, crc32_gives_known_answers);
    tcase_add_test(t, a_number_of_any_length_is_what_printf_makes_of_it);
    suite_add_tcase(s, t);
    return s;
}
