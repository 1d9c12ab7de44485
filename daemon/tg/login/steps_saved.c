/* What the steps of a login leave behind, from one process to the next. */
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/account/note.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

static void put_text(json_t *j, const char *member, const char *text)
{
    if (text && *text)
        json_object_set_new(j, member, json_string(text));
}

static json_t *code_json(const struct login *l)
{
    const struct sent_code *c = &l->code;
    json_t *j = json_object();

    put_text(j, "phone", c->phone);
    put_text(j, "hash", c->hash);
    put_text(j, "kind", c->kind);
    put_text(j, "next_kind", c->next_kind);
    put_text(j, "words", c->words);
    json_object_set_new(j, "length", json_integer(c->length));
    json_object_set_new(j, "resend_at", json_integer(c->resend_at));
    json_object_set_new(j, "is_setting_up", json_boolean(l->is_setting_up));
    return j;
}

json_t *tg_login_saved(const struct tg_account *a)
{
    const struct login *l = account_login(a);
    json_t *j = l ? json_object() : NULL;

    if (!j)
        return NULL;
    if (l->code.phone[0])
        json_object_set_new(j, "code", code_json(l));
    if (l->terms)
        json_object_set_new(j, "terms", json_deep_copy(l->terms));
    put_text(j, "hint", l->hint);
    if (json_array_size(l->tokens))
        json_object_set_new(j, "tokens", json_deep_copy(l->tokens));
    if (json_object_size(j))
        return j;
    json_decref(j);
    return NULL;
}

/* Into OUT; false where it does not fit. One that is not there is "". */
static bool get_text(const json_t *j, const char *member, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(j, member));
    size_t len = text ? strlen(text) : 0;

    if (len >= size)
        return false;
    memcpy(out, text ? text : "", len + 1);
    return true;
}

static bool get_code(const struct tg_account *a, const json_t *j, struct login *l)
{
    const struct tg_env *env = tg_account_env(a);
    struct sent_code *c = &l->code;

    c->length = (int)json_integer_value(json_object_get(j, "length"));
    c->resend_at = json_integer_value(json_object_get(j, "resend_at"));
    if (c->resend_at)
        c->resend_us = tg_now(env) + c->resend_at * SECOND_US - clock_wall_us(env->clock);
    l->is_setting_up = json_is_true(json_object_get(j, "is_setting_up"));
    return get_text(j, "phone", c->phone, sizeof(c->phone)) && get_text(j, "hash", c->hash, sizeof(c->hash)) &&
           get_text(j, "kind", c->kind, sizeof(c->kind)) && get_text(j, "words", c->words, sizeof(c->words)) &&
           get_text(j, "next_kind", c->next_kind, sizeof(c->next_kind));
}

static void get_tokens(struct tg_account *a, const json_t *tokens)
{
    for (size_t i = json_array_size(tokens); i-- > 0;) {
        json_t *object = json_pack("{s:O}", "future_auth_token", json_array_get(tokens, i));
        login_keep_token(a, object);
        json_decref(object);
    }
}

void tg_login_restore(struct tg_account *a, const json_t *saved)
{
    struct login *l = login_of(a);
    const char *hint = json_string_value(json_object_get(saved, "hint"));
    const json_t *terms = json_object_get(saved, "terms");

    if (l) {
        l->hint = hint ? strdup(hint) : NULL;
        l->terms = json_is_object(terms) ? json_deep_copy(terms) : NULL;
        get_tokens(a, json_object_get(saved, "tokens"));
    }
    bool has_code = l && get_code(a, json_object_get(saved, "code"), l) && l->code.hash[0];
    if (!has_code && login_has_code(a))
        login_start_over(a, "the daemon was stopped in the middle of the login");
}
