#include "tests/support/unit.h"
#include "tests/unit/program/suites.h"

int main(void)
{
    Suite *suites[] = {suite_follow(), NULL};

    return unit_main(suites);
}
