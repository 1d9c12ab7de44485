/* daemon/store's schedules in memory, in the place of schedule_rows.c: what is written survives the worker that wrote
 * it, and the test says when it is. */
#ifndef TGCALLD_TESTS_WORKER_SCHEDULE_DISK_H
#define TGCALLD_TESTS_WORKER_SCHEDULE_DISK_H

#include "daemon/store/schedule_rows.h"

/* COMMITTED hears of each row as it comes onto the disk; ROW is the disk's own until the next of that id. */
void schedule_disk_set_up(void (*committed)(const struct store_schedule *row));
void schedule_disk_tear_down(void);

bool schedule_disk_has_work(void);
/* The oldest of what it was given comes to its end, and whoever asked hears. False: there was nothing. */
bool schedule_disk_step(void);
/* What was given and is not written never was. Nobody hears. */
void schedule_disk_lose(void);

/* A row as if it had been written; nobody hears. */
void schedule_disk_put(const struct store_schedule *row);
/* NULL: there is none. */
const struct store_schedule *schedule_disk_find(const char *name);

#endif
