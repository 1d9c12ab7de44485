#include "tests/support/unit.h"
#include "tests/unit/qr/suites.h"

int main(void)
{
    Suite *suites[] = {suite_qr(), NULL};

    return unit_main(suites);
}
