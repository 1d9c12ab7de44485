#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"

int main(void)
{
    Suite *suites[] = {suite_schema(), NULL};

    return unit_main(suites);
}
