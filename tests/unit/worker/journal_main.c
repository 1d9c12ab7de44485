#include "daemon/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/worker/journal_suites.h"

int main(void)
{
    Suite *suites[] = {suite_journal(),      suite_journal_jobs(), suite_journal_restart(),
                       suite_journal_full(), suite_own_job(),      NULL};

    log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
    return unit_main(suites);
}
