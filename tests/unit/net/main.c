#include "tests/support/unit.h"
#include "tests/unit/net/suites.h"

int main(void)
{
    Suite *suites[] = {suite_loop(),      suite_dial(),         suite_link(),
                       suite_link_ends(), suite_route(),        suite_mtproxy(),
                       suite_gate(),      suite_gate_stopped(), NULL};

    return unit_main(suites);
}
