#include <string.h>

#include "daemon/crypto/hash.h"
#include "tests/support/unit.h"
#include "tests/unit/crypto/suites.h"

/* The digests of "abc" in FIPS 180-4's examples. */
START_TEST(pieces_hash_like_the_whole)
{
    uint8_t out[64], *want;

    hash_sha1(HASH_PIECES({"a", 1}, {NULL, 0}, {"bc", 2}), out);
    want = unit_hex("a9993e364706816aba3e25717850c26c9cd0d89d", NULL);
    ck_assert_mem_eq(out, want, 20);
    free(want);
    hash_sha256(HASH_PIECES({"ab", 2}, {"c", 1}), out);
    want = unit_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", NULL);
    ck_assert_mem_eq(out, want, 32);
    free(want);
    hash_sha512(HASH_PIECES({"abc", 3}), out);
    want = unit_hex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                    NULL);
    ck_assert_mem_eq(out, want, 64);
    free(want);
}
END_TEST

START_TEST(the_digest_may_overwrite_its_input)
{
    uint8_t in[32] = "abc", want[32];

    hash_sha256(HASH_PIECES({in, 32}), want);
    hash_sha256(HASH_PIECES({in, 32}), in);
    ck_assert_mem_eq(in, want, 32);
}
END_TEST

Suite *suite_hash(void)
{
    Suite *s = suite_create("hash");
    TCase *t = tcase_create("hash");

    tcase_add_test(t, pieces_hash_like_the_whole);
    tcase_add_test(t, the_digest_may_overwrite_its_input);
    suite_add_tcase(s, t);
    return s;
}
