#include "tests/support/unit.h"
#include "tests/unit/store/suites.h"

int main(void)
{
    Suite *suites[] = {suite_open(),    suite_rows(),       suite_account_rows(), suite_queue(),   suite_upkeep(),
                       suite_secrets(), suite_event_rows(), suite_kill(),         suite_migrate(), suite_starved(),
                       suite_intents(), suite_squeeze(),    suite_audit_rows(),   suite_hooks(),   NULL};

    return unit_main(suites);
}
