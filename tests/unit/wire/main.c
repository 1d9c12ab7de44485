#include "tests/support/unit.h"
#include "tests/unit/wire/suites.h"

int main(void)
{
    Suite *suites[] = {
        suite_frames(), suite_obfuscated(), suite_round_trip(), suite_faults(), suite_tunnel(), suite_fake_tls(), NULL};

    return unit_main(suites);
}
