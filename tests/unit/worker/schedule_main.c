#include "daemon/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/worker/schedule_suites.h"

int main(void)
{
    Suite *suites[] = {suite_schedule_rule(), suite_schedule_skip(), suite_schedule_years(), NULL};

    log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
    return unit_main(suites);
}
