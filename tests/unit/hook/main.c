#include "tests/support/unit.h"
#include "tests/unit/hook/suites.h"

int main(void)
{
    Suite *suites[] = {suite_address(), suite_url(),   suite_sign(),    suite_line(),    suite_registry(),
                       suite_deliver(), suite_again(), suite_secrets(), suite_starved(), NULL};

    return unit_main(suites);
}
