#include "tests/support/shipped.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/suites.h"

int main(void)
{
    Suite *suites[] = {suite_world(),
                       suite_auth(),
                       suite_login_token(),
                       suite_phone(),
                       suite_call(),
                       suite_call_message(),
                       suite_conference(),
                       suite_crowd(),
                       suite_in_call(),
                       suite_participants(),
                       suite_updates(),
                       suite_difference(),
                       suite_query(),
                       suite_inject(),
                       suite_address(),
                       suite_client(),
                       suite_seed(),
                       suite_session(),
                       suite_numbers(),
                       suite_queries(),
                       suite_faults(),
                       suite_lies(),
                       suite_control(),
                       suite_bind(),
                       suite_hostile(),
                       suite_place(),
                       suite_keep(),
                       suite_keys(),
                       suite_desk(),
                       suite_stored(),
                       suite_said(),
                       suite_standing(),
                       NULL};

    shipped_read();
    return unit_main(suites);
}
