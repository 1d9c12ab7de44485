/* What the program answers about itself. */
#ifndef TGCALLD_ABOUT_H
#define TGCALLD_ABOUT_H

#include <jansson.h>

#include "config/settings.h"
#include "daemon/schemas.h"

/* For GET /version; the caller owns it. NULL where memory is gone. */
json_t *about_version(const struct settings *s, const struct schemas *schemas);

/* For GET /openapi.json and its kin: the text of that NAME as shipped; freed by the caller. NULL, and the log says so,
 * where it is missing. */
char *about_description(const char *name);

#endif
