#include "daemon/bridge/token_entry.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
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

/* A time that is not there is 0. */
static int read_time(const json_t *json, const char *name, int64_t *ret, struct fault *fault)
{
    const json_t *time = json_object_get(json, name);

    *ret = json_integer_value(time);
    if (!time || (json_is_integer(time) && *ret >= 0))
        return 0;
    int err = fault_set(fault, TGC_EINVAL, "Unix seconds were expected");
    fault_path_member(fault, name);
    return err;
}

struct token_use *token_use_new(int64_t last_used_at)
{
    struct token_use *use = malloc(sizeof(*use));

    if (!use)
        return NULL;
    atomic_init(&use->holders, 1);
    atomic_init(&use->at, last_used_at);
    atomic_init(&use->due_us, 0);
    return use;
}

struct token_use *token_use_hold(struct token_use *use)
{
    atomic_fetch_add(&use->holders, 1);
    return use;
}

void token_use_drop(struct token_use *use)
{
    if (use && atomic_fetch_sub(&use->holders, 1) == 1)
        free(use);
}

int64_t token_use_wait_us(struct token_use *use, int64_t now, unsigned rate)
{
    const int64_t step = SECOND_US / rate;
    int64_t due = atomic_load_explicit(&use->due_us, memory_order_relaxed), begins;

    do {
        begins = due > now ? due : now;
        if (begins - now > SECOND_US - step)
            return begins - now - (SECOND_US - step);
    } while (!atomic_compare_exchange_weak_explicit(&use->due_us, &due, begins + step, memory_order_relaxed,
                                                    memory_order_relaxed));
    return 0;
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
    if (!err)
        err = read_time(json, "created_at", &ret->created_at, fault);
    if (!err)
        err = read_time(json, "expires_at", &ret->expires_at, fault);
    int64_t last_used_at = 0;
    if (!err)
        err = read_time(json, "last_used_at", &last_used_at, fault);
    if (!err && !(ret->use = token_use_new(last_used_at)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    if (err) {
        token_entry_fini(ret);
        return err;
    }
    return 0;
}

void token_entry_fini(struct token_entry *e)
{
    free(e->name);
    json_decref(e->accounts);
    token_use_drop(e->use);
    *e = (struct token_entry){0};
}

json_t *token_entry_json(const struct token_entry *e)
{
    char hash[2 * DIGEST_SIZE + 1];
    int64_t last_used_at = e->use ? atomic_load(&e->use->at) : 0;

    hex_encode(e->hash, sizeof(e->hash), hash);
    /* "o" and "o*" let go of their references where packing fails. */
    return json_pack("{s:s, s:s, s:o, s:o*, s:I, s:o*, s:o*}", "name", e->name, "hash", hash, "scopes",
                     scope_names(e->scopes), "accounts", e->accounts ? json_deep_copy(e->accounts) : NULL, "created_at",
                     (json_int_t)e->created_at, "expires_at", e->expires_at ? json_integer(e->expires_at) : NULL,
                     "last_used_at", last_used_at ? json_integer(last_used_at) : NULL);
}
