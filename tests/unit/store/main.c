#include "tests/support/unit.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

/* Of what a store keeps, wherever it keeps it. */
static int run_in_server(void)
{
    Suite *suites[] = {suite_rows(),        suite_account_rows(), suite_queue(),
                       suite_event_rows(),  suite_intents(),      suite_audit_rows(),
                       suite_hooks(),       suite_token_rows(),   suite_server(),
                       suite_link(),        suite_link_shared(),  suite_heard(),
                       suite_cluster_sql(), suite_writers(),      suite_server_told(),
                       suite_beside(),      suite_follow(),       NULL};

    return unit_main(suites);
}

/* And of its file. */
static int run_in_file(void)
{
    Suite *suites[] = {suite_open(),       suite_rows(),    suite_account_rows(), suite_queue(),
                       suite_upkeep(),     suite_secrets(), suite_event_rows(),   suite_kill(),
                       suite_migrate(),    suite_starved(), suite_intents(),      suite_squeeze(),
                       suite_audit_rows(), suite_hooks(),   suite_token_rows(),   NULL};

    return unit_main(suites);
}

int main(void)
{
    return bed_has_server() ? run_in_server() : run_in_file();
}
