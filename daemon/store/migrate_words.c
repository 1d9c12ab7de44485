#include "daemon/store/migrate_words.h"

#include <ctype.h>
#include <string.h>

/* Texts are told apart byte by byte, as SQLite does it. */
static const struct {
    const char *from, *to;
} table[] = {
    {"INTEGER", "BIGINT"},
    {"BLOB", "BYTEA"},
    {"TEXT", "TEXT COLLATE \"C\""},
    {" STRICT, WITHOUT ROWID", ""},
    {" STRICT", ""},
    {"PRAGMA user_version =", "UPDATE tgcalld_schema SET version ="},
    {"PRAGMA application_id = 1952932708",
     "CREATE TABLE tgcalld_schema (version BIGINT NOT NULL); INSERT INTO tgcalld_schema (version) VALUES (0)"},
};

static bool is_in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Length of the word at AT that has another one; 0. */
static size_t find(const char *sql, const char *at, const char **ret)
{
    if (at > sql && is_in_word(*at) && is_in_word(at[-1]))
        return 0;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        size_t len = strlen(table[i].from);
        if (strncmp(at, table[i].from, len) == 0 && !is_in_word(at[len])) {
            *ret = table[i].to;
            return len;
        }
    }
    return 0;
}

void migrate_words(const char *sql, struct buf *out)
{
    for (const char *at = sql; *at;) {
        const char *to = NULL;
        size_t len = find(sql, at, &to);
        if (len)
            buf_put_text(out, to);
        else
            buf_put_byte(out, (uint8_t)*at);
        at += len ? len : 1;
    }
}
