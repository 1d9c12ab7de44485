#include "tests/support/unit.h"
#include "tests/unit/mt/suites.h"

int main(void)
{
    /* clang-format off */
    Suite *suites[] = {
        suite_ids(),
        suite_messages(),
        suite_rpc_error(),
        suite_handshake_vectors(),
        suite_handshake(),
        suite_handshake_server(),
        suite_bind(),
        suite_session_parts(),
        suite_session_send(),
        suite_session_read(),
        suite_session_time(),
        suite_session_container(),
        suite_session_once(),
        suite_session_packed(),
        suite_session_answers(),
        suite_session_bad_salt(),
        suite_session_future_salts(),
        suite_session_repair(),
        suite_session_salts(),
        suite_session_link(),
        suite_session_state(),
        suite_session_chaos(),
        suite_starved(),
        NULL,
    };
    /* clang-format on */

    return unit_main(suites);
}
