#include "tests/support/unit.h"
#include "tests/unit/cluster/suites.h"

int main(void)
{
    Suite *suites[] = {suite_lease(), suite_model(), suite_node(), suite_share(), suite_starved(), suite_watch(), NULL};

    return unit_main(suites);
}
