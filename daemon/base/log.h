/* The daemon's log: one line an event to stderr. Secrets are never arguments of it: no keys, codes, passwords, tokens,
 * phone numbers or access hashes. Any thread. */
#ifndef TGCALLD_BASE_LOG_H
#define TGCALLD_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "daemon/base/err.h"

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};
enum log_format {
    LOG_FORMAT_TEXT,   /* 2026-01-31T12:00:00.123Z warning room: text name=value name="two words" */
    LOG_FORMAT_JSON,   /* one object a line: time, level, room, message, and a member each field */
    LOG_FORMAT_JOURNAL /* "<4>room: text name=value", as sd-daemon(3) has it; or to the journal itself, see below */
};

/* The default is info, text. May be changed while others log. */
void log_setup(enum log_level level, enum log_format format);

/* Whether stderr is the journal's: $JOURNAL_STREAM has its device and inode. */
bool log_stderr_is_journal(void);
/* SEND takes "NAME=value" pairs into the journal (sd_journal_sendv() does) and returns 0 or less where it cannot. While
 * the format is journal, events then go there and to stderr only where it could not: MESSAGE, PRIORITY,
 * SYSLOG_IDENTIFIER, TGCALLD_ROOM, and a field "request_id" as TGCALLD_REQUEST_ID. Before the first thread. */
void log_setup_journal(int (*send)(const struct iovec *pairs, int n));

/* "error", "warning", "notice", "info", "debug" → the level, or -1. */
int log_level_parse(const char *name);
/* "text", "json", "journal" → the format, or -1. */
int log_format_parse(const char *name);

int log_is_on(enum log_level level);

/* What an event says beside its message, for programs that read the log. Made by the functions below. */
struct log_field {
    const char *name; /* lower case and _, at most 32 bytes; not time, level, room, message */
    enum { LOG_FIELD_TEXT, LOG_FIELD_INTEGER, LOG_FIELD_SECONDS } kind;
    const char *text;
    int64_t number; /* an integer; microseconds */
};
enum { LOG_FIELDS_MAX = 16 };

/* TEXT lives as long as the event is logged; a field whose text is NULL is left out. */
static inline struct log_field log_text(const char *name, const char *text)
{
    return (struct log_field){name, LOG_FIELD_TEXT, text, 0};
}

/* A number in JSON; one that may pass 2^53 goes as text. */
static inline struct log_field log_integer(const char *name, int64_t value)
{
    return (struct log_field){name, LOG_FIELD_INTEGER, NULL, value};
}

/* Microseconds, written as seconds: 0.001250. */
static inline struct log_field log_seconds(const char *name, int64_t us)
{
    return (struct log_field){name, LOG_FIELD_SECONDS, NULL, us};
}

/* ROOM is the folder that speaks ("net", "tg", …). Control characters are escaped, in values too. What is too long is
 * cut, fields past LOG_FIELDS_MAX are left out, and the line stays whole. */
void log_event(enum log_level level, const char *room, const char *message, const struct log_field *fields, size_t n);

/* An event without fields. */
void log_write(enum log_level level, const char *room, const char *format, ...) TGC_PRINTF(3, 4);

#define log_error(room, ...) log_write(LOG_LEVEL_ERROR, room, __VA_ARGS__)
#define log_warning(room, ...) log_write(LOG_LEVEL_WARNING, room, __VA_ARGS__)
#define log_notice(room, ...) log_write(LOG_LEVEL_NOTICE, room, __VA_ARGS__)
#define log_info(room, ...) log_write(LOG_LEVEL_INFO, room, __VA_ARGS__)
#define log_debug(room, ...)                                                                                           \
    do {                                                                                                               \
        if (log_is_on(LOG_LEVEL_DEBUG))                                                                                \
            log_write(LOG_LEVEL_DEBUG, room, __VA_ARGS__);                                                             \
    } while (0)

#endif
