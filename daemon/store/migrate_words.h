/* SQLite's words in what makes tables, in PostgreSQL's: types, the kind of a table, and where a database says what it
 * is. All else of a text stays. */
#ifndef TGCALLD_STORE_MIGRATE_WORDS_H
#define TGCALLD_STORE_MIGRATE_WORDS_H

#include "daemon/base/buf.h"

void migrate_words(const char *sql, struct buf *out);

#endif
