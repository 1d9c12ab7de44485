/* Where $TGCALLD_TEST_DATABASE names a database of a PostgreSQL server, the stores of beds are databases of their own
 * there. */
#ifndef TGCALLD_TESTS_STORE_BED_SERVER_H
#define TGCALLD_TESTS_STORE_BED_SERVER_H

#include <libpq-fe.h>

/* A fresh database for this process; its URL, in a static buffer. Once at a time. */
const char *bed_server_make(void);
void bed_server_drop(void);

/* Or the test fails. */
PGconn *bed_server_connect(const char *url);

#endif
