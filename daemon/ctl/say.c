#include "daemon/ctl/say.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/terminal_text.h"
#include "daemon/base/utf8.h"
#include "daemon/ctl/wiped.h"

/* A line; terms of service are the longest text, and are shown to this length. */
enum { LINE_SIZE = 2048, TEXT_SIZE = 16384 };

bool say_is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void put(FILE *to, const char *before, const char *text, const char *after)
{
    char part[LINE_SIZE], clean[LINE_SIZE];

    fputs(before, to);
    for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
        n = left < sizeof(part) ? left : utf8_cut(text, sizeof(part) - 1);
        memcpy(part, text, n);
        part[n] = '\0';
        fputs(terminal_text(part, false, say_is_utf8(), clean, sizeof(clean)), to);
    }
    fputs(after, to);
    fflush(to);
    explicit_bzero(part, sizeof(part));
    explicit_bzero(clean, sizeof(clean));
}

static void __attribute__((format(printf, 2, 0))) say_with(const char *before, const char *format, va_list ap)
{
    char line[LINE_SIZE];

    vsnprintf(line, sizeof(line), format, ap);
    line[utf8_cut(line, strlen(line))] = '\0';
    put(stderr, before, line, "\n");
}

void say(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say_with("", format, ap);
    va_end(ap);
}

void say_fault(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say_with("tgcalldctl: ", format, ap);
    va_end(ap);
}

void say_prompt(const char *text)
{
    put(stderr, "", text, "");
}

void say_lines(const char *text)
{
    char clean[TEXT_SIZE];

    fprintf(stderr, "%s\n", terminal_text(text, true, say_is_utf8(), clean, sizeof(clean)));
    fflush(stderr);
}

void say_raw(const char *text)
{
    fputs(text, stderr);
    fflush(stderr);
}

void say_row(const char *const *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(stdout, "", fields[i] ? fields[i] : "", i + 1 < n ? "\t" : "\n");
}

void say_cell(const char *text, int columns)
{
    char clean[LINE_SIZE];

    printf("%-*s ", columns, terminal_text(text, false, say_is_utf8(), clean, sizeof(clean)));
}

/* DEL stands in JSON's strings as it is, and there alone. */
static void put_json(const char *text)
{
    for (size_t n = strcspn(text, "\x7f");; n = strcspn(text, "\x7f")) {
        fwrite(text, 1, n, stdout);
        if (!text[n])
            break;
        fputs("\\u007f", stdout);
        text += n + 1;
    }
}

int say_result(const json_t *json)
{
    bool is_terminal = isatty(STDOUT_FILENO);
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | (is_terminal ? JSON_ENSURE_ASCII : 0));

    if (!text)
        return TGC_ENOMEM;
    if (is_terminal)
        put_json(text);
    else
        fputs(text, stdout);
    putchar('\n');
    fflush(stdout);
    wiped_free(text);
    return 0;
}
