#include <stdlib.h>
#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/limits.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(known_streams_unpack_to_known_bytes)
{
    json_t *all = unit_load_json("base/gzip.json"), *one;
    size_t i;

    json_array_foreach(json_object_get(all, "cases"), i, one)
    {
        size_t packed_len, want_len;
        uint8_t *packed = unit_json_hex(one, "packed", &packed_len), *want = unit_json_hex(one, "unpacked", &want_len);
        struct buf out;
        int is_zlib = -1;

        buf_init(&out, want_len);
        ck_assert_int_eq(gzip_unpack(packed, packed_len, &out, &is_zlib), 0);
        ck_assert_uint_eq(out.len, want_len);
        ck_assert_int_eq(memcmp(out.len ? out.data : want, want, want_len), 0);
        ck_assert_int_eq(is_zlib, strcmp(unit_json_text(one, "form"), "zlib") == 0);
        buf_fini(&out);
        free(packed);
        free(want);
    }
    ck_assert_uint_ge(i, 4);
    json_decref(all);
}
END_TEST

START_TEST(what_is_packed_unpacks_again_behind_what_is_there)
{
    enum { N = 100000 };
    uint8_t *in = malloc(N);
    struct buf packed, out;

    for (size_t i = 0; i < N; i++)
        in[i] = (uint8_t)(i * i >> 5);
    buf_init(&packed, 2 * N);
    buf_init(&out, N + 3);
    ck_assert_int_eq(gzip_pack(in, N, &packed), 0);
    ck_assert_uint_lt(packed.len, N);
    buf_put_text(&out, "abc");
    ck_assert_int_eq(gzip_unpack(packed.data, packed.len, &out, NULL), 0);
    ck_assert_uint_eq(out.len, N + 3);
    ck_assert_int_eq(memcmp(out.data, "abc", 3), 0);
    ck_assert_int_eq(memcmp(out.data + 3, in, N), 0);
    buf_fini(&packed);
    buf_fini(&out);
    free(in);
}
END_TEST

START_TEST(packing_past_the_maximum_is_refused)
{
    uint8_t in[64] = {0};
    struct buf out;

    buf_init(&out, 4);
    ck_assert_int_eq(gzip_pack(in, sizeof(in), &out), TGC_ELIMIT);
    buf_fini(&out);
}
END_TEST

START_TEST(a_bomb_ends_at_the_maximum_and_leaves_nothing_behind)
{
    size_t n = 15 << 20;
    uint8_t *zeros = calloc(1, n);
    struct buf packed, out;

    buf_init(&packed, 2 * n); /* zlib's own bound on what comes out */
    ck_assert_int_eq(gzip_pack(zeros, n, &packed), 0);
    ck_assert_uint_lt(packed.len, 20000);
    buf_init(&out, 1 << 20);
    buf_put_text(&out, "kept");
    ck_assert_int_eq(gzip_unpack(packed.data, packed.len, &out, NULL), TGC_ELIMIT);
    ck_assert_uint_eq(out.len, 4);
    ck_assert_int_eq(buf_err(&out), 0);
    ck_assert_uint_le(out.cap, 1 << 20);
    buf_fini(&out);

    /* One byte too many is as much too many; the exact size fits. */
    buf_init(&out, n - 1);
    ck_assert_int_eq(gzip_unpack(packed.data, packed.len, &out, NULL), TGC_ELIMIT);
    buf_fini(&out);
    buf_init(&out, n);
    ck_assert_int_eq(gzip_unpack(packed.data, packed.len, &out, NULL), 0);
    ck_assert_uint_eq(out.len, n);
    buf_fini(&out);
    buf_fini(&packed);
    free(zeros);
}
END_TEST

START_TEST(every_truncation_is_seen)
{
    struct buf packed, out;

    buf_init(&packed, 1000);
    buf_init(&out, 1000);
    ck_assert_int_eq(gzip_pack("hello hello hello", 17, &packed), 0);
    for (size_t n = 0; n < packed.len; n++) {
        ck_assert_int_eq(gzip_unpack(packed.data, n, &out, NULL), TGC_ETRUNCATED);
        ck_assert_uint_eq(out.len, 0);
    }
    /* The same where the maximum is reached before the end of the stream is. */
    out.max = 17;
    ck_assert_int_eq(gzip_unpack(packed.data, packed.len - 1, &out, NULL), TGC_ETRUNCATED);
    ck_assert_int_eq(gzip_unpack(packed.data, packed.len, &out, NULL), 0);
    buf_fini(&packed);
    buf_fini(&out);
}
END_TEST

START_TEST(bytes_behind_the_stream_are_refused)
{
    struct buf packed, out;

    buf_init(&packed, 1000);
    buf_init(&out, 1000);
    ck_assert_int_eq(gzip_pack("hello", 5, &packed), 0);
    buf_put_byte(&packed, 0);
    ck_assert_int_eq(gzip_unpack(packed.data, packed.len, &out, NULL), TGC_ETRAILING);
    ck_assert_uint_eq(out.len, 0);
    buf_fini(&packed);
    buf_fini(&out);
}
END_TEST

START_TEST(a_wrong_header_checksum_or_length_is_refused)
{
    struct buf packed, out;

    buf_init(&packed, 1000);
    buf_init(&out, 1000);
    ck_assert_int_eq(gzip_pack("hello", 5, &packed), 0);
    size_t places[] = {0, 1, 2, packed.len - 8, packed.len - 4};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        packed.data[places[i]] ^= 0x41;
        ck_assert_int_eq(gzip_unpack(packed.data, packed.len, &out, NULL), TGC_ESYNTAX);
        ck_assert_uint_eq(out.len, 0);
        packed.data[places[i]] ^= 0x41;
    }
    ck_assert_int_eq(gzip_unpack("plain text", 10, &out, NULL), TGC_ESYNTAX);
    buf_fini(&packed);
    buf_fini(&out);
}
END_TEST

Suite *suite_gzip(void)
{
    Suite *s = suite_create("gzip");
    TCase *t = tcase_create("gzip");

    tcase_add_test(t, known_streams_unpack_to_known_bytes);
    tcase_add_test(t, what_is_packed_unpacks_again_behind_what_is_there);
    tcase_add_test(t, packing_past_the_maximum_is_refused);
    tcase_add_test(t, a_bomb_ends_at_the_maximum_and_leaves_nothing_behind);
    tcase_add_test(t, every_truncation_is_seen);
    tcase_add_test(t, bytes_behind_the_stream_are_refused);
    tcase_add_test(t, a_wrong_header_checksum_or_length_is_refused);
    suite_add_tcase(s, t);
    return s;
}
