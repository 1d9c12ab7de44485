/* What is read without a reader of all of JSON is what that would have read; it leaves the rest to it. */
#include <string.h>

#include "api/plain_object.h"
#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

static json_t *reference(const char *text, size_t len)
{
    return json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
}

START_TEST(members_of_plain_text_are_read)
{
    static const char *const texts[] = {
        "{\"a\":\"b\"}",
        "{\"peer\":\"@name\",\"title\":\"\",\"rtmp_stream\":true,\"x\":false,\"y\":null}",
        " \t\r\n{ \"a\" : 1 , \"b\" :-7,\"c\":0,\"\":999999999999999999,\"d\":-999999999999999999 } \n",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *wanted = reference(texts[i], strlen(texts[i])), *got = plain_object(texts[i], strlen(texts[i]));
        ck_assert_ptr_nonnull(got);
        ck_assert_msg(json_equal(got, wanted), "%s", texts[i]);
        json_decref(wanted);
        json_decref(got);
    }
}
END_TEST

START_TEST(all_else_is_left_to_the_reader_of_all_of_json)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "{}",
                                        "[]",
                                        "1",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{\"a\":1",
                                        "{\"a\":1,}",
                                        "{\"a\":1}}",
                                        "{\"a\":1} 2",
                                        "{\"a\":01}",
                                        "{\"a\":-}",
                                        "{\"a\":-0}",
                                        "{\"a\":1.5}",
                                        "{\"a\":1e3}",
                                        "{\"a\":1000000000000000000}",
                                        "{\"a\":99999999999999999999}",
                                        "{\"a\":1,\"a\":2}",
                                        "{\"a\":\"\\n\"}",
                                        "{\"a\":\"\n\"}",
                                        "{\"a\":\"\x7f\"}",
                                        "{\"a\":\"\xc3\xbc\"}",
                                        "{\"\\u0061\":1}",
                                        "{\"a\":\"b}",
                                        "{\"a\":{}}",
                                        "{\"a\":[1]}",
                                        "{\"a\":tru}",
                                        "{\"a\":truest}",
                                        "{a:1}",
                                        "{\"a\" 1}"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(!plain_object(texts[i], strlen(texts[i])), "%s", texts[i]);
    ck_assert_ptr_null(plain_object("{\"a\":\"\0\"}", 9));
    ck_assert_ptr_null(plain_object("{\"a\":1}\0", 8));
}
END_TEST

/* Bytes of JSON in any order: what is read, the other reads as the same. */
START_TEST(whatever_is_read_is_what_the_reader_of_all_of_json_says)
{
    static const char *const pieces[] = {"{", "}",    "\"a\"", "\"b\"", ":", ",",  "1", "-",
                                         "0", "true", "null",  " ",     ".", "\"", "\\"};
    uint64_t random = 1;
    size_t read = 0;

    for (int round = 0; round < 20000; round++) {
        char text[64] = "{\"c\":";
        size_t len = strlen(text);
        for (random = random * UINT64_C(6364136223846793005) + 1; len < 24;
             random = random * UINT64_C(6364136223846793005) + 1) {
            const char *piece = pieces[(random >> 33) % (sizeof(pieces) / sizeof(pieces[0]))];
            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
            json_t *got = plain_object(text, len);
            if (!got)
                continue;
            json_t *wanted = reference(text, len);
            ck_assert_msg(json_equal(got, wanted), "%.*s", (int)len, text);
            json_decref(wanted);
            json_decref(got);
            read++;
            break;
        }
    }
    ck_assert_uint_gt(read, 100);
}
END_TEST

Suite *suite_plain_object(void)
{
    Suite *s = suite_create("plain_object");
    TCase *t = tcase_create("plain_object");

    tcase_add_test(t, members_of_plain_text_are_read);
    tcase_add_test(t, all_else_is_left_to_the_reader_of_all_of_json);
    tcase_add_test(t, whatever_is_read_is_what_the_reader_of_all_of_json_says);
    suite_add_tcase(s, t);
    return s;
}
