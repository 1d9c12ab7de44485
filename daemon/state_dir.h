/* The state directory: made where it is missing, held by one daemon at a time, with the files that others read. */
#ifndef TGCALLD_STATE_DIR_H
#define TGCALLD_STATE_DIR_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

struct state_dir {
    char *path;
    int lock_fd;     /* held for the life of the process; -1 */
    bool is_private; /* made for this run, removed at its end */
};

/* Opens PATH, or a new private directory where PATH is NULL. TGC_EBUSY: another daemon holds it; TGC_ESYSTEM. */
int state_dir_open(const char *path, struct state_dir *ret, struct fault *fault) TGC_MUST;
/* 0 where a daemon was there once, so that nothing is made in a place that was only mistyped; TGC_EUNKNOWN.
 * TGC_ESYSTEM: the system does not let this user see. */
int state_dir_find(const char *path, struct fault *fault) TGC_MUST;
/* Lets go; a private directory is removed with the files of this room and whatever socket was in it. */
void state_dir_close(struct state_dir *d);

/* <path>/NAME; freed by the caller, NULL where memory is gone. */
char *state_dir_file(const struct state_dir *d, const char *name);
/* Writes NAME by rename, mode 0600; root writes it as the directory's owner. */
int state_dir_write(const struct state_dir *d, const char *name, const char *text, size_t len,
                    struct fault *fault) TGC_MUST;
void state_dir_remove(const struct state_dir *d, const char *name);

/* What root writes must stay the daemon's: from here on root does all as PATH's owner, until it is oneself again. */
int state_dir_become_owner(const char *path, struct fault *fault) TGC_MUST;
int state_dir_become_oneself(struct fault *fault) TGC_MUST;

#endif
