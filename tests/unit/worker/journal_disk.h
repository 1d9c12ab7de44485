/* daemon/store's intents in memory, in the place of intent_rows.c: what is written survives the journal that wrote it,
 * and the test says when and whether it is. */
#ifndef TGCALLD_TESTS_WORKER_JOURNAL_DISK_H
#define TGCALLD_TESTS_WORKER_JOURNAL_DISK_H

#include <jansson.h>

#include "daemon/store/intent_rows.h"

struct disk_row {
    struct store_intent intent; /* its texts and its key are the row's own */
    char account[40];
    uint8_t key[STORE_INTENT_KEY];
    struct disk_row *prev, *next;
};

/* Empty, and it takes what it is given. */
void disk_set_up(void);
void disk_tear_down(void);

enum disk_mood {
    DISK_WRITES,
    DISK_FAILS,   /* each write comes to TGC_ESYSTEM, "the disk is full" */
    DISK_REFUSES, /* nothing is taken: TGC_ELIMIT */
};
void disk_set_mood(enum disk_mood mood);

/* The oldest of what it was given comes to its end, and whoever asked hears. False: there was nothing. */
bool disk_step(void);
/* All of it, and of what follows from that. */
void disk_run(void);
bool disk_has_work(void);
/* Somebody waits for an answer that is read: disk_lose() is not for then. */
bool disk_is_reading(void);
/* The machine loses its power: what was given and is not written never was. Nobody hears. */
void disk_lose(void);

size_t disk_rows_n(void);
/* The only row; the test fails where there is another number of them. */
struct disk_row *disk_only(void);
/* One more, as an earlier version or a hand could have left it; ORDER NULL: it cannot be read. */
void disk_put(const struct store_intent *row);
/* What that row holds as JSON, borrowed until the next call; NULL: nothing. */
json_t *disk_order(const struct disk_row *row);
json_t *disk_answer(const struct disk_row *row);

#endif
