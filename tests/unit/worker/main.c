#include "tests/support/unit.h"
#include "tests/unit/worker/suites.h"

int main(void)
{
    Suite *suites[] = {suite_chat_lock(), suite_accounts(), suite_problems(), suite_life(), NULL};

    return unit_main(suites);
}
