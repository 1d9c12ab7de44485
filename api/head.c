#include "api/head.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/api_internal.h"

/* What libmicrohttpd keeps of a field besides its two texts. */
enum { FIELD_OVERHEAD = 72 };

/* The fields that are read here or by libmicrohttpd; the others do not go on. */
enum known {
    HOST,
    LENGTH,
    CODING,
    EXPECT,
    AUTHORIZATION,
    ORIGIN,
    TYPE,
    REQUEST_ID,
    PREFLIGHT,
    KEY,
    CONNECTION,
    PREFER,
    ACCEPT,
    LAST_EVENT,
    NONE_MATCH,
    UNKNOWN
};
static const char *const names[UNKNOWN] = {
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Expect",
    "Authorization",
    "Origin",
    "Content-Type",
    "X-Request-Id",
    "Access-Control-Request-Method",
    "Idempotency-Key",
    "Connection",
    "Prefer",
    "Accept",
    "Last-Event-ID",
    "If-None-Match",
};
/* Lists. Each of the others is read as one value: of two, one reader would take the first and another the last. */
static const unsigned lists = 1u << CONNECTION | 1u << PREFER | 1u << ACCEPT | 1u << NONE_MATCH;

struct field_line {
    const char *name, *value;
    size_t name_len, value_len; /* the value without the white space around it */
    enum known known;
};

struct fields {
    unsigned seen; /* a bit for each of names */
    size_t bytes;  /* that libmicrohttpd needs for what goes on */
    struct field_line length, coding, expect;
    bool has_others; /* that do not go on */
    bool has_spaces; /* behind a value */
};

bool refusal_set(struct refusal *ret, int status, const char *format, ...)
{
    va_list ap;

    ret->status = status;
    va_start(ap, format);
    vsnprintf(ret->why, sizeof(ret->why), format, ap);
    va_end(ap);
    return false;
}

/* RFC 9110, 5.6.2 */
static size_t token_len(const char *text, size_t len)
{
    static const bool is_token[256] = {
        ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['!'] = true, ['#'] = true, ['$'] = true,
        ['%'] = true,         ['&'] = true,         ['\''] = true,        ['*'] = true, ['+'] = true, ['-'] = true,
        ['.'] = true,         ['^'] = true,         ['_'] = true,         ['`'] = true, ['|'] = true, ['~'] = true,
    };
    size_t n = 0;

    while (n < len && is_token[(uint8_t)text[n]])
        n++;
    return n;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static enum known find_known(const char *name, size_t len)
{
    for (int i = 0; i < UNKNOWN; i++)
        if ((names[i][0] | 0x20) == (name[0] | 0x20) && strncasecmp(names[i], name, len) == 0 && !names[i][len])
            return (enum known)i;
    return UNKNOWN;
}

static bool split_field(const char *line, size_t len, struct field_line *ret, struct refusal *why)
{
    const char *end = line + len;

    if (len > 0 && is_space(line[0]))
        return refusal_set(why, 400, "A header is folded over two lines");
    ret->name = line;
    ret->name_len = token_len(line, len);
    if (ret->name_len == 0 || ret->name_len == len || line[ret->name_len] != ':')
        return refusal_set(why, 400, "A header is no name with a colon right behind it");
    ret->value = line + ret->name_len + 1;
    while (ret->value < end && is_space(*ret->value))
        ret->value++;
    while (end > ret->value && is_space(end[-1]))
        end--;
    ret->value_len = (size_t)(end - ret->value);
    return true;
}

bool head_judge_field(const char *line, size_t len, struct refusal *ret_refusal)
{
    struct field_line f;

    return split_field(line, len, &f, ret_refusal);
}

/* Steps over one line; false at the empty one. */
static bool next_line(const char **text, const char **ret_line, size_t *ret_len)
{
    const char *cr = *text;

    while (*cr != '\r')
        cr++;
    *ret_line = *text;
    *ret_len = (size_t)(cr - *text);
    *text = cr + 2;
    return *ret_len > 0;
}

static bool judge_version(const char *text, size_t len, bool *ret_is_1_0, struct refusal *why)
{
    if (len != 8 || memcmp(text, "HTTP/", 5) != 0 || text[5] < '0' || text[5] > '9' || text[6] != '.' ||
        text[7] < '0' || text[7] > '9')
        return refusal_set(why, 400, "The request's line does not end in a version of HTTP");
    if (text[5] != '1')
        return refusal_set(why, 505, "HTTP/1.1 is spoken here");
    *ret_is_1_0 = text[7] == '0';
    return true;
}

/* One space between the three parts and nothing else: what is read leniently can be read in two ways. */
static bool judge_line(const char *line, size_t len, bool *ret_is_1_0, struct refusal *why)
{
    size_t method = token_len(line, len), target = 0;

    if (method == 0 || method == len || line[method] != ' ')
        return refusal_set(why, 400, "The request does not begin with a method");
    const char *start = line + method + 1;
    size_t left = len - method - 1;
    while (target < left && !is_space(start[target]))
        target++;
    if (target == 0 || target == left || start[target] != ' ')
        return refusal_set(why, 400, "The request's line has no target between its method and its version");
    return judge_version(start + target + 1, left - target - 1, ret_is_1_0, why);
}

static bool take_field(const struct field_line *f, struct fields *all, struct refusal *why)
{
    if (f->known == UNKNOWN) {
        all->has_others = true;
        return true;
    }
    all->bytes += f->name_len + f->value_len + FIELD_OVERHEAD;
    if (all->seen & ~lists & 1u << f->known)
        return refusal_set(why, 400, "The request has more than one %s", names[f->known]);
    all->seen |= 1u << f->known;
    if (f->known == LENGTH)
        all->length = *f;
    else if (f->known == CODING)
        all->coding = *f;
    else if (f->known == EXPECT)
        all->expect = *f;
    return true;
}

static bool is_text(const struct field_line *f, const char *text)
{
    return strlen(text) == f->value_len && strncasecmp(f->value, text, f->value_len) == 0;
}

static bool read_length(const struct field_line *f, uint64_t *ret, struct refusal *why)
{
    uint64_t n = 0;

    for (size_t i = 0; i < f->value_len; i++) {
        if (f->value[i] < '0' || f->value[i] > '9')
            return refusal_set(why, 400, "Content-Length is not one decimal number");
        if (n > (uint64_t)INT64_MAX / 10 - 1)
            return refusal_set(why, 413, "Content-Length is beyond 63 bits");
        n = n * 10 + (uint64_t)(f->value[i] - '0');
    }
    if (f->value_len == 0)
        return refusal_set(why, 400, "Content-Length is empty");
    *ret = n;
    return true;
}

/* RFC 9112, 6: one way to tell where the body ends. */
static bool judge_body(const struct fields *all, bool is_1_0, struct head *ret, struct refusal *why)
{
    bool has_length = all->seen & 1u << LENGTH, has_coding = all->seen & 1u << CODING;

    if (has_length && has_coding)
        return refusal_set(why, 400, "The request has both a Content-Length and a Transfer-Encoding");
    if (has_coding && (is_1_0 || !is_text(&all->coding, "chunked")))
        return refusal_set(why, 400,
                           is_1_0 ? "HTTP/1.0 has no Transfer-Encoding" : "Transfer-Encoding can only be chunked");
    ret->chunked = has_coding;
    return !has_length || read_length(&all->length, &ret->length, why);
}

static bool judge_expect(const struct fields *all, bool is_1_0, struct head *ret, struct refusal *why)
{
    if (!(all->seen & 1u << EXPECT))
        return true;
    if (!is_1_0 && !is_text(&all->expect, "100-continue"))
        return refusal_set(why, 417, "Expect can only be 100-continue");
    /* libmicrohttpd would send the 100 and then wait for a body that does not come (0.9.75). */
    ret->drops_expect = is_1_0 || (!ret->chunked && ret->length == 0);
    return true;
}

bool head_judge(const char *text, size_t len, struct head *ret, struct refusal *ret_refusal)
{
    const char *at = text, *line;
    struct fields all = {0};
    struct head head = {0};
    size_t n;
    bool is_1_0 = false;

    next_line(&at, &line, &n);
    if (!judge_line(line, n, &is_1_0, ret_refusal))
        return false;
    all.bytes = n;
    size_t line_len = n;
    while (next_line(&at, &line, &n)) {
        struct field_line f;
        if (!split_field(line, n, &f, ret_refusal))
            return false;
        f.known = find_known(f.name, f.name_len);
        all.has_spaces = all.has_spaces || f.value + f.value_len != line + n;
        if (!take_field(&f, &all, ret_refusal))
            return false;
    }
    if (line_len > API_HEADERS_MAX)
        return refusal_set(ret_refusal, 414, "The request's line is more than %d bytes", API_HEADERS_MAX);
    if (all.bytes > API_HEADERS_MAX)
        return refusal_set(ret_refusal, 431,
                           "The request's line and the headers that are read here are more than %d bytes",
                           API_HEADERS_MAX);
    if (!is_1_0 && !(all.seen & 1u << HOST))
        return refusal_set(ret_refusal, 400, "The request has no Host");
    if (!judge_body(&all, is_1_0, &head, ret_refusal) || !judge_expect(&all, is_1_0, &head, ret_refusal))
        return false;
    head.is_plain = !all.has_spaces && !head.drops_expect && !all.has_others;
    *ret = head;
    return true;
}

int head_put(const struct head *head, const char *text, size_t len, struct buf *out)
{
    const char *at = text, *line;
    size_t n;

    if (head->is_plain)
        return buf_put(out, text, len);
    next_line(&at, &line, &n);
    buf_put(out, line, n + 2);
    while (next_line(&at, &line, &n)) {
        struct refusal none;
        struct field_line f;
        if (!split_field(line, n, &f, &none))
            return TGC_ESYNTAX;
        f.known = find_known(f.name, f.name_len);
        /* Cookies above all: libmicrohttpd takes them apart; where its memory does not hold the pieces it answers twice
         * (0.9.75). */
        if (f.known == UNKNOWN || (f.known == EXPECT && head->drops_expect))
            continue;
        /* White space behind a value is no part of it (RFC 9112, 5.1), but libmicrohttpd takes it in: "chunked " is
         * then no coding that it knows, and "2 " no number (0.9.75). */
        buf_put(out, line, (size_t)(f.value + f.value_len - line));
        buf_put(out, "\r\n", 2);
    }
    return buf_put(out, "\r\n", 2);
}
