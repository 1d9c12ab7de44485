#include "tests/support/unit.h"
#include "tests/unit/config/suites.h"

int main(void)
{
    Suite *suites[] = {suite_options(), suite_paths(), suite_settings(), NULL};

    return unit_main(suites);
}
