#include "daemon/tl/parse.h"

/* [%] name [ < type > ], or at the outermost also # and !X. */
static int parse_nested(struct tl_lexer *lex, struct tl_raw *raw, unsigned depth, uint32_t *ret_type,
                        struct fault *fault)
{
    struct tl_raw_type type = {.item = -1, .line = lex->token.line, .column = lex->token.column};
    int err;

    if (depth > TL_NEST_MAX)
        return fault_at_line(fault, TGC_ELIMIT, type.line, type.column, "more than %d vectors inside each other",
                             TL_NEST_MAX);
    if (lex->token.kind == '#' || lex->token.kind == '!') {
        if (depth > 0)
            return tl_parse_fault(lex, fault, "a type");
        type.form = lex->token.kind == '#' ? TL_FORM_FLAGS : TL_FORM_QUERY;
        type.name = lex->token.text;
    } else if (lex->token.kind == '%') {
        type.form = TL_FORM_BARE;
    }
    if (type.form != TL_FORM_PLAIN && (err = tl_lex_next(lex, fault)))
        return err;
    if (type.form != TL_FORM_FLAGS) {
        if (lex->token.kind != TL_TOKEN_WORD)
            return tl_parse_fault(lex, fault, "a type");
        type.name = lex->token.text;
        if (type.name.len > TL_NAME_MAX)
            return fault_at_line(fault, TGC_ELIMIT, type.line, type.column, "a name longer than %d bytes", TL_NAME_MAX);
        if ((err = tl_lex_next(lex, fault)))
            return err;
    }
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
    if (tl_raw_grow((void **)&raw->types, &raw->types_cap, raw->types_n, sizeof(type)))
        return fault_set(fault, TGC_ENOMEM, "no memory for the schema");
    raw->types[raw->types_n] = type;
    *ret_type = (uint32_t)raw->types_n++;
    return 0;
}

int tl_parse_type(struct tl_lexer *lex, struct tl_raw *raw, uint32_t *ret_type, struct fault *fault)
{
    return parse_nested(lex, raw, 0, ret_type, fault);
}
