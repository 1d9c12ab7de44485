/* Where HTTP is served: the settings' listeners bound, and the file `listen` that says where. */
#ifndef TGCALLD_LISTEN_H
#define TGCALLD_LISTEN_H

#include <sys/types.h>

#include "api/server.h"
#include "config/settings.h"
#include "daemon/state_dir.h"

/* Both return 0 or the exit status, having said why. */

/* The id of unix_group; (gid_t)-1 where none is set. */
int listen_group(const struct settings *s, gid_t *ret);

/* Binds all, then writes the file. The Unix socket goes to GROUP where it is not -1. */
int listen_all(struct api *api, const struct settings *s, const struct state_dir *state, gid_t group);

#endif
