#include <stdlib.h>
#include <string.h>

#include "daemon/store/db_pg.h"

enum { STATE_LEN = 5 };

const char *pg_words(const char *message)
{
    static _Thread_local char words[FAULT_TEXT_MAX];
    size_t n = 0;

    for (const char *c = message; *c && n + 1 < sizeof(words); c++)
        words[n++] = *c == '\n' ? ' ' : *c;
    while (n > 0 && words[n - 1] == ' ')
        n--;
    words[n] = '\0';
    return words;
}

/* PostgreSQL's documentation, appendix A: the first two characters are the class. */
static const struct {
    const char *state;
    int err;
    const char *text; /* NULL: the server's own words */
} table[] = {
    {"53100", TGC_EFULL, "the database server's disk is full: free some space on it"},
    {"53300", TGC_EAWAY, "the database server takes no more connections: raise its max_connections"},
    {"25006", TGC_EREADONLY, "the database may only be read: name the primary server, or end its read-only mode"},
    {"42501", TGC_EREADONLY,
     "the database may not be written by this role: make the role the database's owner, or grant it all on its schema"},
    {"3D000", TGC_EUNKNOWN, NULL},
    {"28", TGC_EREFUSED, NULL},
    {"23", TGC_EEXIST, NULL},
    {"54", TGC_ELIMIT, "a value is too long for the database"},
    /* Only the fence divides by nothing (db_pg.c). */
    {"22012", TGC_EBUSY,
     "another daemon took the database, or somebody removed the row of tgcalld_writer: see that one daemon alone uses "
     "it"},
    {"XX001", TGC_EDAMAGED, "the database is damaged: put a backup in its place"},
    {"XX002", TGC_EDAMAGED, "the database is damaged: put a backup in its place"},
    {"57P", TGC_EAWAY, NULL},   /* it is being shut down, or starts */
    {"08", TGC_EAWAY, NULL},    /* the connection */
    {"40", TGC_EAWAY, NULL},    /* rolled back for another's sake: once more */
    {"55P03", TGC_EAWAY, NULL}, /* a lock that somebody holds */
    {"57014", TGC_EAWAY, NULL}, /* it took too long */
    {"25P03", TGC_EAWAY, NULL}, /* we did */
    {"25P04", TGC_EAWAY, NULL},
};

int pg_fault_of(const PGresult *result, struct fault *fault)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (!message)
        message = PQresultErrorMessage(result);
    for (size_t i = 0; state && i < sizeof(table) / sizeof(table[0]); i++) {
        if (strncmp(state, table[i].state, strlen(table[i].state)) != 0)
            continue;
        if (table[i].text)
            return fault_set(fault, table[i].err, "%s", table[i].text);
        if (table[i].err == TGC_EEXIST)
            return fault_set(fault, TGC_EEXIST, "the database refuses the row: %s", pg_words(message));
        return fault_set(fault, table[i].err, "the database says: %s", pg_words(message));
    }
    return fault_set(fault, TGC_ESYSTEM, "the database fails: %s%s%s", pg_words(message), state ? ", SQLSTATE " : "",
                     state ? state : "");
}

/* "FATAL:  28P01: …", the first word in the server's language: libpq has an SQLSTATE of a connection that did not come
 * about in its words alone (PQERRORS_VERBOSE). NULL: there is none, as the server did not say it. */
static const char *state_in(const char *words)
{
    static const char of_state[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    for (const char *at = strstr(words, ":  "); at; at = strstr(at + 1, ":  "))
        if (strspn(at + 3, of_state) == STATE_LEN && strncmp(at + 3 + STATE_LEN, ": ", 2) == 0)
            return at + 3;
    return NULL;
}

/* And in which of the server's files it stands, which is nobody's business here. */
static const char *words_of_connection(const PGconn *conn)
{
    const char *message = PQerrorMessage(conn), *location = strstr(message, "\nLOCATION:  ");
    char *own = location ? strndup(message, (size_t)(location - message)) : NULL;
    const char *words = pg_words(own ? own : message);

    free(own);
    return words;
}

int pg_fault_of_connection(const PGconn *conn, struct fault *fault)
{
    const char *words = words_of_connection(conn), *state = state_in(words);

    /* No right to connect is a login that is refused too. */
    if (PQconnectionNeedsPassword(conn) || (state && (strncmp(state, "28", 2) == 0 || strncmp(state, "42501", 5) == 0)))
        return fault_set(fault, TGC_EREFUSED, "the database server refuses the login: %s", words);
    if (state && strncmp(state, "3D000", 5) == 0)
        return fault_set(fault, TGC_EUNKNOWN, "the database server has no such database, make it with createdb: %s",
                         words);
    return fault_set(fault, TGC_EAWAY, "the database server does not answer: %s", words);
}
