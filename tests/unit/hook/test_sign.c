/* Signatures, against what Standard Webhooks publishes, and the body that they sign. */
#include <string.h>

#include "daemon/hook/body.h"
#include "daemon/hook/sign.h"
#include "tests/support/unit.h"
#include "tests/unit/hook/suites.h"

/* The specification's own example, which all its libraries are tested with. */
START_TEST(the_published_vector_is_met)
{
    static const char body[] = "{\"test\": 2432232314}";
    struct hook_secrets s = {.now = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
    char out[HOOK_SIGNATURE_TEXT];

    ck_assert_int_eq(hook_sign(&s, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, strlen(body), out), 0);
    ck_assert_str_eq(out, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}
END_TEST

START_TEST(after_a_rotation_both_sign_for_a_day)
{
    struct random_seeded seeded;
    random_seeded_init(&seeded, 1);
    struct random_source random = random_seeded_source(&seeded);
    struct hook_secrets s = {.now = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, former = s, later;
    char both[HOOK_SIGNATURE_TEXT], old[HOOK_SIGNATURE_TEXT], new[HOOK_SIGNATURE_TEXT], text[HOOK_SECRETS_TEXT];

    hook_secrets_rotate(&s, &random, 1000);
    ck_assert_str_ne(s.now, former.now);
    ck_assert_str_eq(s.before[0].text, former.now);
    ck_assert_str_eq(s.before[1].text, "");
    hook_secrets_write(&s, text);
    ck_assert_int_eq(hook_secrets_read(text, &later), 0);
    ck_assert_mem_eq(&later, &s, sizeof(s));
    int64_t last = 1000 + HOOK_ROTATION_S - 1;
    ck_assert_int_eq(hook_sign(&s, "1", last, "{}", 2, both), 0);
    ck_assert_int_eq(hook_sign(&former, "1", last, "{}", 2, old), 0);
    ck_assert_uint_eq(strlen(both), 2 * strlen(old) + 1);
    ck_assert_str_eq(strchr(both, ' ') + 1, old);
    ck_assert_int_eq(hook_sign(&s, "1", last + 1, "{}", 2, new), 0);
    ck_assert_ptr_null(strchr(new, ' '));
    former = s;
    former.before[0].text[0] = '\0';
    ck_assert_int_eq(hook_sign(&former, "1", last, "{}", 2, new), 0);
    ck_assert(strncmp(both, new, strlen(new)) == 0 && both[strlen(new)] == ' ');
}
END_TEST

/* Each ends a day after it was replaced, not with the next rotation; of more than two within a day the newest stay. */
START_TEST(two_rotations_within_a_day_end_neither_secret_early)
{
    struct random_seeded seeded;
    random_seeded_init(&seeded, 1);
    struct random_source random = random_seeded_source(&seeded);
    struct hook_secrets s = {.now = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, first = s, second, later;
    char all[HOOK_SIGNATURE_TEXT], one[HOOK_SIGNATURE_TEXT], text[HOOK_SECRETS_TEXT];
    const int64_t hour = 3600;

    hook_secrets_rotate(&s, &random, 0);
    second = (struct hook_secrets){0};
    memcpy(second.now, s.now, sizeof(s.now));
    hook_secrets_rotate(&s, &random, hour);
    hook_secrets_write(&s, text);
    ck_assert_int_eq(hook_secrets_read(text, &later), 0);
    ck_assert_mem_eq(&later, &s, sizeof(s));
    ck_assert_int_eq(hook_sign(&s, "1", 24 * hour - 1, "{}", 2, all), 0);
    ck_assert_uint_eq(strlen(all), 3 * 47 + 2);
    ck_assert_int_eq(hook_sign(&second, "1", 24 * hour - 1, "{}", 2, one), 0);
    ck_assert(strncmp(all + 48, one, strlen(one)) == 0);
    ck_assert_int_eq(hook_sign(&first, "1", 24 * hour - 1, "{}", 2, one), 0);
    ck_assert_str_eq(all + 96, one);
    ck_assert_int_eq(hook_secrets_end(&s), 24 * hour);
    ck_assert(!hook_secrets_forget(&s, 24 * hour - 1));
    ck_assert(hook_secrets_forget(&s, 24 * hour));
    ck_assert_str_eq(s.before[0].text, second.now);
    ck_assert_str_eq(s.before[1].text, "");
    ck_assert_int_eq(hook_secrets_end(&s), 25 * hour);
    hook_secrets_rotate(&s, &random, 24 * hour);
    hook_secrets_rotate(&s, &random, 24 * hour + 1);
    ck_assert_str_eq(s.before[0].text[0] ? s.before[1].text : "", later.now);
    ck_assert(hook_secrets_forget(&s, 50 * hour));
    ck_assert_int_eq(hook_secrets_end(&s), INT64_MAX);
    hook_secrets_write(&s, text);
    ck_assert_str_eq(text, s.now);
}
END_TEST

START_TEST(a_secret_is_whsec_and_24_to_64_bytes)
{
    static const char *const bad[] = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_x 5",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw 5 whsec_",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw 5 whsec_x 6",
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    struct hook_secrets s;
    char made[HOOK_SECRET_TEXT];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(hook_secrets_read(bad[i], &s) == TGC_EINVAL, "%s", bad[i]);
    hook_secret_make(&random_system, made);
    ck_assert_int_eq(hook_secrets_read(made, &s), 0);
    ck_assert_str_eq(s.now, made);
}
END_TEST

START_TEST(a_body_has_type_time_and_the_event)
{
    struct buf b;

    buf_init(&b, 200);
    ck_assert_int_eq(hook_body_put(&b, "call", 1790000000, "{\"account\":\"anna\"}", 18), 0);
    ck_assert_str_eq(buf_text(&b), "{\"type\":\"call\",\"timestamp\":\"2026-09-21T14:13:20Z\",\"data\":{\"account\":"
                                   "\"anna\"}}");
    buf_fini(&b);
}
END_TEST

Suite *suite_sign(void)
{
    Suite *s = suite_create("sign");
    TCase *t = tcase_create("sign");

    tcase_add_test(t, the_published_vector_is_met);
    tcase_add_test(t, after_a_rotation_both_sign_for_a_day);
    tcase_add_test(t, two_rotations_within_a_day_end_neither_secret_early);
    tcase_add_test(t, a_secret_is_whsec_and_24_to_64_bytes);
    tcase_add_test(t, a_body_has_type_time_and_the_event);
    suite_add_tcase(s, t);
    return s;
}
