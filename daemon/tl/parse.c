#include "daemon/tl/parse.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/crc32.h"
#include "daemon/base/layer_line.h"
#include "daemon/base/limits.h"
#include "daemon/base/pages.h"
#include "daemon/tl/ident.h"

/* The shortest declaration is "a=A;", the shortest parameter "a:#", and the shortest type of an item takes "<a>". */
static int raw_init(struct tl_raw *raw, const char *text, size_t len, struct fault *fault)
{
    raw->text = text;
    raw->cap = len / 3 + 1;
    raw->types = malloc(raw->cap * sizeof(*raw->types));
    raw->params = malloc(raw->cap * sizeof(*raw->params));
    raw->combs = malloc(raw->cap * sizeof(*raw->combs));
    if (!raw->types || !raw->params || !raw->combs)
        return fault_set(fault, TGC_ENOMEM, "no memory for the schema");
    /* A usual parameter has 22 bytes, a usual declaration 90. */
    pages_ready(raw->types, len / 18 * sizeof(*raw->types));
    pages_ready(raw->params, len / 22 * sizeof(*raw->params));
    pages_ready(raw->combs, len / 90 * sizeof(*raw->combs));
    return 0;
}

void tl_raw_free(struct tl_raw *raw)
{
    free(raw->types);
    free(raw->params);
    free(raw->combs);
    *raw = (struct tl_raw){0};
}

int tl_parse_fault(const struct tl_lexer *lex, struct fault *fault, const char *expected)
{
    const struct tl_token *t = &lex->token;
    if (t->kind == TL_TOKEN_END)
        return tl_fault_at(lex->text, t->text.at, fault, TGC_ESYNTAX, "expected %s, but the text ends", expected);
    return tl_fault_at(lex->text, t->text.at, fault, TGC_ESYNTAX, "expected %s, not '%.*s'", expected,
                       t->text.len < 40 ? (int)t->text.len : 40, t->text.at);
}

int tl_parse_check_name(const struct tl_lexer *lex, struct tl_slice name, struct fault *fault)
{
    if (name.len <= TL_NAME_MAX)
        return 0;
    return tl_fault_at(lex->text, name.at, fault, TGC_ELIMIT, "a name longer than %d bytes", TL_NAME_MAX);
}

/* Takes the current token, which must be of KIND. */
static int take(struct tl_lexer *lex, int kind, const char *expected, struct fault *fault)
{
    if (lex->token.kind != kind)
        return tl_parse_fault(lex, fault, expected);
    return tl_lex_next(lex, fault);
}

/* Takes a word that can be a name. */
static int take_name(struct tl_lexer *lex, const char *expected, struct tl_slice *ret_name, struct fault *fault)
{
    struct tl_slice name = lex->token.text;
    char c = lex->token.kind == TL_TOKEN_WORD ? name.at[0] : '\0';

    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
        return tl_parse_fault(lex, fault, expected);
    int err = tl_parse_check_name(lex, name, fault);
    if (err)
        return err;
    *ret_name = name;
    return tl_lex_next(lex, fault);
}

/* `#1cb5c415`; a shorter id has lost leading zeros. */
static int parse_id(struct tl_lexer *lex, uint32_t *ret_id, struct fault *fault)
{
    int err = take(lex, '#', "'#'", fault);
    if (err)
        return err;
    struct tl_slice s = lex->token.text;
    uint32_t id = 0;
    if (lex->token.kind != TL_TOKEN_WORD || s.len > 8)
        return tl_parse_fault(lex, fault, "an id of up to 8 hex digits");
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return tl_parse_fault(lex, fault, "an id of up to 8 hex digits");
        id = id << 4 | (uint32_t)digit;
    }
    *ret_id = id;
    return tl_lex_next(lex, fault);
}

/* {X:Type} */
static int parse_variable(struct tl_lexer *lex, struct tl_raw_comb *comb, struct fault *fault)
{
    int err;

    if (comb->variable.len)
        return tl_parse_fault(lex, fault, "one type variable at most");
    if ((err = take(lex, '{', "'{'", fault)) || (err = take_name(lex, "a type variable", &comb->variable, fault)) ||
        (err = take(lex, ':', "':'", fault)))
        return err;
    if (!tl_slice_is(lex->token.text, "Type"))
        return tl_parse_fault(lex, fault, "'Type'");
    if ((err = tl_lex_next(lex, fault)))
        return err;
    return take(lex, '}', "'}'", fault);
}

/* `flags.7` of `flags.7?int`. The word stands in NAME. */
static int split_condition(const struct tl_lexer *lex, struct tl_raw_param *param, struct fault *fault)
{
    struct tl_slice s = lex->token.text;
    size_t dot = s.len;
    unsigned bit = 0;

    while (dot > 0 && s.at[dot - 1] != '.')
        dot--;
    if (dot < 2 || dot == s.len || s.len - dot > 2)
        return tl_parse_fault(lex, fault, "a flag such as flags.7");
    for (size_t i = dot; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return tl_parse_fault(lex, fault, "a flag such as flags.7");
        bit = bit * 10 + (unsigned)(s.at[i] - '0');
    }
    if (bit > 31)
        return tl_parse_fault(lex, fault, "a bit from 0 to 31");
    param->flag_word = s.at;
    param->flag_len = (uint8_t)(dot - 1);
    param->flag_bit = (uint8_t)bit;
    return tl_parse_check_name(lex, (struct tl_slice){s.at, dot - 1}, fault);
}

/* name:type or name:flags.N?type */
static int parse_param(struct tl_lexer *lex, struct tl_raw *raw, struct fault *fault)
{
    struct tl_raw_param param = {0};
    struct tl_slice name;
    int err;

    if ((err = take_name(lex, "a parameter or '='", &name, fault)) || (err = take(lex, ':', "':'", fault)))
        return err;
    param.name = name.at;
    param.name_len = (uint8_t)name.len;
    if (lex->token.kind == TL_TOKEN_WORD && lex->at < lex->end && *lex->at == '?') {
        if ((err = split_condition(lex, &param, fault)) || (err = tl_lex_next(lex, fault)) ||
            (err = take(lex, '?', "'?'", fault)))
            return err;
    }
    if ((err = tl_parse_type(lex, raw, &param.type, fault)))
        return err;
    if (raw->params_n == raw->cap)
        return tl_parse_fault(lex, fault, "the end");
    raw->params[raw->params_n++] = param;
    return 0;
}

/* The types that every reader knows by heart; schema files declare them in ways of their own. */
static bool is_built_in(struct tl_slice name)
{
    static const char *const names[] = {"int",    "long",   "double", "string", "bytes",
                                        "int128", "int256", "vector", "object"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (tl_slice_is(name, names[i]))
            return true;
    return false;
}

static int skip_declaration(struct tl_lexer *lex, struct fault *fault)
{
    while (lex->token.kind != ';') {
        if (lex->token.kind == TL_TOKEN_END)
            return tl_parse_fault(lex, fault, "';'");
        int err = tl_lex_next(lex, fault);
        if (err)
            return err;
    }
    return tl_lex_next(lex, fault);
}

static int parse_params(struct tl_lexer *lex, struct tl_raw *raw, struct tl_raw_comb *comb, struct fault *fault)
{
    comb->params_at = (uint32_t)raw->params_n;
    while (lex->token.kind != '=') {
        int err = lex->token.kind == '{' ? parse_variable(lex, comb, fault) : parse_param(lex, raw, fault);
        if (err)
            return err;
        if (raw->params_n - comb->params_at > TL_PARAMS_MAX)
            return tl_fault_at(lex->text, comb->name.at, fault, TGC_ELIMIT, "more than %d parameters", TL_PARAMS_MAX);
    }
    comb->params_n = (uint32_t)raw->params_n - comb->params_at;
    return 0;
}

/* name#id {X:Type} params = Result; */
static int parse_declaration(struct tl_lexer *lex, struct tl_raw *raw, bool is_method, struct buf *scratch,
                             struct fault *fault)
{
    struct tl_raw_comb comb = {.is_method = is_method};
    const char *start = lex->token.text.at;
    bool has_id = false;
    int err;

    if ((err = take_name(lex, "a name", &comb.name, fault)))
        return err;
    if (!is_method && is_built_in(comb.name))
        return skip_declaration(lex, fault);
    if (lex->token.kind == '#') {
        has_id = true;
        if ((err = parse_id(lex, &comb.id, fault)))
            return err;
    }
    if ((err = parse_params(lex, raw, &comb, fault)) || (err = take(lex, '=', "'='", fault)) ||
        (err = tl_parse_type(lex, raw, &comb.result, fault)))
        return err;
    if (lex->token.kind != ';')
        return tl_parse_fault(lex, fault, "';'");
    buf_reset(scratch);
    tl_ident_normalise(start, lex->token.text.at, scratch);
    if (buf_err(scratch))
        return fault_set(fault, buf_err(scratch), "no memory for the schema");
    comb.crc32 = crc32_of(scratch->data, scratch->len);
    if (!has_id)
        comb.id = comb.crc32;
    if (raw->combs_n == raw->cap)
        return tl_parse_fault(lex, fault, "the end");
    raw->combs[raw->combs_n++] = comb;
    raw->constructors_n += !is_method;
    return tl_lex_next(lex, fault);
}

int tl_parse(const char *text, size_t len, struct tl_raw *raw, struct fault *fault)
{
    struct tl_lexer lex;
    struct buf scratch;
    bool is_method = false;

    if (len > LIMIT_SCHEMA_TEXT)
        return fault_set(fault, TGC_ELIMIT, "a schema of more than %d bytes", LIMIT_SCHEMA_TEXT);
    if (text_start_of(text, len) == TEXT_UTF16)
        return fault_at_line(fault, TGC_ESYNTAX, 1, 1, "the text is UTF-16: save it as UTF-8");
    buf_init(&scratch, 3 * LIMIT_SCHEMA_TEXT + 1);
    tl_lex_init(&lex, text, len);
    int err = raw_init(raw, lex.text, (size_t)(lex.end - lex.text), fault);
    if (!err)
        err = tl_lex_next(&lex, fault);
    while (!err && lex.token.kind != TL_TOKEN_END) {
        if (lex.token.kind == TL_TOKEN_TYPES || lex.token.kind == TL_TOKEN_FUNCTIONS) {
            is_method = lex.token.kind == TL_TOKEN_FUNCTIONS;
            err = tl_lex_next(&lex, fault);
        } else {
            err = parse_declaration(&lex, raw, is_method, &scratch, fault);
        }
    }
    raw->layer = lex.layer;
    buf_fini(&scratch);
    return err;
}
