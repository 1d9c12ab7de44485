#include "tests/support/unit.h"
#include "tests/unit/calendar/suites.h"

int main(void)
{
    Suite *suites[] = {suite_follow(), suite_rule(), suite_starved(), suite_title(), suite_zone(), NULL};

    return unit_main(suites);
}
