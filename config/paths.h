/* Where things are on this machine: state, sockets, shipped data. Looks at the environment; makes nothing. */
#ifndef TGCALLD_CONFIG_PATHS_H
#define TGCALLD_CONFIG_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* The longest path a Unix socket can have. */
enum { PATHS_UNIX_MAX = 107 };

/* GIVEN (may be NULL), else $STATE_DIRECTORY (its first), else $XDG_STATE_HOME/tgcalld, else ~/.local/state/tgcalld.
 * The caller frees *ret. TGC_EINVAL: nothing of it is set. */
int paths_state_dir(const char *given, char **ret, struct fault *fault) TGC_MUST;

/* ASKED (may be NULL); else, where the state directory was given on the command line, <state_dir>/api.sock; else
 * $RUNTIME_DIRECTORY/api.sock, else $XDG_RUNTIME_DIR/tgcalld/api.sock, else <state_dir>/api.sock. The folder around it
 * may not exist yet. TGC_ELIMIT: longer than PATHS_UNIX_MAX; with ASKED that is an unusable configuration, else a
 * warning and no socket. The caller frees *ret. */
int paths_unix_socket(const char *asked, bool state_dir_given, const char *state_dir, char **ret,
                      struct fault *fault) TGC_MUST;

/* A file or folder of shipped data: "schema", "keys/production.pem", "dc/test.conf", "dashboard". Below
 * $TGCALLD_DATADIR, else in the source tree where the running program lies in a build directory, else below the
 * installed data directory. Whether it exists is not asked. The caller frees *ret. TGC_ENOMEM. */
int paths_data(const char *name, char **ret) TGC_MUST;

#endif
