/* Webhooks that are started, and two receivers to send to. */
#ifndef TGCALLD_TESTS_HOOK_DELIVER_BED_H
#define TGCALLD_TESTS_HOOK_DELIVER_BED_H

#include "tests/unit/hook/bed.h"
#include "tests/unit/hook/receiver.h"

extern struct receiver *r, *other;
extern struct fault fault;
extern char secret[HOOK_SECRET_TEXT]; /* of the newest hook */
extern const char answer_broken[], answer_gone[];

/* For checked fixtures. */
void deliver_set_up(void);
void deliver_tear_down(void);
void start(void);
/* The webhooks of another process upon the same store. */
void restart(void);
/* The store too is another's; between the two SQL changed it. */
void restart_after(const char *sql);

/* A hook of one type and account, or of all (NULL). */
void create_at(const char *name, const char *url, const char *type, const char *account);
void create(const char *name, struct receiver *to);
void edit(const char *name, struct hook_edit e);
size_t replay(const char *name, struct hook_replay what);

/* The ids of the first N requests, which it waits for: "1 2 3"; static. */
const char *ids(struct receiver *of, size_t n);
/* The hook's tries as soon as there are N: "#N ID.TRY=STATUS STATE: ERROR | …", the newest first; static. */
const char *deliveries(const char *name, int n);

#endif
