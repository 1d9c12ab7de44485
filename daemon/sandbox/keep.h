/* The world in a file, so that it outlives the process: users, calls, what happened to each chat, and the keys that are
 * logged in. Sessions end with the process, and nobody is in a call afterwards. */
#ifndef TGCALLD_SANDBOX_KEEP_H
#define TGCALLD_SANDBOX_KEEP_H

#include "daemon/sandbox/sandbox_internal.h"

/* --- keep.c --- */
/* Keeps the world in DIR, which is made where it is missing, and takes over what is there already. TGC_ESYSTEM,
 * TGC_ESYNTAX: the file is none of ours. */
int keep_open(struct sandbox *s, const char *dir, struct fault *fault) TGC_MUST;
/* On the loop, once it is there. */
void keep_start(struct sandbox *s);
/* Something has changed: written once it is quiet. */
void keep_later(struct sandbox *s);
/* Writes it for the last time; after the loop's thread has ended. */
void keep_close(struct sandbox *s);

/* --- keep_world.c --- */
json_t *keep_pack(const struct sandbox *s);
/* Into a world that is seeded. TGC_ESYNTAX, TGC_ENOMEM; the world is of no use then. */
int keep_unpack(struct sandbox *s, const json_t *kept) TGC_MUST;

#endif
