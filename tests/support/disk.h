/* The disk's bad days: what changes a file, of the store and of SQLite, can be counted, and the Nth of it ends the
 * process, or fails from then on. Of this process alone; a child has its own. */
#ifndef TGCALLD_TESTS_DISK_H
#define TGCALLD_TESTS_DISK_H

#include <stdbool.h>

/* Once, before a store is opened. */
void disk_watch(void);
/* The Nth change from now on (0: the next) is not made: the process is killed (SIGKILL). */
void disk_kill_at(int n);
/* From the Nth change on there is no space left. */
void disk_full_at(int n);
/* From the Nth time on that SQLite asks for it (0: the next), what was written is not put onto the disk: that is said,
 * and it may be there all the same. */
void disk_sync_fails_at(int n);
/* All works again; whether a change failed. */
bool disk_well(void);

#endif
