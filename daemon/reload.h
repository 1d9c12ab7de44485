/* SIGHUP: the configuration is read again. What can change while the daemon runs ([log], [client NAME], and what is in
 * the files of https:// listeners) does so at once; the rest is logged as waiting for a restart, mistakes are logged
 * and nothing changes. The main thread. */
#ifndef TGCALLD_RELOAD_H
#define TGCALLD_RELOAD_H

#include "api/server.h"
#include "config/options.h"
#include "config/settings.h"
#include "daemon/passed.h"

/* NOW and what was PASSED is what the daemon runs with. */
void reload(const struct options *options, const struct settings *now, const struct passed *passed, struct api *api);

#endif
