/* A store in a test's folder, and a desk whose completions are awaited. */
#ifndef TGCALLD_TESTS_STORE_BED_H
#define TGCALLD_TESTS_STORE_BED_H

#include "daemon/store/account_rows.h"
#include "daemon/store/call_rows.h"
#include "daemon/store/event_rows.h"
#include "daemon/store/flood_rows.h"
#include "daemon/store/intent_rows.h"
#include "daemon/store/key_rows.h"
#include "daemon/store/peer_rows.h"
#include "daemon/store/update_rows.h"
#include "daemon/store/store.h"
#include "daemon/store/upkeep.h"
#include "tests/support/unit.h"

extern struct store *bed_store;
extern struct store_desk *bed_desk;
extern struct store_config bed_config; /* reset by bed_set_up(); its paths lie in the folder */

/* A fresh folder, nothing opened: for a checked fixture. */
void bed_set_up(void);
/* Closes what is open. */
void bed_tear_down(void);
/* "store.db" and its kin, in the folder; one of four static buffers. */
const char *bed_path(const char *name);

void bed_open(void);
/* Closes; every write must have come to something. */
void bed_close(void);
/* The store cannot be opened, for this reason, and FAULT's text has SAYS; every file of the folder is as it was. */
void bed_refused(int err, const char *says);

/* How writes went: for `done` with its address as ctx. */
struct bed_heard {
    unsigned n; /* completions */
    int err;    /* of the last */
    char why[256];
};
void bed_done(void *ctx, int err, const char *why);
/* Of what a test waits for before it is gone. */
extern const struct store_loan bed_loan;
/* An assertion without Check's words, which allocate and belong to one thread. */
void bed_must(bool holds);
/* Until as many completions as N came. */
void bed_await(struct bed_heard *h, unsigned n);
/* Waits for the desk's next wake-up, and runs it. */
void bed_turn(void);

/* Puts, and waits for success. */
void bed_put_account(const char *name);
void bed_put_key(const char *account, int32_t dc, uint8_t fill);
struct store_account bed_account(const char *name);
struct store_key bed_key(const char *account, int32_t dc, uint8_t fill);

/* Whether stores are databases of a PostgreSQL server (bed_server.h). */
bool bed_has_server(void);

/* Runs SQL on the closed database, as somebody else would. It is written in SQLite's words. */
void bed_sql(const char *sql);
/* One number. */
int64_t bed_number(const char *sql);
/* From now on no row of TABLE can be deleted where WHEN is true of it (old.n is its column n), as on a full disk; then
 * they can again. */
void bed_refuse_delete(const char *table, const char *when);
void bed_refuse_no_more(const char *table);
/* Of a file: "ok" of PRAGMA integrity_check on PATH, and no row without its account. */
void bed_is_sound(const char *path);

/* All that the store has of its accounts, as one text for free(): "anna home 2 keys 2:aa…,4:bb… | …". */
char *bed_accounts(void);

#endif
