#include "tests/fuzz/http_reference.h"

#include <string.h>
#include <strings.h>

#include "tests/fuzz/fuzz.h"

/* What is left of the input. */
struct text {
    const char *at, *end;
};

/* What one part of the grammar came to. */
enum found { YES, NO, CUT };

struct message {
    bool is_1_0, is_head, has_host, has_length, has_coding, close, keep;
    uint64_t length;
};

static bool is_token(const char *s, const char *end)
{
    static const char all[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    for (const char *p = s; p < end; p++)
        if (!*p || !strchr(all, *p))
            return false;
    return s < end;
}

/* VCHAR, obs-text, SP and HTAB */
static bool is_value(const char *s, const char *end)
{
    for (; s < end; s++)
        if (((uint8_t)*s < 0x20 && *s != '\t') || *s == 0x7f)
            return false;
    return true;
}

/* To the next CRLF. What cannot become a line is none, however it goes on. */
static enum found line(struct text *t, const char **ret_start, const char **ret_end)
{
    for (const char *p = t->at; p < t->end; p++) {
        if (*p == '\r' && p + 1 == t->end)
            return CUT;
        if (*p == '\r' && p[1] == '\n') {
            *ret_start = t->at;
            *ret_end = p;
            t->at = p + 2;
            return YES;
        }
        if (!is_value(p, p + 1))
            return NO;
    }
    return CUT;
}

/* Whether all lines up to an empty one are there: what is in them is judged then. */
static enum found block(struct text t)
{
    const char *s, *end;
    enum found found;

    do
        found = line(&t, &s, &end);
    while (found == YES && s < end);
    return found;
}

static enum found request_line(struct text *t, struct message *m)
{
    const char *s, *end;
    enum found found = line(t, &s, &end);

    if (found != YES)
        return found;
    const char *first = memchr(s, ' ', (size_t)(end - s));
    const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    if (!second || !is_token(s, first) || second == first + 1 || memchr(s, '\t', (size_t)(end - s)))
        return NO;
    const char *v = second + 1;
    if (end - v != 8 || memcmp(v, "HTTP/1.", 7) != 0 || v[7] < '0' || v[7] > '9')
        return NO;
    m->is_1_0 = v[7] == '0';
    m->is_head = first - s == 4 && memcmp(s, "HEAD", 4) == 0;
    return YES;
}

static bool is(const char *s, const char *end, const char *word)
{
    return (size_t)(end - s) == strlen(word) && strncasecmp(s, word, strlen(word)) == 0;
}

static bool take_length(struct message *m, const char *s, const char *end)
{
    if (m->has_length || s == end)
        return false;
    m->has_length = true;
    for (; s < end; s++) {
        if (*s < '0' || *s > '9')
            return false;
        /* More than there can be here is as good as more. */
        if (m->length < (uint64_t)1 << 50)
            m->length = m->length * 10 + (uint64_t)(*s - '0');
    }
    return true;
}

static void take_connection(struct message *m, const char *s, const char *end)
{
    while (s < end) {
        const char *comma = memchr(s, ',', (size_t)(end - s)), *stop = comma ? comma : end, *last = stop;
        while (s < last && (*s == ' ' || *s == '\t'))
            s++;
        while (last > s && (last[-1] == ' ' || last[-1] == '\t'))
            last--;
        m->close = m->close || is(s, last, "close");
        m->keep = m->keep || is(s, last, "keep-alive");
        s = stop + 1;
    }
}

static bool field(struct message *m, const char *s, const char *end)
{
    const char *colon = memchr(s, ':', (size_t)(end - s));

    if (!colon || !is_token(s, colon))
        return false;
    const char *v = colon + 1;
    while (v < end && (*v == ' ' || *v == '\t'))
        v++;
    while (end > v && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (is(s, colon, "Host")) {
        bool again = m->has_host;
        m->has_host = true;
        return !again;
    }
    if (is(s, colon, "Content-Length"))
        return take_length(m, v, end);
    if (is(s, colon, "Transfer-Encoding")) {
        bool again = m->has_coding;
        m->has_coding = true;
        return !again && is(v, end, "chunked");
    }
    if (is(s, colon, "Connection"))
        take_connection(m, v, end);
    return true;
}

/* Fields to the empty line. */
static enum found fields(struct text *t, struct message *m)
{
    for (;;) {
        const char *s, *end;
        enum found found = line(t, &s, &end);
        if (found != YES)
            return found;
        if (s == end)
            return YES;
        if (!field(m, s, end))
            return NO;
    }
}

static enum found counted(struct text *t, uint64_t n, struct buf *body)
{
    if ((uint64_t)(t->end - t->at) < n)
        return CUT;
    buf_put(body, t->at, (size_t)n);
    t->at += n;
    return YES;
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static enum found chunk(struct text *t, struct buf *body, bool *ret_last)
{
    const char *s, *end;
    enum found found = line(t, &s, &end);
    uint64_t size = 0;

    if (found != YES)
        return found;
    const char *p = s;
    for (; p < end && digit(*p) >= 0; p++)
        if (size < (uint64_t)1 << 50)
            size = size * 16 + (uint64_t)digit(*p);
    if (p == s)
        return NO;
    const char *extension = p;
    while (extension < end && (*extension == ' ' || *extension == '\t'))
        extension++;
    if (p < end && (extension == end || *extension != ';'))
        return NO;
    *ret_last = size == 0;
    if (size == 0)
        return YES;
    found = counted(t, size, body);
    if (found != YES)
        return found;
    if (t->at == t->end || (t->at[0] == '\r' && t->at + 1 == t->end))
        return CUT;
    if (t->at[0] != '\r' || t->at[1] != '\n')
        return NO;
    t->at += 2;
    return YES;
}

static enum found chunks(struct text *t, struct buf *body)
{
    for (bool last = false; !last;) {
        enum found found = chunk(t, body, &last);
        if (found != YES)
            return found;
    }
    enum found found = block(*t);
    const char *s, *end;

    /* Of trailers only the form counts. */
    while (found == YES && line(t, &s, &end) == YES && s < end) {
        const char *colon = memchr(s, ':', (size_t)(end - s));
        if (!colon || !is_token(s, colon))
            found = NO;
    }
    return found;
}

static enum found message(struct text *t, struct message *m, struct buf *body)
{
    enum found found = block(*t);

    if (found == YES)
        found = request_line(t, m);
    if (found == YES)
        found = fields(t, m);
    if (found != YES)
        return found;
    if ((!m->has_host && !m->is_1_0) || (m->has_length && m->has_coding) || (m->has_coding && m->is_1_0))
        return NO;
    return m->has_coding ? chunks(t, body) : counted(t, m->length, body);
}

void reference_read(const uint8_t *data, size_t len, struct reference *ret)
{
    struct text t = {(const char *)data, (const char *)data + len};

    memset(ret, 0, sizeof(*ret));
    while (ret->n < REFERENCE_MAX) {
        struct message m = {0};
        while (t.end - t.at >= 2 && memcmp(t.at, "\r\n", 2) == 0)
            t.at += 2;
        if (t.at == t.end)
            return;
        struct reference_request *r = &ret->requests[ret->n];
        buf_init(&r->body, len);
        enum found found = message(&t, &m, &r->body);
        r->is_head = m.is_head;
        if (found != YES) {
            buf_fini(&r->body);
            ret->end = found == NO ? REFERENCE_BAD : REFERENCE_MORE;
            return;
        }
        ret->n++;
        if (m.close || (m.is_1_0 && !m.keep)) {
            ret->end = REFERENCE_CLOSED;
            return;
        }
    }
    ret->end = REFERENCE_MORE;
}

void reference_fini(struct reference *r)
{
    for (size_t i = 0; i < r->n; i++)
        buf_fini(&r->requests[i].body);
}
