/* The daemon's log: one line an event to stderr. Secrets are never arguments of it: no keys, codes, passwords, tokens,
 * phone numbers or access hashes. Any thread. */
#ifndef TGCALLD_BASE_LOG_H
#define TGCALLD_BASE_LOG_H

#include "daemon/base/err.h"

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};
enum log_format {
    LOG_FORMAT_TEXT,   /* 2026-01-31T12:00:00.123Z warning room: text */
    LOG_FORMAT_JSON,   /* one object a line: time, level, room, message */
    LOG_FORMAT_JOURNAL /* "<4>room: text", as sd-daemon(3) has it */
};

/* The default is info, text. May be changed while others log. */
void log_setup(enum log_level level, enum log_format format);

/* "error", "warning", "notice", "info", "debug" → the level, or -1. */
int log_level_parse(const char *name);
/* "text", "json", "journal" → the format, or -1. */
int log_format_parse(const char *name);

int log_is_on(enum log_level level);

/* ROOM is the folder that speaks ("net", "tg", …). Control characters in the text are escaped. */
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
