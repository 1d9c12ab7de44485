/* Where a PostgreSQL database is, as libpq's URIs say it: postgresql://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE&…
 * (PostgreSQL 15, 34.1.1.2). Only libpq knows all of it; here is what must hold so that no error of anybody's has the
 * password in it, and what may be shown. */
#ifndef TGCALLD_BASE_DATABASE_URL_H
#define TGCALLD_BASE_DATABASE_URL_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

enum { DATABASE_URL_MAX = 1000 /* as it is written */ };

/* TGC_EINVAL with a sentence that quotes nothing of TEXT. */
int database_url_check(const char *text, struct fault *fault) TGC_MUST;
/* TEXT, which was checked, with *** for the password, and without the parameters that do not say where the database is
 * or as whom it is used. */
void database_url_show(const char *text, char out[static DATABASE_URL_MAX + 4]);

#endif
