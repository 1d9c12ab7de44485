#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "daemon/base/secret.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

static int is_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i])
            return 0;
    return 1;
}

START_TEST(lengths_out_of_range_get_nothing)
{
    ck_assert_ptr_null(secret_new(0));
    ck_assert_ptr_null(secret_new(SECRET_MAX + 1));
    ck_assert_ptr_null(secret_new(SIZE_MAX));
    secret_free(NULL);
}
END_TEST

START_TEST(memory_is_zeroed_aligned_and_nobody_elses)
{
    enum { N = 300 };
    static uint8_t *p[N];
    static const size_t lens[] = {1, 16, 32, 33, 64, 256, 257, 1000, SECRET_MAX};

    for (size_t k = 0; k < sizeof(lens) / sizeof(lens[0]); k++) {
        for (int i = 0; i < N; i++) {
            p[i] = secret_new(lens[k]);
            ck_assert_ptr_nonnull(p[i]);
            ck_assert_uint_eq((uintptr_t)p[i] % 16, 0);
            ck_assert(is_zero(p[i], lens[k]));
            memset(p[i], i + 1, lens[k]);
        }
        for (int i = 0; i < N; i++) {
            for (size_t at = 0; at < lens[k]; at++)
                ck_assert_uint_eq(p[i][at], (uint8_t)(i + 1));
            secret_free(p[i]);
        }
    }
}
END_TEST

START_TEST(what_is_given_back_is_wiped_and_used_again)
{
    uint8_t *p = secret_new(256);

    ck_assert_ptr_nonnull(p);
    memset(p, 0xaa, 256);
    secret_free(p);
    /* The memory stays mapped; all but the link of the free list is zero. */
    ck_assert(is_zero(p + sizeof(void *), 256 - sizeof(void *)));
    uint8_t *again = secret_new(200);
    ck_assert_ptr_eq(again, p);
    ck_assert(is_zero(again, 200));
    secret_free(again);
}
END_TEST

START_TEST(without_locked_memory_it_still_works)
{
    struct rlimit none = {0, 0};

    ck_assert_int_eq(setrlimit(RLIMIT_MEMLOCK, &none), 0);
    for (int i = 0; i < 100; i++) {
        uint8_t *p = secret_new(SECRET_MAX);
        ck_assert_ptr_nonnull(p);
        p[SECRET_MAX - 1] = 1;
    }
}
END_TEST

static void *churn(void *ctx)
{
    uint8_t mark = *(uint8_t *)ctx;

    for (int i = 0; i < 2000; i++) {
        size_t len = 1 + (size_t)(i * 37 % SECRET_MAX);
        uint8_t *p = secret_new(len);
        if (!p || !is_zero(p, len))
            return ctx;
        memset(p, mark, len);
        if (p[0] != mark || p[len - 1] != mark)
            return ctx;
        secret_free(p);
    }
    return NULL;
}

START_TEST(threads_do_not_get_in_each_others_way)
{
    pthread_t threads[4];
    uint8_t marks[4] = {1, 2, 3, 4};
    void *failed;

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, &marks[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
}
END_TEST

START_TEST(a_hardened_process_leaves_no_core)
{
    struct rlimit core;

    secret_harden_process();
    ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
    ck_assert_int_eq(getrlimit(RLIMIT_CORE, &core), 0);
    ck_assert_uint_eq(core.rlim_cur, 0);
}
END_TEST

Suite *suite_secret(void)
{
    Suite *s = suite_create("secret");
    TCase *t = tcase_create("secret");

    tcase_add_test(t, lengths_out_of_range_get_nothing);
    tcase_add_test(t, memory_is_zeroed_aligned_and_nobody_elses);
    tcase_add_test(t, what_is_given_back_is_wiped_and_used_again);
    tcase_add_test(t, without_locked_memory_it_still_works);
    tcase_add_test(t, threads_do_not_get_in_each_others_way);
    tcase_add_test(t, a_hardened_process_leaves_no_core);
    suite_add_tcase(s, t);
    return s;
}
