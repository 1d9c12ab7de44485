#include "tests/support/unit.h"
#include "tests/unit/net/suites.h"

int main(void)
{
    Suite *suites[] = {suite_loop(), suite_dial(), suite_link(), suite_link_ends(), NULL};

    return unit_main(suites);
}
