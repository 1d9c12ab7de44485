#include "tests/support/shipped.h"
#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"

int main(void)
{
    Suite *suites[] = {
        suite_primitives(),
        suite_schema(),
        suite_objects(),
        suite_encode(),
        suite_walk(),
        suite_text(),
        suite_peers(),
        suite_members(),
        suite_property(),
        suite_memory(),
        suite_guess(),
        suite_outline(),
        suite_values(),
        NULL,
    };

    shipped_read();
    return unit_main(suites);
}
