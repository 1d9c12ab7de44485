/* Chaos from seeds: see chaos.h. */
#include <stdlib.h>

#include "tests/unit/mt/chaos.h"
#include "tests/unit/mt/suites.h"
#include "tests/unit/mt/support.h"

START_TEST(each_request_ends_once_with_its_own_answer_whatever_happens)
{
    struct script random;
    uint8_t *bytes = malloc(CHAOS_BYTES_MAX);

    for (uint64_t seed = (uint64_t)_i * 10; seed < (uint64_t)_i * 10 + 10; seed++) {
        script_init(&random, seed + 100);
        random_fill(&random.source, bytes, CHAOS_BYTES_MAX);
        chaos_run(bytes, CHAOS_BYTES_MAX);
    }
    free(bytes);
}
END_TEST

Suite *suite_session_chaos(void)
{
    Suite *s = suite_create("mt/session_chaos");
    TCase *t = tcase_create("chaos");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, each_request_ends_once_with_its_own_answer_whatever_happens, 0, 6);
    suite_add_tcase(s, t);
    return s;
}
