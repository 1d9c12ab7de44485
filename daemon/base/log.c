#include "daemon/base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/utf8.h"

static _Atomic enum log_level threshold = LOG_LEVEL_INFO;
static _Atomic enum log_format line_format = LOG_FORMAT_TEXT;

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

static const char *level_name(enum log_level level)
{
    for (size_t i = 0; i < LEVELS; i++)
        if (levels[i].level == level)
            return levels[i].name;
    return "info";
}

/* Bytes that could forge a line or a terminal sequence become \xNN, or \u00NN inside JSON. */
static size_t put_escaped(char *out, size_t room, const char *text, int json)
{
    size_t n = 0;
    int ascii = !utf8_is_valid(text, strlen(text));

    for (const char *p = text; *p && n + 8 < room; p++) {
        uint8_t c = (uint8_t)*p;
        /* U+0080..U+009F: a terminal may take U+009B for the start of a sequence. */
        int c1 = !ascii && c == 0xc2 && (uint8_t)p[1] < 0xa0;
        if (c1)
            c = (uint8_t) * ++p;
        if (c1 || c < 0x20 || c == 0x7f || (ascii && c >= 0x80))
            n += (size_t)snprintf(out + n, room - n, json ? "\\u%04x" : "\\x%02x", c);
        else if (json && (c == '"' || c == '\\'))
            n += (size_t)snprintf(out + n, room - n, "\\%c", c);
        else
            out[n++] = (char)c;
    }
    return utf8_cut(out, n);
}

void log_write(enum log_level level, const char *room, const char *format, ...)
{
    char text[1024], line[4096];
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

    struct timespec now;
    struct tm tm;
    char stamp[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
    int ms = (int)(now.tv_nsec / 1000000);

    size_t n = 0, room_left = sizeof(line) - 4;
    enum log_format format_now = line_format; /* one format a line, whoever changes it meanwhile */
    switch (format_now) {
    case LOG_FORMAT_JSON:
        n += (size_t)snprintf(line, room_left, "{\"time\":\"%s.%03dZ\",\"level\":\"%s\",\"room\":\"%s\",\"message\":\"",
                              stamp, ms, level_name(level), room);
        break;
    case LOG_FORMAT_JOURNAL:
        n += (size_t)snprintf(line, room_left, "<%d>%s: ", (int)level, room);
        break;
    case LOG_FORMAT_TEXT:
    default:
        n += (size_t)snprintf(line, room_left, "%s.%03dZ %s %s: ", stamp, ms, level_name(level), room);
        break;
    }
    n += put_escaped(line + n, room_left - n, text, format_now == LOG_FORMAT_JSON);
    if (format_now == LOG_FORMAT_JSON) {
        line[n++] = '"';
        line[n++] = '}';
    }
    line[n++] = '\n';
    /* One write a line, so that lines of several threads do not mix. There is nobody to tell when it fails. */
    ssize_t written = write(STDERR_FILENO, line, n);
    (void)written;
}
