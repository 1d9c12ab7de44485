/* What the log's files share: one event, its text in each format, and where it goes. */
#ifndef TGCALLD_BASE_LOG_INTERNAL_H
#define TGCALLD_BASE_LOG_INTERNAL_H

#include <sys/uio.h>
#include <time.h>

#include "daemon/base/log.h"

enum {
    LOG_MESSAGE_MAX = 1024, /* bytes of a message; the rest is cut */
    LOG_VALUE_MAX = 512,    /* bytes of a field's text */
    LOG_LINE_MAX = 8192,    /* bytes of a line, escapes and all */
};

struct log_entry {
    struct timespec at; /* on the wall clock */
    enum log_level level;
    const char *room, *message;
    const struct log_field *fields;
    size_t n;
};

const char *log_level_name(enum log_level level);

/* The entry as one line with its LF, at most SIZE bytes (LOG_LINE_MAX is meant); returns its length. */
size_t log_line(const struct log_entry *e, enum log_format format, char *out, size_t size);

/* The entry as the journal's pairs, their text in OUT (LOG_LINE_MAX is meant). Returns how many; at most
 * LOG_PAIRS_MAX. */
enum { LOG_PAIRS_MAX = LOG_FIELDS_MAX + 4 };
int log_pairs(const struct log_entry *e, struct iovec pairs[static LOG_PAIRS_MAX], char *out, size_t size);

/* Whether events of this format are the journal's own; and gives it one. */
bool log_goes_to_journal(enum log_format format);
bool log_send_to_journal(const struct iovec *pairs, int n);

/* Leaves the event to the writer's thread. False where none runs: then who logs writes. */
bool log_writer_take(const struct log_entry *e, enum log_format format);
enum log_format log_format_now(void);

#endif
