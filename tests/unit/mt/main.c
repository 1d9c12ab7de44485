#include "tests/support/unit.h"
#include "tests/unit/mt/suites.h"

int main(void)
{
    Suite *suites[] = {
        suite_ids(),       suite_messages(),         suite_rpc_error(),    suite_handshake_vectors(),
        suite_handshake(), suite_handshake_server(), suite_session_send(), NULL,
    };

    return unit_main(suites);
}
