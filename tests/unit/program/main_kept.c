#include "tests/support/unit.h"
#include "tests/unit/program/suites.h"

int main(void)
{
    Suite *suites[] = {suite_tokens_kept(), NULL};

    return unit_main(suites);
}
