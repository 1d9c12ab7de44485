#include "daemon/base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/utf8.h"

void fault_clear(struct fault *f)
{
    if (f)
        *f = (struct fault){0};
}

static void TGC_PRINTF(3, 0) set_text(struct fault *f, int err, const char *format, va_list ap)
{
    f->err = err;
    int n = vsnprintf(f->text, sizeof(f->text), format, ap);
    if (n < 0)
        f->text[0] = '\0';
    else if ((size_t)n >= sizeof(f->text))
        f->text[utf8_cut(f->text, sizeof(f->text) - 1)] = '\0';
}

int fault_set(struct fault *f, int err, const char *format, ...)
{
    if (f) {
        va_list ap;
        va_start(ap, format);
        set_text(f, err, format, ap);
        va_end(ap);
    }
    return err;
}

int fault_at_offset(struct fault *f, int err, size_t offset, const char *format, ...)
{
    if (f) {
        va_list ap;
        va_start(ap, format);
        set_text(f, err, format, ap);
        va_end(ap);
        f->offset = offset;
    }
    return err;
}

int fault_at_line(struct fault *f, int err, unsigned line, unsigned column, const char *format, ...)
{
    if (f) {
        va_list ap;
        va_start(ap, format);
        set_text(f, err, format, ap);
        va_end(ap);
        f->line = line;
        f->column = column;
    }
    return err;
}

/* What stands in front of a path that was cut; nothing goes before it any more. */
static const char cut[] = "\xe2\x80\xa6";

static void prepend(struct fault *f, const char *segment, size_t len)
{
    size_t old = strlen(f->path), mark = sizeof(cut) - 1;

    if (strncmp(f->path, cut, mark) == 0)
        return;
    if (len + old < sizeof(f->path)) {
        memmove(f->path + len, f->path, old + 1);
        memcpy(f->path, segment, len);
        return;
    }
    const char *rest = f->path;
    if (old + mark >= sizeof(f->path)) {
        /* The mark itself needs room: the outermost segments that stand in its way go. */
        rest = strchr(f->path + mark, '/');
        if (!rest)
            rest = f->path + old;
    }
    memmove(f->path + mark, rest, strlen(rest) + 1);
    memcpy(f->path, cut, mark);
}

void fault_path_member(struct fault *f, const char *name)
{
    if (!f)
        return;
    char segment[FAULT_PATH_MAX];
    size_t n = 0;

    segment[n++] = '/';
    for (; *name && n < sizeof(segment) - 2; name++) {
        if (*name == '~' || *name == '/') {
            segment[n++] = '~';
            segment[n++] = *name == '~' ? '0' : '1';
        } else {
            segment[n++] = *name;
        }
    }
    prepend(f, segment, utf8_cut(segment, n));
}

void fault_path_index(struct fault *f, size_t index)
{
    if (!f)
        return;
    char segment[32];
    int n = snprintf(segment, sizeof(segment), "/%zu", index);

    prepend(f, segment, (size_t)n);
}
