#include "daemon/tl/parse.h"

/* [%] name [ < type > ], or at the outermost also # and !X. */
static int parse_nested(struct tl_lexer *lex, struct tl_raw *raw, unsigned depth, uint32_t *ret_type,
                        struct fault *fault)
{
    struct tl_raw_type type = {.item = -1, .at = lex->token.text.at, .form = TL_FORM_PLAIN};
    struct tl_slice name = lex->token.text;
    int err;

    if (depth > TL_NEST_MAX)
        return tl_fault_at(lex->text, type.at, fault, TGC_ELIMIT, "more than %d vectors inside each other",
                           TL_NEST_MAX);
    if (lex->token.kind == '#' || lex->token.kind == '!') {
        if (depth > 0)
            return tl_parse_fault(lex, fault, "a type");
        type.form = lex->token.kind == '#' ? TL_FORM_FLAGS : TL_FORM_QUERY;
    } else if (lex->token.kind == '%') {
        type.form = TL_FORM_BARE;
    }
    if (type.form != TL_FORM_PLAIN && (err = tl_lex_next(lex, fault)))
        return err;
    if (type.form != TL_FORM_FLAGS) {
        if (lex->token.kind != TL_TOKEN_WORD)
            return tl_parse_fault(lex, fault, "a type");
        name = lex->token.text;
        if ((err = tl_parse_check_name(lex, name, fault)) || (err = tl_lex_next(lex, fault)))
            return err;
    }
    type.name = name.at;
    type.name_len = (uint8_t)name.len;
    if (lex->token.kind == '<' && (type.form == TL_FORM_PLAIN || type.form == TL_FORM_BARE)) {
        uint32_t item;
        if ((err = tl_lex_next(lex, fault)) || (err = parse_nested(lex, raw, depth + 1, &item, fault)))
            return err;
        if (lex->token.kind != '>')
            return tl_parse_fault(lex, fault, "'>'");
        if ((err = tl_lex_next(lex, fault)))
            return err;
        type.item = (int32_t)item;
    }
    if (raw->types_n == raw->cap)
        return tl_parse_fault(lex, fault, "the end");
    raw->types[raw->types_n] = type;
    *ret_type = (uint32_t)raw->types_n++;
    return 0;
}

int tl_parse_type(struct tl_lexer *lex, struct tl_raw *raw, uint32_t *ret_type, struct fault *fault)
{
    return parse_nested(lex, raw, 0, ret_type, fault);
}
