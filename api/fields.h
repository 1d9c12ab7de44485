/* What the members of a request may be, declared as tables and judged in one place; every fault is reported, not only
 * the first. Judged members are left in the one form that job.h names. */
#ifndef TGCALLD_API_FIELDS_H
#define TGCALLD_API_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/bridge/problem.h"

enum field_type {
    FIELD_STRING,  /* min..max code points */
    FIELD_INTEGER, /* min..max */
    FIELD_LONG,    /* a decimal string or an integer, min..max; becomes an integer */
    FIELD_BOOL,
    FIELD_ENUM,    /* one of choices */
    FIELD_TIME,    /* Unix seconds or RFC 3339, 1..2^31-1; becomes an integer */
    FIELD_PEER,    /* base/peer_text.h, a marked id, or an InputPeer object */
    FIELD_RANDOM,  /* int32, not 0, a decimal string or an integer; becomes an integer */
    FIELD_ACCOUNT, /* an account's name */
    FIELD_NAME,    /* another thing's, of the same form */
    FIELD_PROXY,   /* base/proxy.h, or PROXY_NONE */
    FIELD_OBJECT,  /* with `members` of its own */
    FIELD_LIST,    /* min..max of `items` */
    FIELD_JSON,    /* an object, or the text of one, of at most max bytes; becomes a string of JSON text */
    FIELD_TYPE_COUNT
};

struct field {
    const char *name; /* NULL ends a table */
    enum field_type type;
    bool required;
    const char *instead; /* the bool member that, true, takes its place: then this one is not there; NULL for none */
    int64_t min, max;
    const char *const *choices;  /* NULL-terminated */
    const struct field *members; /* of a FIELD_OBJECT */
    const struct field *items;   /* of a FIELD_LIST: what each is; its name is not used */
    bool plain;                  /* a string without NUL */
    bool null_counts;            /* null is a value of its own, and stays; else it is as if it were absent */
    bool needs_token;            /* a route that needs none needs one for this */
    const char *needs;           /* of a bool: the member that must be there where it is true */
};

/* What was found. The problem is NULL where nothing was, and where memory is gone. */
struct faults {
    bool found;
    unsigned count;
    struct problem *problem;
    const char *inside;            /* the object whose members are judged; NULL: the whole */
    const struct field *elsewhere; /* what another part of the request may have; NULL: there is none */
    const char *elsewhere_detail;  /* the fault of a member that is unknown here and stands there */
};

/* Adds one; NAME NULL is the whole. */
void faults_add(struct faults *f, const char *name, const char *detail);

/* Judges OBJECT against SPEC and makes its members uniform. */
void fields_check(const struct field *spec, json_t *object, struct faults *faults);
/* Whether {} passes. */
bool fields_all_optional(const struct field *spec);

/* [a-z0-9][a-z0-9_-]{0,31} */
bool field_is_account(const char *text);
/* Decimal digits with an optional '-', no leading zeros, in 64 bits. */
bool field_parse_int64(const char *text, int64_t *ret);

#endif
