#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

int main(void)
{
    Suite *suites[] = {suite_address(),
                       suite_buf(),
                       suite_database_url(),
                       suite_due(),
                       suite_fault(),
                       suite_file(),
                       suite_gzip(),
                       suite_layer_line(),
                       suite_log(),
                       suite_log_writer(),
                       suite_metrics(),
                       suite_near(),
                       suite_peer_text(),
                       suite_proxy(),
                       suite_random(),
                       suite_secret(),
                       suite_terminal_text(),
                       suite_text(),
                       suite_time_text(),
                       NULL};

    return unit_main(suites);
}
