/* A folder for a test's files that goes with the process that made it, however that ends. */
#ifndef TGCALLD_TESTS_TEMP_H
#define TGCALLD_TESTS_TEMP_H

/* A fresh folder in $TMPDIR or /tmp, one at a time; an unchecked fixture, so that it outlives the tests that fail. */
void temp_make(void);
/* Removes it with all that is in it. Where a signal forestalls this, the folder goes all the same. */
void temp_remove(void);

/* A path below the folder; static storage, one at a time. */
const char *temp_path(const char *name);

#endif
