#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

int main(void)
{
    Suite *suites[] = {suite_buf(), NULL};

    return unit_main(suites);
}
