/* A page of events in fewer bytes, and back; whatever the bytes are. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/store/event_squeeze.h"
#include "tests/support/unit.h"
#include "tests/unit/store/suites.h"

static struct buf page, squeezed, unpacked;

static void set_up(void)
{
    buf_init(&page, LIMIT_STORE_VALUE);
    buf_init(&squeezed, LIMIT_STORE_VALUE);
    buf_init(&unpacked, LIMIT_STORE_VALUE);
}

static void tear_down(void)
{
    buf_fini(&page);
    buf_fini(&squeezed);
    buf_fini(&unpacked);
}

static void add(int64_t id, const char *data)
{
    event_pack_add(
        &page, &(struct store_event){.id = id, .account = "anna", .type = "call", .data = data, .len = strlen(data)});
}

static void fill(int n)
{
    char data[200];

    for (int i = 1; i <= n; i++) {
        snprintf(data, sizeof(data),
                 "{\"account\":\"anna\",\"call\":{\"id\":\"%d\",\"title\":\"a title of some length\"}}", i);
        add(i, data);
    }
}

START_TEST(what_is_squeezed_comes_back)
{
    struct event_pack p;

    fill(100);
    const struct buf *b = event_squeeze(&page, &squeezed);
    ck_assert_ptr_eq(b, &squeezed);
    ck_assert_uint_lt(b->len, page.len / 4);
    ck_assert_int_eq(event_unsqueeze(b, &unpacked, &p), 0);
    ck_assert_uint_eq((size_t)(p.end - p.at), page.len);
    ck_assert_mem_eq(p.at, page.data, page.len);
}
END_TEST

START_TEST(what_would_be_no_shorter_stays_as_it_is)
{
    struct event_pack p;

    event_pack_add(&page, &(struct store_event){.id = 0x123456789abcdef,
                                                .received_at = 0x13243546576879a,
                                                .account = "anna",
                                                .type = "call",
                                                .data = "{}",
                                                .len = 2});
    ck_assert_ptr_eq(event_squeeze(&page, &squeezed), &page);
    ck_assert_int_eq(event_unsqueeze(&page, &unpacked, &p), 0);
    ck_assert(p.at == page.data && p.end == page.data + page.len);
    buf_reset(&page);
    ck_assert_ptr_eq(event_squeeze(&page, &squeezed), &page);
    ck_assert_int_eq(event_unsqueeze(&page, &unpacked, &p), 0);
    ck_assert(p.at == p.end);
}
END_TEST

START_TEST(a_length_is_held_to_what_is_there)
{
    struct event_pack p;

    fill(100);
    event_squeeze(&page, &squeezed);
    int64_t right = (int64_t)page.len;
    const int64_t wrong[] = {1, right - 1, right + 1, LIMIT_STORE_VALUE, LIMIT_STORE_VALUE + 1, INT64_MAX};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        le64_store(squeezed.data, (uint64_t)-wrong[i]);
        ck_assert_int_eq(event_unsqueeze(&squeezed, &unpacked, &p), TGC_EDAMAGED);
        ck_assert_uint_le(unpacked.cap, LIMIT_STORE_VALUE + 1);
    }
    le64_store(squeezed.data, (uint64_t)INT64_MIN);
    ck_assert_int_eq(event_unsqueeze(&squeezed, &unpacked, &p), TGC_EDAMAGED);
    le64_store(squeezed.data, (uint64_t)-right);
    ck_assert_int_eq(event_unsqueeze(&squeezed, &unpacked, &p), 0);
}
END_TEST

/* In memory of its own size, where a sanitizer sees what is read behind it. */
START_TEST(what_is_cut_is_damaged)
{
    struct event_pack p;

    fill(20);
    event_squeeze(&page, &squeezed);
    for (size_t len = 8; len < squeezed.len; len++) {
        struct buf cut = {.data = malloc(len), .len = len, .cap = len, .max = len};
        ck_assert_ptr_nonnull(cut.data);
        memcpy(cut.data, squeezed.data, len);
        ck_assert_int_eq(event_unsqueeze(&cut, &unpacked, &p), TGC_EDAMAGED);
        free(cut.data);
    }
}
END_TEST

Suite *suite_squeeze(void)
{
    Suite *s = suite_create("squeeze");
    TCase *t = tcase_create("squeeze");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_is_squeezed_comes_back);
    tcase_add_test(t, what_would_be_no_shorter_stays_as_it_is);
    tcase_add_test(t, a_length_is_held_to_what_is_there);
    tcase_add_test(t, what_is_cut_is_damaged);
    suite_add_tcase(s, t);
    return s;
}
