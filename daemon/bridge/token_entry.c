#include "daemon/bridge/token_entry.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/bridge/scope.h"

static int read_name(const json_t *json, struct token_entry *e, struct fault *fault)
{
    const char *name = json_string_value(json);
    size_t len = json_string_length(json);

    if (!name || len == 0 || len > TOKEN_NAME_MAX || memchr(name, 0, len)) {
        int err = fault_set(fault, TGC_EINVAL, "a text of 1 to %d bytes was expected", TOKEN_NAME_MAX);
        fault_path_member(fault, "name");
        return err;
    }
    e->name = strdup(name);
    return e->name ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");
}

static int read_hash(const json_t *json, struct token_entry *e, struct fault *fault)
{
    const char *hex = json_string_value(json);

    if (!hex || hex_decode(hex, json_string_length(json), e->hash, sizeof(e->hash)) != 0) {
        int err = fault_set(fault, TGC_EINVAL, "the hex of a SHA-256 was expected");
        fault_path_member(fault, "hash");
        return err;
    }
    return 0;
}

static int read_scopes(const json_t *json, struct token_entry *e, struct fault *fault)
{
    size_t count = json_array_size(json);
    int err;

    if (count == 0) {
        err = fault_set(fault, TGC_EINVAL, "a list of scopes was expected");
        goto wrong;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(json, i));
        unsigned scope = name ? scope_parse(name) : 0;
        if (!scope) {
            err = fault_set(fault, TGC_EINVAL, "there is no such scope");
            fault_path_index(fault, i);
            goto wrong;
        }
        e->scopes |= scope;
    }
    return 0;
wrong:
    fault_path_member(fault, "scopes");
    return err;
}

static int read_accounts(const json_t *json, struct token_entry *e, struct fault *fault)
{
    if (!json || json_is_null(json))
        return 0;
    size_t bad = 0;
    if (json_is_array(json)) {
        while (bad < json_array_size(json) && json_is_string(json_array_get(json, bad)))
            bad++;
        if (bad == json_array_size(json)) {
            e->accounts = json_deep_copy(json);
            return e->accounts ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");
        }
    }
    int err = fault_set(fault, TGC_EINVAL, "a list of account names was expected");
    fault_path_member(fault, "accounts");
    return err;
}

int token_entry_read(const json_t *json, struct token_entry *ret, struct fault *fault)
{
    *ret = (struct token_entry){0};
    if (!json_is_object(json))
        return fault_set(fault, TGC_EINVAL, "an object was expected");
    int err = read_name(json_object_get(json, "name"), ret, fault);
    if (!err)
        err = read_hash(json_object_get(json, "hash"), ret, fault);
    if (!err)
        err = read_scopes(json_object_get(json, "scopes"), ret, fault);
    if (!err)
        err = read_accounts(json_object_get(json, "accounts"), ret, fault);
    if (err) {
        token_entry_fini(ret);
        return err;
    }
    ret->created_at = json_integer_value(json_object_get(json, "created_at"));
    return 0;
}

void token_entry_fini(struct token_entry *e)
{
    free(e->name);
    json_decref(e->accounts);
    *e = (struct token_entry){0};
}

json_t *token_entry_json(const struct token_entry *e)
{
    char hash[2 * DIGEST_SIZE + 1];

    hex_encode(e->hash, sizeof(e->hash), hash);
    /* "o" and "o*" let go of their references where packing fails. */
    return json_pack("{s:s, s:s, s:o, s:o*, s:I}", "name", e->name, "hash", hash, "scopes", scope_names(e->scopes),
                     "accounts", e->accounts ? json_deep_copy(e->accounts) : NULL, "created_at",
                     (json_int_t)e->created_at);
}
