#include "daemon/base/log.h"
#include "tests/support/shipped.h"
#include "tests/support/unit.h"
#include "tests/unit/worker/suites.h"

int main(void)
{
    Suite *suites[] = {
        suite_accounts(),  suite_problems(), suite_audit_log(), suite_event_log(), suite_guest(), suite_life(),
        suite_live_rule(), suite_shares(),   suite_tell(),      suite_turns(),     NULL};

    log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT); /* what accounts say is no part of the result */
    shipped_read();
    return unit_main(suites);
}
