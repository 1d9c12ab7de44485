/* The table of authorization keys. */
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/sandbox/centre/keys.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/suites.h"

static struct auth *add(struct keys *k, uint32_t n)
{
    uint8_t bytes[256] = {0};

    le32_store(bytes, n);
    return keys_add(k, 1, mt_auth_key_new(bytes), 0, (int64_t)n + 1);
}

START_TEST(the_oldest_key_of_nobody_makes_room)
{
    static struct keys k;
    static struct world_user user;
    struct auth *first, *second;
    uint64_t second_id;

    first = add(&k, 0);
    second = add(&k, 1);
    first->account.user = &user;
    second_id = second->id;
    for (uint32_t i = 2; i < KEYS_MAX; i++)
        ck_assert_ptr_nonnull(add(&k, i));
    ck_assert_ptr_nonnull(keys_find(&k, 1, second_id));
    ck_assert_ptr_nonnull(add(&k, KEYS_MAX));
    ck_assert_ptr_null(keys_find(&k, 1, second_id));
    ck_assert_uint_eq(k.n, KEYS_MAX);
    ck_assert_ptr_eq(keys_find(&k, 1, first->id), first);
    keys_fini(&k);
}
END_TEST

Suite *suite_keys(void)
{
    Suite *s = suite_create("keys");
    TCase *t = tcase_create("keys");

    tcase_add_test(t, the_oldest_key_of_nobody_makes_room);
    suite_add_tcase(s, t);
    return s;
}
