/* What is done to a store because somebody asks for it at the command line: `tgcalld backup` and `tgcalld seal rotate`.
 *
 * A running daemon has its database to itself, so it is asked, on a Unix socket in the state directory that takes a
 * packet and answers with one. Where a copy goes is opened by who asks, with his own rights, and given as a descriptor:
 * the daemon, which may write next to nowhere, needs no right to it, and nobody has it write where he may not. */
#ifndef TGCALLD_UPKEEP_H
#define TGCALLD_UPKEEP_H

#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/store/store.h"

enum upkeep_task { UPKEEP_BACKUP, UPKEEP_SEAL_ROTATE, UPKEEP_TASKS };
enum { UPKEEP_TEXT = 1024 };

/* "backup", "seal rotate" */
const char *upkeep_text(enum upkeep_task task);
enum upkeep_task upkeep_parse(const char *text); /* UPKEEP_TASKS: none */

/* Does it and waits for its end; the store's thread does the work. FD is where a backup is written, from its beginning.
 * STOP (may be NULL) ends the wait for FD's disk. SAID is the end of a sentence for who asked. Errors are those of
 * daemon/store/upkeep.h, and TGC_ECLOSED: STOP. */
int upkeep_do(struct store *s, enum upkeep_task task, int fd, const atomic_bool *stop, char said[static UPKEEP_TEXT],
              struct fault *fault) TGC_MUST;

/* What a process that was killed left of a copy on its way goes. */
void upkeep_clear(struct store *s);

/* --- the socket: <state directory>/upkeep.sock, for the daemon's own user and root --- */

struct upkeep_socket;

/* Starts to answer, on a thread of its own. TGC_ESYSTEM, TGC_ENOMEM. */
int upkeep_socket_open(const char *state_dir, struct store *s, struct upkeep_socket **ret,
                       struct fault *fault) TGC_MUST;
/* When what is under way is done, or given up where it waits for somebody else's disk. NULL is fine. */
void upkeep_socket_close(struct upkeep_socket *u);

/* Asks the daemon that holds STATE_DIR, and waits. TGC_EBUSY: it cannot be asked now; else as upkeep_do(). */
int upkeep_ask(const char *state_dir, enum upkeep_task task, int fd, char said[static UPKEEP_TEXT],
               struct fault *fault) TGC_MUST;

#endif
