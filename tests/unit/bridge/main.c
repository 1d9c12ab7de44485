#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

int main(void)
{
    Suite *suites[] = {
        suite_audit(), suite_choose(),   suite_digest(),  suite_directory(), suite_events(), suite_events_followed(),
        suite_audit(), suite_choose(),   suite_digest(),  suite_directory(), suite_events(), suite_events_out(),
        suite_job(),   suite_job_pack(), suite_mailbox(), suite_problem(),   suite_tokens(), suite_token_use(),
        NULL};

    return unit_main(suites);
}
