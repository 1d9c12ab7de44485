/* Webhooks upon a store in a test's folder, and a log of events that the test fills. */
#ifndef TGCALLD_TESTS_HOOK_BED_H
#define TGCALLD_TESTS_HOOK_BED_H

#include "daemon/hook/hooks.h"
#include "daemon/store/store.h"
#include "tests/support/unit.h"

extern struct store *bed_store;
extern struct hooks *bed_hooks;
extern int64_t bed_keep;               /* so many events the disk keeps; before bed_open_store() */
extern struct hooks_config bed_config; /* for bed_open(); usual after bed_set_up() */

/* A fresh folder, nothing opened. */
void bed_set_up_store(void);
void bed_open_store(void);
void bed_close_store(void);
/* A fresh folder, the store and the webhooks of it, not started: for checked fixtures. */
void bed_set_up(void);
void bed_tear_down(void);
/* Upon the closed store's file. */
void bed_sql(const char *sql);
/* As a new process has them; what is in the log stays. */
void bed_open(void);
void bed_close(void);

/* An event more, with the next number: its data {"n":ID}. It is in memory, and on the disk. Returns its id. */
uint64_t bed_happen(const char *account, const char *type);
/* Memory has only what is newer. */
void bed_push_out(uint64_t up_to);

/* All webhooks as one text for free(): "NAME URL [TYPES] ACCOUNT STATE REASON pending N | …". */
char *bed_list(void);

#endif
