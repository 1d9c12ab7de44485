#include "daemon/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/worker/live_suites.h"

int main(void)
{
    Suite *suites[] = {suite_live(), NULL};

    log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
    return unit_main(suites);
}
