/* What Telegram gives at the end or the begin of a login, so that the next one of the same user needs no code. Kept as
 * long as the account is. */
#include <string.h>

#include "daemon/tg/account/note.h"
#include "daemon/tg/login/step.h"
#include "daemon/tl/tree.h"

enum { TOKENS_MAX = 20, TOKEN_MAX = 1024 };

static void drop(json_t *tokens, size_t i)
{
    const char *text = json_string_value(json_array_get(tokens, i));

    explicit_bzero((char *)(uintptr_t)text, strlen(text));
    json_array_remove(tokens, i);
}

void login_keep_token(struct tg_account *a, const json_t *object)
{
    const char *text = json_string_value(json_object_get(object, "future_auth_token"));
    struct login *l = login_of(a);

    if (!text || !*text || strlen(text) > TOKEN_MAX || !l || (!l->tokens && !(l->tokens = json_array())))
        return;
    for (size_t i = 0; i < json_array_size(l->tokens); i++)
        if (strcmp(json_string_value(json_array_get(l->tokens, i)), text) == 0)
            return;
    if (json_array_size(l->tokens) == TOKENS_MAX)
        drop(l->tokens, TOKENS_MAX - 1);
    json_array_insert_new(l->tokens, 0, json_string(text));
    tg_account_note(a);
}

void login_keep_logout_token(struct tg_account *a, const struct tl_comb *method, const void *data, size_t len)
{
    json_t *tree = NULL;

    if (tl_tree_result(tg_account_env(a)->schema, method, data, len, &tree, NULL, NULL) != 0)
        return;
    login_keep_token(a, tree);
    json_decref(tree);
}

json_t *login_code_settings(const struct tg_account *a)
{
    json_t *settings = json_pack("{s:s}", "_", "codeSettings"), *tokens = account_login(a)->tokens;

    /* A copy: the parameters that it goes into are freed when they are encoded. */
    if (json_array_size(tokens))
        json_object_set_new(settings, "logout_tokens", json_copy(tokens));
    return settings;
}

void login_forget_tokens(struct tg_account *a)
{
    struct login *l = account_login(a);

    while (json_array_size(l->tokens))
        drop(l->tokens, 0);
    json_decref(l->tokens);
    l->tokens = NULL;
}
