#include "api/intake.h"

#include <string.h>

#include "api/api_internal.h"

enum {
    /* A line of a chunk: what it says besides the size is for nobody. */
    CHUNK_LINE_MAX = 256,
    TRAILERS_MAX = 4 << 10,
    /* Before a request: nothing goes on for them, so that a client that sends no more than these must come to an end.
     */
    EMPTY_LINES_MAX = 8,
    /* What may be there when it is found too long. */
    HELD_MAX = API_HEAD_MAX + GATE_READ_SIZE,
};

void intake_init(struct intake *in, uint64_t chunks_max)
{
    *in = (struct intake){.chunks_max = chunks_max};
    buf_init_secret(&in->held, HELD_MAX);
}

void intake_fini(struct intake *in)
{
    buf_fini(&in->held);
}

/* From the held lines to the next state. */
static void begin(struct intake *in, enum intake_state state)
{
    buf_fini(&in->held);
    buf_init_secret(&in->held, HELD_MAX);
    in->line_len = 0;
    in->has_cr = false;
    in->state = state;
}

/* Puts in place of what was refused, TEXT as far as it came, what lets libmicrohttpd come to the end of a request. */
static void replace(struct intake *in, const char *text, size_t len, struct buf *out)
{
    static const char get[] = "GET * HTTP/1.1\r\nHost: *\r\n\r\n", head[] = "HEAD * HTTP/1.1\r\nHost: *\r\n\r\n";
    bool is_head = len >= 5 && memcmp(text, "HEAD ", 5) == 0;

    if (in->state == INTAKE_HEAD) {
        /* An answer to HEAD has no body, a refusal neither. */
        buf_put_text(out, is_head ? head : get);
        in->requests++;
    } else if (in->state == INTAKE_BODY || in->state == INTAKE_CHUNK) {
        in->filler = in->left;
        in->rest = in->state == INTAKE_CHUNK ? "\r\n0\r\n\r\n" : NULL;
    } else if (in->state == INTAKE_CHUNK_END) {
        buf_put_text(out, "\r\n0\r\n\r\n");
    } else {
        buf_put_text(out, "0\r\n\r\n");
    }
    begin(in, INTAKE_REFUSED);
}

static size_t text_len(const uint8_t *data, size_t len)
{
    static const bool is_text[256] = {['\t'] = true, [0x20 ... 0x7e] = true, [0x80 ... 0xff] = true};
    size_t n = 0;

    while (n < len && is_text[data[n]])
        n++;
    return n;
}

/* Goes on to the end of a line, or of an empty one (TO_EMPTY). How many bytes that takes in *RET_USED, and whether it
 * is there in *RET_DONE. False: refused, by what comes behind the bytes used. */
static bool scan(struct intake *in, const uint8_t *data, size_t len, bool to_empty, size_t *ret_used, bool *ret_done)
{
    *ret_done = false;
    for (size_t i = 0; i < len; i++) {
        if (!in->has_cr) {
            size_t text = text_len(data + i, len - i);
            in->line_len += text;
            i += text;
            if (i == len)
                break;
        }
        uint8_t c = data[i];
        *ret_used = i;
        if (in->has_cr) {
            if (c != '\n')
                return refusal_set(&in->refusal, 400, "A CR is not followed by LF");
            bool is_empty = in->line_len == 0;
            in->has_cr = false;
            in->line_len = 0;
            if (is_empty || !to_empty) {
                *ret_used = i + 1;
                *ret_done = true;
                return true;
            }
        } else if (c == '\r') {
            in->has_cr = true;
        } else if (c == '\n') {
            return refusal_set(&in->refusal, 400, "A line ends in LF without CR");
        } else {
            return refusal_set(&in->refusal, 400, "There is a control character where only text can be");
        }
    }
    *ret_used = len;
    return true;
}

/* The lines as one text: without a copy where all of it just came. NULL where memory is gone. */
static const char *hold(struct intake *in, const uint8_t *data, size_t used, bool done, size_t *ret_len)
{
    if (done && in->held.len == 0) {
        *ret_len = used;
        return (const char *)data;
    }
    buf_put(&in->held, data, used);
    *ret_len = in->held.len;
    return buf_err(&in->held) ? NULL : (const char *)in->held.data;
}

static bool is_too_long(struct intake *in, const char *text, size_t len)
{
    const char *end;

    switch (in->state) {
    case INTAKE_HEAD:
        if (len <= API_HEAD_MAX)
            return false;
        end = memchr(text, '\r', len);
        if (!end || end - text > API_HEAD_MAX)
            refusal_set(&in->refusal, 414, "The request's line is more than %d bytes", API_HEAD_MAX);
        else
            refusal_set(&in->refusal, 431, "The target and the headers are more than %d bytes", API_HEAD_MAX);
        return true;
    case INTAKE_CHUNK_LINE:
        return len > CHUNK_LINE_MAX &&
               !refusal_set(&in->refusal, 400, "A chunk's line is more than %d bytes", CHUNK_LINE_MAX);
    default:
        return len > TRAILERS_MAX &&
               !refusal_set(&in->refusal, 431, "The trailers are more than %d bytes", TRAILERS_MAX);
    }
}

static bool end_head(struct intake *in, const char *text, size_t len, struct buf *out)
{
    struct head head;

    if (len == 2) {
        /* Empty lines before a request are nothing (RFC 9112, 2.2). */
        if (++in->empty_lines > EMPTY_LINES_MAX)
            return refusal_set(&in->refusal, 400, "There are more than %d empty lines before a request",
                               EMPTY_LINES_MAX);
        begin(in, INTAKE_HEAD);
        return true;
    }
    if (!head_judge(text, len, &head, &in->refusal))
        return false;
    head_put(&head, text, len, out);
    in->requests++;
    in->empty_lines = 0;
    in->chunks = 0;
    in->left = head.length;
    begin(in, head.chunked ? INTAKE_CHUNK_LINE : head.length ? INTAKE_BODY : INTAKE_HEAD);
    return true;
}

static int hex_value(char c)
{
    char lower = (char)(c | 0x20);

    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool end_chunk_line(struct intake *in, const char *line, size_t len, struct buf *out)
{
    uint64_t size = 0;
    size_t i = 0;

    for (; i < len && hex_value(line[i]) >= 0; i++) {
        if (size > (uint64_t)INT64_MAX >> 4)
            return refusal_set(&in->refusal, 413, "A chunk's size is beyond 63 bits");
        size = size << 4 | (uint64_t)hex_value(line[i]);
    }
    if (i == 0)
        return refusal_set(&in->refusal, 400, "A chunk's size is not one hexadecimal number");
    size_t spaces = 0;
    while (i + spaces < len && (line[i + spaces] == ' ' || line[i + spaces] == '\t'))
        spaces++;
    if (i < len && (i + spaces == len || line[i + spaces] != ';'))
        return refusal_set(&in->refusal, 400, "A chunk's size is not one hexadecimal number");
    if (size > in->chunks_max - in->chunks)
        return refusal_set(&in->refusal, 413, "The body's chunks are more than %llu bytes",
                           (unsigned long long)in->chunks_max);
    in->chunks += size;
    if (size)
        buf_printf(out, "%llx\r\n", (unsigned long long)size);
    in->left = size;
    begin(in, size ? INTAKE_CHUNK : INTAKE_TRAILERS);
    return true;
}

/* Trailers are judged and dropped: nobody here reads them. */
static bool end_trailers(struct intake *in, const char *text, size_t len, struct buf *out)
{
    for (const char *line = text, *cr; (cr = memchr(line, '\r', len)) != line; line = cr + 2)
        if (!head_judge_field(line, (size_t)(cr - line), &in->refusal))
            return false;
    buf_put_text(out, "0\r\n\r\n");
    begin(in, INTAKE_HEAD);
    return true;
}

static bool end_lines(struct intake *in, const char *text, size_t len, struct buf *out)
{
    switch (in->state) {
    case INTAKE_HEAD:
        return end_head(in, text, len, out);
    case INTAKE_CHUNK_LINE:
        return end_chunk_line(in, text, len - 2, out);
    default:
        return end_trailers(in, text, len, out);
    }
}

/* Whole lines of a head, a chunk or trailers. The bytes used. */
static size_t feed_lines(struct intake *in, const uint8_t *data, size_t len, struct buf *out)
{
    size_t used = len, text_len = 0;
    bool done = false, fine = scan(in, data, len, in->state != INTAKE_CHUNK_LINE, &used, &done);
    const char *text = hold(in, data, used, done, &text_len);

    if (!text && buf_err(&in->held))
        return len;
    if (!fine || is_too_long(in, text, text_len) || (done && !end_lines(in, text, text_len, out)))
        replace(in, text, text_len, out);
    return used;
}

static size_t feed_counted(struct intake *in, const uint8_t *data, size_t len, struct buf *out)
{
    size_t n = in->left < len ? (size_t)in->left : len;

    buf_put(out, data, n);
    in->left -= n;
    if (in->left == 0)
        begin(in, in->state == INTAKE_BODY ? INTAKE_HEAD : INTAKE_CHUNK_END);
    return n;
}

static size_t feed_chunk_end(struct intake *in, const uint8_t *data, struct buf *out)
{
    if (data[0] != (in->has_cr ? '\n' : '\r')) {
        refusal_set(&in->refusal, 400, "A chunk is longer than its size");
        replace(in, NULL, 0, out);
    } else if (!in->has_cr) {
        in->has_cr = true;
    } else {
        buf_put_text(out, "\r\n");
        begin(in, INTAKE_CHUNK_LINE);
    }
    return 1;
}

int intake_feed(struct intake *in, const void *data, size_t len, struct buf *out)
{
    const uint8_t *at = data, *end = at + len;

    while (at < end && in->state != INTAKE_REFUSED && !buf_err(out) && !buf_err(&in->held)) {
        size_t left = (size_t)(end - at);
        if (in->state == INTAKE_BODY || in->state == INTAKE_CHUNK)
            at += feed_counted(in, at, left, out);
        else if (in->state == INTAKE_CHUNK_END)
            at += feed_chunk_end(in, at, out);
        else
            at += feed_lines(in, at, left, out);
    }
    return buf_err(out) ? buf_err(out) : buf_err(&in->held);
}

bool intake_end(struct intake *in, bool is_late, struct buf *out)
{
    const char *part = in->state == INTAKE_HEAD ? "head" : "body";

    if (in->state == INTAKE_REFUSED || (in->state == INTAKE_HEAD && in->held.len == 0))
        return false;
    if (is_late)
        refusal_set(&in->refusal, 408, "The request's %s did not come in time", part);
    else
        refusal_set(&in->refusal, 400, "The client sent its end before that of the request's %s", part);
    replace(in, (const char *)in->held.data, in->held.len, out);
    return !buf_err(out);
}

size_t intake_fill(struct intake *in, void *to, size_t len)
{
    size_t n = in->filler < len ? (size_t)in->filler : len, end = 0;

    memset(to, ' ', n);
    in->filler -= n;
    if (in->filler > 0 || !in->rest)
        return n;
    end = strnlen(in->rest, len - n);
    memcpy((char *)to + n, in->rest, end);
    in->rest += end;
    return n + end;
}

bool intake_lacks_body(const struct intake *in)
{
    return in->state != INTAKE_HEAD && in->state != INTAKE_REFUSED;
}
