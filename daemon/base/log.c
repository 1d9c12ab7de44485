#include "daemon/base/log_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/utf8.h"

static _Atomic enum log_level threshold = LOG_LEVEL_INFO;
static _Atomic enum log_format line_format = LOG_FORMAT_TEXT;
static int (*journal_send)(const struct iovec *pairs, int n);

static const struct {
    const char *name;
    enum log_level level;
} levels[] = {
    {"error", LOG_LEVEL_ERROR}, {"warning", LOG_LEVEL_WARNING}, {"notice", LOG_LEVEL_NOTICE},
    {"info", LOG_LEVEL_INFO},   {"debug", LOG_LEVEL_DEBUG},
};
enum { LEVELS = sizeof(levels) / sizeof(levels[0]) };

void log_setup(enum log_level level, enum log_format format)
{
    threshold = level;
    line_format = format;
}

void log_setup_journal(int (*send)(const struct iovec *pairs, int n))
{
    journal_send = send;
}

bool log_stderr_is_journal(void)
{
    const char *text = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;
    int end = 0;

    return text && sscanf(text, "%llu:%llu%n", &device, &inode, &end) == 2 && text[end] == '\0' &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

int log_level_parse(const char *name)
{
    for (size_t i = 0; i < LEVELS; i++)
        if (strcmp(name, levels[i].name) == 0)
            return (int)levels[i].level;
    return -1;
}

int log_format_parse(const char *name)
{
    static const char *const names[] = {"text", "json", "journal"};

    for (int i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

int log_is_on(enum log_level level)
{
    return level <= threshold;
}

const char *log_level_name(enum log_level level)
{
    for (size_t i = 0; i < LEVELS; i++)
        if (levels[i].level == level)
            return levels[i].name;
    return "info";
}

bool log_goes_to_journal(enum log_format format)
{
    return format == LOG_FORMAT_JOURNAL && journal_send;
}

bool log_send_to_journal(const struct iovec *pairs, int n)
{
    return journal_send(pairs, n) >= 0;
}

static void write_now(const struct log_entry *e, enum log_format format)
{
    struct iovec pairs[LOG_PAIRS_MAX];
    char text[LOG_LINE_MAX];

    if (log_goes_to_journal(format) && log_send_to_journal(pairs, log_pairs(e, pairs, text, sizeof(text))))
        return;
    /* One write a line, so that lines of several threads do not mix. There is nobody to tell when it fails. */
    ssize_t written = write(STDERR_FILENO, text, log_line(e, format, text, sizeof(text)));
    (void)written;
}

enum log_format log_format_now(void)
{
    return line_format;
}

void log_event(enum log_level level, const char *room, const char *message, const struct log_field *fields, size_t n)
{
    enum log_format format = line_format; /* one format an event, whoever changes it meanwhile */
    struct log_entry e = {.level = level, .room = room, .message = message, .fields = fields, .n = n};

    if (!log_is_on(level))
        return;
    if (e.n > LOG_FIELDS_MAX)
        e.n = LOG_FIELDS_MAX;
    clock_gettime(CLOCK_REALTIME, &e.at);
    if (!log_writer_take(&e, format))
        write_now(&e, format);
}

void log_write(enum log_level level, const char *room, const char *format, ...)
{
    char text[LOG_MESSAGE_MAX];
    va_list ap;

    if (!log_is_on(level))
        return;
    va_start(ap, format);
    int wanted = vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (wanted < 0)
        return;
    if ((size_t)wanted >= sizeof(text))
        text[utf8_cut(text, strlen(text))] = '\0';
    log_event(level, room, text, NULL, 0);
}
