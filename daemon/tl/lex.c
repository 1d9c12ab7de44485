#include "daemon/tl/lex.h"

#include <string.h>

#include "daemon/base/layer_line.h"

bool tl_slice_is(struct tl_slice s, const char *text)
{
    return strlen(text) == s.len && memcmp(s.at, text, s.len) == 0;
}

void tl_lex_init(struct tl_lexer *lex, const char *text, size_t len)
{
    if (text_start_of(text, len) == TEXT_BOM) {
        text += 3;
        len -= 3;
    }
    *lex = (struct tl_lexer){.at = text, .end = text + len, .line_start = text, .line = 1};
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static bool starts_with(const struct tl_lexer *lex, const char *text)
{
    size_t n = strlen(text);

    return (size_t)(lex->end - lex->at) >= n && memcmp(lex->at, text, n) == 0;
}

static int fault_here(const struct tl_lexer *lex, struct fault *fault, const char *what)
{
    return fault_at_line(fault, TGC_ESYNTAX, lex->line, (unsigned)(lex->at - lex->line_start) + 1, "%s", what);
}

static int skip_block_comment(struct tl_lexer *lex, struct fault *fault)
{
    const struct tl_lexer start = *lex;

    for (lex->at += 2; !starts_with(lex, "*/"); lex->at++) {
        if (lex->at == lex->end)
            return fault_here(&start, fault, "a comment without an end");
        if (*lex->at == '\n') {
            lex->line++;
            lex->line_start = lex->at + 1;
        }
    }
    lex->at += 2;
    return 0;
}

static int skip_space(struct tl_lexer *lex, struct fault *fault)
{
    while (lex->at < lex->end) {
        char c = *lex->at;
        if (c == '\n') {
            lex->line++;
            lex->line_start = ++lex->at;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            lex->at++;
        } else if (starts_with(lex, "//")) {
            const char *start = lex->at + 2;
            while (lex->at < lex->end && *lex->at != '\n')
                lex->at++;
            int layer = layer_of_comment(start, (size_t)(lex->at - start));
            if (layer)
                lex->layer = layer;
        } else if (starts_with(lex, "/*")) {
            int err = skip_block_comment(lex, fault);
            if (err)
                return err;
        } else {
            break;
        }
    }
    return 0;
}

int tl_lex_next(struct tl_lexer *lex, struct fault *fault)
{
    static const struct {
        const char *text;
        int kind;
    } marks[] = {{"---types---", TL_TOKEN_TYPES}, {"---functions---", TL_TOKEN_FUNCTIONS}};

    int err = skip_space(lex, fault);
    if (err)
        return err;
    struct tl_token *t = &lex->token;
    *t = (struct tl_token){
        .kind = TL_TOKEN_END,
        .text = {lex->at, 0},
        .line = lex->line,
        .column = (unsigned)(lex->at - lex->line_start) + 1,
    };
    if (lex->at == lex->end)
        return 0;
    if (is_word_char(*lex->at)) {
        while (lex->at < lex->end && is_word_char(*lex->at))
            lex->at++;
        t->kind = TL_TOKEN_WORD;
        t->text.len = (size_t)(lex->at - t->text.at);
        return 0;
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (starts_with(lex, marks[i].text)) {
            t->kind = marks[i].kind;
            t->text.len = strlen(marks[i].text);
            lex->at += t->text.len;
            return 0;
        }
    }
    if (*lex->at == '\0' || !strchr("#:;=?<>{}[]()%!*+,", *lex->at))
        return fault_here(lex, fault, "a character that TL does not have");
    t->kind = *lex->at++;
    t->text.len = 1;
    return 0;
}
