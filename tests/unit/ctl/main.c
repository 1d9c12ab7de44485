#include "tests/support/unit.h"
#include "tests/unit/ctl/suites.h"

int main(void)
{
    Suite *suites[] = {suite_prompt(), NULL};

    return unit_main(suites);
}
