#include "tests/support/shipped.h"
#include "tests/support/unit.h"
#include "tests/unit/tg/suites.h"

int main(void)
{
    /* clang-format off */
    Suite *suites[] = {
        suite_judge(),
        suite_needs(),
        suite_peers(),
        suite_calls(),
        suite_known_chats(), suite_known_calls(), suite_known_proof(), suite_known_model(),
        suite_names(), suite_resolve(), suite_rights(),
        suite_chat(),
        suite_chat_lock(),
        suite_conference(),
        suite_dc_options(), suite_dc_way(), suite_dc_learnt(),
        suite_init_prefix(),
        suite_facts(),
        suite_evidence(), suite_older(), suite_replace(), suite_two_accounts(),
        suite_create_finds(),
        suite_fate(),
        suite_gate(),
        suite_fake_net(),
        suite_fake_dc(),
        suite_keys(),
        suite_session_strings(),
        suite_handshakes(),
        suite_import(),
        suite_import_resume(),
        suite_connection(), suite_connection_gate(), suite_connection_keys(), suite_connection_state(),
        suite_connection_temporary(), suite_connection_renew(),
        suite_request(),
        suite_saved(), suite_saved_login(),
        suite_repeat(),
        suite_flood(),
        suite_invoke(),
        suite_updates(), suite_refresh(), suite_rumours(),
        suite_account(),
        suite_login(),
        suite_login_code(),
        suite_login_new(),
        suite_login_qr(),
        suite_login_fate(),
        suite_logout(),
        suite_move(),
        suite_own_methods(),
        suite_engine(), suite_engine_trouble(),
        suite_split(),
        suite_standing(),
        suite_tell(),
        suite_way(),
        suite_starter(),
        suite_starved(),
        NULL,
    };
    /* clang-format on */

    shipped_read();
    return unit_main(suites);
}
