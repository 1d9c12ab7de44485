#include "tests/support/unit.h"
#include "tests/unit/ctl/suites.h"

int main(void)
{
    Suite *suites[] = {suite_advice(), suite_commands(), suite_pick(), suite_prompt(), suite_table(), NULL};

    return unit_main(suites);
}
