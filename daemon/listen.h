/* Where HTTP is served: what was passed, and the settings' listeners bound where none was; and the file `listen` that
 * says where. */
#ifndef TGCALLD_LISTEN_H
#define TGCALLD_LISTEN_H

#include <sys/types.h>

#include "api/server.h"
#include "config/settings.h"
#include "daemon/passed.h"
#include "daemon/state_dir.h"

/* How many there will be. */
unsigned listen_count(const struct settings *s, const struct passed *p);

/* Both return 0 or the exit status, having said why. */

/* The id of unix_group; (gid_t)-1 where none is set. */
int listen_group(const struct settings *s, gid_t *ret);

/* Takes what was passed and binds the rest, then writes the file. The Unix socket goes to GROUP where it is not -1; one
 * that was passed stays as it is. */
int listen_all(struct api *api, const struct settings *s, const struct state_dir *state, struct passed *p, gid_t group);

#endif
