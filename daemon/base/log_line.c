#include "daemon/base/log_internal.h"

#include <ctype.h>
#include <string.h>

#include "daemon/base/long_text.h"
#include "daemon/base/utf8.h"

/* Text in the making. What does not fit is left out; SPARE bytes are kept for what must end it. */
struct log_text {
    char *data;
    size_t n, size;
};
enum { SPARE = 4, SPARE_FOR_ESCAPE = 8 };

enum escape {
    ESCAPE_PLAIN,  /* bytes that could forge a line or a terminal sequence become \xNN */
    ESCAPE_QUOTED, /* so do they, and " and \ get a \ before them */
    ESCAPE_JSON,   /* \u00NN, \" and \\ */
};

static inline size_t room_in(const struct log_text *l)
{
    return l->n + SPARE < l->size ? l->size - SPARE - l->n : 0;
}

/* All of it or nothing. */
static inline bool put_bytes(struct log_text *l, const char *text, size_t n)
{
    if (n >= room_in(l))
        return false;
    memcpy(l->data + l->n, text, n);
    l->n += n;
    return true;
}

static inline bool put(struct log_text *l, const char *text)
{
    return put_bytes(l, text, strlen(text));
}

static bool put_integer(struct log_text *l, int64_t v)
{
    char text[LONG_TEXT_MAX];

    return put_bytes(l, text, long_text(text, v));
}

/* DIGITS decimal digits, with zeros before them. */
static inline void write_digits(char *out, uint32_t v, int digits)
{
    for (int i = digits; i-- > 0; v /= 10)
        out[i] = (char)('0' + v % 10);
}

static bool put_digits(struct log_text *l, uint32_t v, int digits)
{
    char text[16];

    write_digits(text, v, digits);
    return put_bytes(l, text, (size_t)digits);
}

static void put_code(struct log_text *l, const char *before, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    const char code[] = {hex[c >> 4], hex[c & 15], '\0'};

    put(l, before);
    put(l, code);
}

/* What is written as it is, whatever the form: most texts are nothing but that. A space ends a word. */
enum { PLAIN = 1, IN_WORD = 2 };
static const uint8_t classes[256] = {
    [' '] = PLAIN, ['!'] = PLAIN | IN_WORD,         ['#' ... '<'] = PLAIN | IN_WORD,
    ['='] = PLAIN, ['>' ... '['] = PLAIN | IN_WORD, [']' ... '~'] = PLAIN | IN_WORD,
};

static size_t run_of(const char *text, uint8_t wanted, size_t max)
{
    size_t n = 0;

    while (n < max && (classes[(uint8_t)text[n]] & wanted))
        n++;
    return n;
}

/* At most MAX bytes of TEXT, and as many as fit with a quote behind them. */
static void put_escaped(struct log_text *l, const char *text, size_t max, enum escape how)
{
    size_t plain = run_of(text, PLAIN, max);

    if ((plain == max || !text[plain]) && plain + SPARE_FOR_ESCAPE <= room_in(l)) {
        put_bytes(l, text, plain);
        return;
    }
    size_t len = strnlen(text, max), start = l->n;
    const char *end = text + (text[len] ? utf8_cut(text, len) : len);
    bool ascii = !utf8_is_valid(text, (size_t)(end - text));

    for (const char *p = text; p < end && room_in(l) > SPARE_FOR_ESCAPE; p++) {
        uint8_t c = (uint8_t)*p;
        /* U+0080..U+009F: a terminal may take U+009B for the start of a sequence. */
        bool c1 = !ascii && c == 0xc2 && (uint8_t)p[1] < 0xa0;
        if (c1)
            c = (uint8_t) * ++p;
        if (c1 || c < 0x20 || c == 0x7f || (ascii && c >= 0x80))
            put_code(l, how == ESCAPE_JSON ? "\\u00" : "\\x", c);
        else if (how != ESCAPE_PLAIN && (c == '"' || c == '\\'))
            put(l, c == '"' ? "\\\"" : "\\\\");
        else
            l->data[l->n++] = (char)c;
    }
    l->n = start + utf8_cut(l->data + start, l->n - start);
}

static bool put_number(struct log_text *l, const struct log_field *f)
{
    uint64_t us = f->number < 0 ? -(uint64_t)f->number : (uint64_t)f->number;

    if (f->kind == LOG_FIELD_INTEGER)
        return put_integer(l, f->number);
    return (f->number >= 0 || put(l, "-")) && put_integer(l, (int64_t)(us / 1000000)) && put(l, ".") &&
           put_digits(l, (uint32_t)(us % 1000000), 6);
}

static bool is_one_word(const char *text)
{
    size_t n = run_of(text, IN_WORD, SIZE_MAX);

    return n > 0 && !text[n];
}

static void put_field(struct log_text *l, const struct log_field *f, bool json)
{
    size_t start = l->n;
    bool quoted = f->kind == LOG_FIELD_TEXT && (json || !is_one_word(f->text));
    bool whole = (json ? put(l, ",\"") : put(l, " ")) && put(l, f->name) && (json ? put(l, "\":") : put(l, "=")) &&
                 (!quoted || put(l, "\""));

    if (whole && f->kind == LOG_FIELD_TEXT) {
        put_escaped(l, f->text, LOG_VALUE_MAX, json ? ESCAPE_JSON : ESCAPE_QUOTED);
        whole = !quoted || put(l, "\"");
    } else if (whole) {
        whole = put_number(l, f);
    }
    if (!whole)
        l->n = start;
}

static bool is_said(const struct log_field *f)
{
    return f->kind != LOG_FIELD_TEXT || f->text;
}

static void put_stamp(struct log_text *l, const struct timespec *at)
{
    char text[] = "yyyy-mm-ddThh:mm:ss.mmmZ";
    struct tm tm;

    gmtime_r(&at->tv_sec, &tm);
    write_digits(text, (uint32_t)tm.tm_year + 1900, 4);
    write_digits(text + 5, (uint32_t)tm.tm_mon + 1, 2);
    write_digits(text + 8, (uint32_t)tm.tm_mday, 2);
    write_digits(text + 11, (uint32_t)tm.tm_hour, 2);
    write_digits(text + 14, (uint32_t)tm.tm_min, 2);
    write_digits(text + 17, (uint32_t)tm.tm_sec, 2);
    write_digits(text + 20, (uint32_t)(at->tv_nsec / 1000000), 3);
    put_bytes(l, text, sizeof(text) - 1);
}

static void put_head(struct log_text *l, const struct log_entry *e, enum log_format format)
{
    const char *level = log_level_name(e->level);

    switch (format) {
    case LOG_FORMAT_JOURNAL:
        put(l, "<");
        put_integer(l, (int)e->level);
        put(l, ">");
        break;
    case LOG_FORMAT_JSON:
        put(l, "{\"time\":\"");
        put_stamp(l, &e->at);
        put(l, "\",\"level\":\"");
        put(l, level);
        put(l, "\",\"room\":\"");
        put(l, e->room);
        put(l, "\",\"message\":\"");
        return;
    case LOG_FORMAT_TEXT:
        put_stamp(l, &e->at);
        put(l, " ");
        put(l, level);
        put(l, " ");
        break;
    }
    put(l, e->room);
    put(l, ": ");
}

size_t log_line(const struct log_entry *e, enum log_format format, char *out, size_t size)
{
    struct log_text l = {out, 0, size};
    bool json = format == LOG_FORMAT_JSON;

    put_head(&l, e, format);
    put_escaped(&l, e->message, LOG_MESSAGE_MAX, json ? ESCAPE_JSON : ESCAPE_PLAIN);
    if (json)
        put(&l, "\"");
    for (size_t i = 0; i < e->n; i++)
        if (is_said(&e->fields[i]))
            put_field(&l, &e->fields[i], json);
    if (json)
        out[l.n++] = '}';
    out[l.n++] = '\n';
    return l.n;
}

/* Takes what was put since START as one pair. */
static void add_pair(struct iovec *pairs, int *n, const struct log_text *l, size_t start)
{
    pairs[(*n)++] = (struct iovec){l->data + start, l->n - start};
}

int log_pairs(const struct log_entry *e, struct iovec pairs[static LOG_PAIRS_MAX], char *out, size_t size)
{
    struct log_text l = {out, 0, size};
    size_t start;
    int n = 0;

    put(&l, "MESSAGE=");
    put(&l, e->room);
    put(&l, ": ");
    put_escaped(&l, e->message, LOG_MESSAGE_MAX, ESCAPE_PLAIN);
    add_pair(pairs, &n, &l, 0);
    start = l.n;
    put(&l, "PRIORITY=");
    put_integer(&l, (int)e->level);
    add_pair(pairs, &n, &l, start);
    start = l.n;
    put(&l, "SYSLOG_IDENTIFIER=tgcalld");
    add_pair(pairs, &n, &l, start);
    start = l.n;
    put(&l, "TGCALLD_ROOM=");
    put(&l, e->room);
    add_pair(pairs, &n, &l, start);
    for (size_t i = 0; i < e->n && n < LOG_PAIRS_MAX; i++) {
        const struct log_field *f = &e->fields[i];
        start = l.n;
        if (!is_said(f) || !put(&l, "TGCALLD_") || !put(&l, f->name) || !put(&l, "="))
            continue;
        for (size_t k = start; k < l.n; k++)
            l.data[k] = (char)toupper((unsigned char)l.data[k]);
        if (f->kind == LOG_FIELD_TEXT)
            put_escaped(&l, f->text, LOG_VALUE_MAX, ESCAPE_PLAIN);
        else if (!put_number(&l, f))
            continue;
        add_pair(pairs, &n, &l, start);
    }
    return n;
}
