#include <signal.h>

#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

int main(void)
{
    Suite *suites[] = {suite_accept(),
                       suite_fields(),
                       suite_route(),
                       suite_target(),
                       suite_openapi(),
                       suite_listen(),
                       suite_edges(),
                       suite_http_routes(),
                       suite_http_wire(),
                       suite_http_access(),
                       suite_http_body(),
                       suite_http_answers(),
                       suite_http_life(),
                       suite_http_wait(),
                       suite_http_stop(),
                       suite_http_slow(),
                       suite_http_room(),
                       suite_http_events(),
                       suite_http_events_followed(),
                       suite_http_events_pages(),
                       suite_http_events_who(),
                       suite_terms(),
                       suite_http_pages(),
                       suite_tls(),
                       suite_plain_object(),
                       suite_addresses(),
                       NULL};

    signal(SIGPIPE, SIG_IGN);
    return unit_main(suites);
}
