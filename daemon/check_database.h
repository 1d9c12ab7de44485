/* --check-config: the database that the settings name, and the nodes at it. */
#ifndef TGCALLD_CHECK_DATABASE_H
#define TGCALLD_CHECK_DATABASE_H

#include "config/settings.h"

/* Looks at it, within some seconds and without changing anything, and says on stderr what it has against a start. 0, or
 * EXIT_CONFIG: a start would end. *RET_TOLD: "", or what is to be said at the end of a sentence where all is good. */
int check_database(const struct settings *s, const char **ret_told);

#endif
