#include "daemon/tl/lex.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/base/layer_line.h"

enum class { STRANGE, BLANK, WORD, MARK };

static const uint8_t class_of[256] = {
    [' '] = BLANK,        ['\t'] = BLANK, ['\r'] = BLANK, ['\n'] = BLANK, ['a' ... 'z'] = WORD, ['A' ... 'Z'] = WORD,
    ['0' ... '9'] = WORD, ['_'] = WORD,   ['.'] = WORD,   ['#'] = MARK,   [':'] = MARK,         [';'] = MARK,
    ['='] = MARK,         ['?'] = MARK,   ['<'] = MARK,   ['>'] = MARK,   ['{'] = MARK,         ['}'] = MARK,
    ['['] = MARK,         [']'] = MARK,   ['('] = MARK,   [')'] = MARK,   ['%'] = MARK,         ['!'] = MARK,
    ['*'] = MARK,         ['+'] = MARK,   [','] = MARK,
};

static enum class class_at(const char *p) { return class_of[(uint8_t)*p]; }

unsigned tl_lines_between(const char *from, const char *to)
{
    unsigned n = 0;

    for (const char *next; (next = memchr(from, '\n', (size_t)(to - from))); from = next + 1)
        n++;
    return n;
}

int tl_fault_at(const char *text, const char *at, struct fault *fault, int err, const char *format, ...)
{
    const char *line = memrchr(text, '\n', (size_t)(at - text));
    char what[sizeof(fault->text)];
    va_list ap;

    va_start(ap, format);
    vsnprintf(what, sizeof(what), format, ap);
    va_end(ap);
    return fault_at_line(fault, err, tl_lines_between(text, at) + 1, (unsigned)(at - (line ? line + 1 : text)) + 1,
                         "%s", what);
}

void tl_lex_init(struct tl_lexer *lex, const char *text, size_t len)
{
    if (text_start_of(text, len) == TEXT_BOM) {
        text += 3;
        len -= 3;
    }
    *lex = (struct tl_lexer){.text = text, .at = text, .end = text + len};
}

static bool starts_with(const struct tl_lexer *lex, const char *text)
{
    size_t n = strlen(text);

    return (size_t)(lex->end - lex->at) >= n && memcmp(lex->at, text, n) == 0;
}

static int fault_here(const struct tl_lexer *lex, struct fault *fault, const char *what)
{
    return tl_fault_at(lex->text, lex->at, fault, TGC_ESYNTAX, "%s", what);
}

static void skip_line_comment(struct tl_lexer *lex)
{
    const char *start = lex->at + 2, *end = memchr(start, '\n', (size_t)(lex->end - start));

    lex->at = end ? end : lex->end;
    int layer = layer_of_comment(start, (size_t)(lex->at - start));
    if (layer)
        lex->layer = layer;
}

static int skip_block_comment(struct tl_lexer *lex, struct fault *fault)
{
    const struct tl_lexer start = *lex;

    for (lex->at += 2; !starts_with(lex, "*/"); lex->at++)
        if (lex->at == lex->end)
            return fault_here(&start, fault, "a comment without an end");
    lex->at += 2;
    return 0;
}

static int skip_space(struct tl_lexer *lex, struct fault *fault)
{
    for (;;) {
        while (lex->at < lex->end && class_at(lex->at) == BLANK)
            lex->at++;
        if (lex->at == lex->end || *lex->at != '/')
            return 0;
        if (starts_with(lex, "//")) {
            skip_line_comment(lex);
        } else if (starts_with(lex, "/*")) {
            int err = skip_block_comment(lex, fault);
            if (err)
                return err;
        } else {
            return 0;
        }
    }
}

/* ---types--- and ---functions---: -1 where neither stands here. */
static int section(const struct tl_lexer *lex, size_t *ret_len)
{
    static const struct {
        const char *text;
        int kind;
    } sections[] = {{"---types---", TL_TOKEN_TYPES}, {"---functions---", TL_TOKEN_FUNCTIONS}};

    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (starts_with(lex, sections[i].text)) {
            *ret_len = strlen(sections[i].text);
            return sections[i].kind;
        }
    }
    return -1;
}

int tl_lex_next(struct tl_lexer *lex, struct fault *fault)
{
    int err = skip_space(lex, fault);
    if (err)
        return err;
    const char *at = lex->at;
    size_t len = 0;
    int kind = TL_TOKEN_END;

    if (at < lex->end && class_at(at) == WORD) {
        kind = TL_TOKEN_WORD;
        while (at + len < lex->end && class_at(at + len) == WORD)
            len++;
    } else if (at < lex->end && class_at(at) == MARK) {
        kind = *at;
        len = 1;
    } else if (at < lex->end && (kind = section(lex, &len)) < 0) {
        return fault_here(lex, fault, "a character that TL does not have");
    }
    lex->token = (struct tl_token){kind, {at, len}};
    lex->at = at + len;
    return 0;
}
