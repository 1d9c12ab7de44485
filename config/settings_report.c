#include "config.h"

#include "config/settings_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reading_note_err(struct reading *r, int err)
{
    if (err && !r->err)
        r->err = err;
}

static void TGC_PRINTF(6, 0) add_line(struct reading *r, struct text_list *list, unsigned line, const char *section,
                                      const char *key, const char *format, va_list ap)
{
    char *text, at[32] = "";

    if (vasprintf(&text, format, ap) < 0) {
        reading_note_err(r, TGC_ENOMEM);
        return;
    }
    if (line)
        snprintf(at, sizeof(at), ":%u", line);
    int err = text_list_printf(list, "%s%s: %s%s%s%s%s%s", r->file ? r->file : "tgcalld", at, section ? "[" : "",
                               section ? section : "", section ? "] " : "", key ? key : "", key ? ": " : "", text);
    free(text);
    /* A thousand mistakes are enough to read. */
    if (err != TGC_ELIMIT)
        reading_note_err(r, err);
}

void reading_error(struct reading *r, const char *section, const char *key, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    add_line(r, &r->report->errors, r->line, section, key, format, ap);
    va_end(ap);
}

void reading_error_at(struct reading *r, unsigned line, const char *section, const char *key, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    add_line(r, &r->report->errors, line, section, key, format, ap);
    va_end(ap);
}

void reading_warning_at(struct reading *r, unsigned line, const char *section, const char *key, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    add_line(r, &r->report->warnings, line, section, key, format, ap);
    va_end(ap);
}

static void TGC_PRINTF(4, 0)
    add_elsewhere(struct reading *r, struct text_list *list, const char *where, const char *format, va_list ap)
{
    const char *file = r->file;

    r->file = where;
    add_line(r, list, 0, NULL, NULL, format, ap);
    r->file = file;
}

void reading_option_error(struct reading *r, const char *option, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    add_elsewhere(r, &r->report->errors, option, format, ap);
    va_end(ap);
}

void reading_place_warning(struct reading *r, const char *path, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    add_elsewhere(r, &r->report->warnings, path, format, ap);
    va_end(ap);
}

unsigned reading_line_of(const struct reading *r, const char *section, const char *name)
{
    for (size_t i = 0; i < settings_keys_n; i++)
        if (strcmp(settings_keys[i].section, section) == 0 && strcmp(settings_keys[i].name, name) == 0)
            return r->seen[i];
    return 0;
}

void settings_report_fini(struct settings_report *report)
{
    text_list_fini(&report->errors);
    text_list_fini(&report->warnings);
}
