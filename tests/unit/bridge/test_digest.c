#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

#include <string.h>

#include "daemon/base/digest.h"
#include "daemon/base/hex.h"

START_TEST(sha256_is_the_one_of_the_standard)
{
    uint8_t hash[DIGEST_SIZE];
    char hex[2 * DIGEST_SIZE + 1];

    digest_sha256("abc", 3, hash);
    hex_encode(hash, sizeof(hash), hex);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(base64url_has_its_own_two_letters_and_no_padding)
{
    char text[8];

    digest_base64url("\xfb\xff\xbf", 3, text);
    ck_assert_str_eq(text, "-_-_");
    digest_base64url("\xff", 1, text);
    ck_assert_str_eq(text, "_w");
    ck_assert_uint_eq(DIGEST_BASE64URL_LEN(1), 2);
    ck_assert_uint_eq(DIGEST_BASE64URL_LEN(32), 43);
}
END_TEST

START_TEST(equal_sees_each_byte)
{
    ck_assert(digest_equal("abcd", "abcd", 4));
    ck_assert(!digest_equal("abcd", "abce", 4));
    ck_assert(!digest_equal("abcd", "bbcd", 4));
}
END_TEST

Suite *suite_digest(void)
{
    Suite *s = suite_create("digest");
    TCase *t = tcase_create("digest");

    tcase_add_test(t, sha256_is_the_one_of_the_standard);
    tcase_add_test(t, base64url_has_its_own_two_letters_and_no_padding);
    tcase_add_test(t, equal_sees_each_byte);
    suite_add_tcase(s, t);
    return s;
}
