/* One method call in the fake world. */
#ifndef TGCALLD_TESTS_FAKE_RPC_H
#define TGCALLD_TESTS_FAKE_RPC_H

#include "tests/support/fake_world.h"

/* What a key stands for in the world. */
struct fake_login {
    struct fake_user *user;    /* who is logged in; NULL */
    struct fake_user *pending; /* whose password is waited for; NULL */
    int64_t srp_id;            /* of the account.password that was last given; 0 where it was used up */
    uint8_t srp_secret[256], srp_public[256];
};

struct fake_rpc {
    struct fake_world *w;
    struct fake_login *login;
    int centre; /* the data centre that is asked */
    int code;   /* of the error; 0 for none */
    char text[64];
};

/* The answer (a new reference), or NULL with the error set. */
typedef json_t *fake_method_fn(struct fake_rpc *r, const json_t *params);

struct fake_method {
    const char *name; /* NULL ends a table */
    fake_method_fn *run;
    bool is_public; /* before a login too */
};

extern const struct fake_method fake_auth_methods[], fake_chat_methods[], fake_call_methods[];

/* Finds the method and runs it. */
json_t *fake_rpc_run(struct fake_rpc *r, const char *method, const json_t *params);
/* Sets the error; NULL. */
json_t *fake_rpc_fail(struct fake_rpc *r, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Members of PARAMS: 0, "" where they are missing. */
int64_t fake_long(const json_t *object, const char *member);
const char *fake_text(const json_t *object, const char *member);
/* The chat of an InputPeer or InputChannel; NULL with the error WRONG. */
struct fake_chat *fake_rpc_chat(struct fake_rpc *r, const json_t *input, const char *wrong);

#endif
