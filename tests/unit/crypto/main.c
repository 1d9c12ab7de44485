#include "tests/support/unit.h"
#include "tests/unit/crypto/suites.h"

int main(void)
{
    Suite *suites[] = {suite_hash(), suite_ige(), suite_ctr(),  suite_kdf(), suite_pq(),
                       suite_dh(),   suite_rsa(), suite_seal(), suite_srp(), NULL};

    return unit_main(suites);
}
