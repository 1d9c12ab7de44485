/* daemon/store's wishes in memory, in the place of live_rows.c: what is written survives the worker that wrote it. */
#ifndef TGCALLD_TESTS_WORKER_LIVE_DISK_H
#define TGCALLD_TESTS_WORKER_LIVE_DISK_H

#include <stdbool.h>
#include <stddef.h>

void live_disk_set_up(void);
void live_disk_tear_down(void);

/* The oldest of what it was given comes to its end, and whoever asked hears. False: there was nothing. */
bool live_disk_step(void);
/* The machine loses its power: what was given and is not written never was. Whoever asked hears of an error, so that
 * what it waits with is freed. */
void live_disk_lose(void);

size_t live_disk_rows_n(void);

#endif
