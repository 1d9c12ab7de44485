#include "daemon/token_files.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/log.h"

static const char admin_name[] = "admin", admin_file[] = "admin.token", all_file[] = "tokens.json";

/* *RET: NULL where there is no file. */
static int read_all(const struct state_dir *d, json_t **ret, struct fault *fault)
{
    char *path = state_dir_file(d, all_file);
    json_error_t error;
    int err = 0;

    *ret = NULL;
    if (!path)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (access(path, F_OK) == 0 && !(*ret = json_load_file(path, JSON_REJECT_DUPLICATES, &error)))
        err = fault_set(fault, TGC_ESYNTAX, "%s:%d: %s", path, error.line, error.text);
    free(path);
    return err;
}

static int take_all(const struct state_dir *d, struct tokens *tokens, const json_t *json, struct fault *fault)
{
    struct fault inner = {0};

    if (!json || tokens_load(tokens, json, &inner) == 0)
        return 0;
    return fault_set(fault, inner.err, "%s/%s%s: %s", d->path, all_file, inner.path, inner.text);
}

static int save(void *ctx, const json_t *all, struct fault *fault)
{
    const struct state_dir *d = ctx;
    char *text = all ? json_dumps(all, JSON_INDENT(2)) : NULL;
    int err =
        text ? state_dir_write(d, all_file, text, strlen(text), fault) : fault_set(fault, TGC_ENOMEM, "out of memory");

    free(text);
    return err;
}

static int save_all(const struct state_dir *d, struct tokens *tokens, struct fault *fault)
{
    json_t *json = tokens_save(tokens);
    int err = save((void *)(uintptr_t)d, json, fault);

    json_decref(json);
    return err;
}

void token_files_keep(const struct state_dir *d, struct tokens *tokens)
{
    tokens_keep(tokens, save, (void *)(uintptr_t)d);
}

void token_files_end(const struct state_dir *d, struct tokens *tokens)
{
    struct fault fault = {0};

    if (save_all(d, tokens, &fault) != 0)
        log_warning("main", "when the tokens were used last is not kept: %s", fault.text);
}

static int make_admin(const struct state_dir *d, struct tokens *tokens, struct fault *fault)
{
    char token[TOKEN_TEXT_SIZE + 1];
    int err = tokens_create(tokens, admin_name, SCOPE_ADMIN, NULL, 0, token, NULL);

    if (err)
        return fault_set(fault, err, "no token can be made: %s", tgc_err_text(err));
    size_t len = strlen(token);
    token[len++] = '\n';
    err = state_dir_write(d, admin_file, token, len, fault);
    explicit_bzero(token, sizeof(token));
    return err ? err : save_all(d, tokens, fault);
}

int token_files_load(const struct state_dir *d, struct tokens *tokens, bool *ret_made, struct fault *fault)
{
    json_t *json = NULL;
    int err = read_all(d, &json, fault);

    if (!err)
        err = take_all(d, tokens, json, fault);
    json_decref(json);
    bool made = !err && tokens_count(tokens) == 0;
    if (made)
        err = make_admin(d, tokens, fault);
    if (!err)
        *ret_made = made;
    return err;
}

bool token_files_has_admin(const struct state_dir *d, struct tokens *tokens)
{
    char text[TOKEN_TEXT_SIZE + 2] = "", *path = state_dir_file(d, admin_file);
    FILE *f = path ? fopen(path, "re") : NULL;
    struct token_grant grant = {0};
    bool has = false;

    if (f && fgets(text, sizeof(text), f))
        has = tokens_check(tokens, text, strcspn(text, "\n"), &grant) && (grant.scopes & SCOPE_ADMIN);
    json_decref(grant.accounts);
    explicit_bzero(text, sizeof(text));
    if (f)
        fclose(f);
    free(path);
    return has;
}

static void drop_admin(json_t *all)
{
    json_t *list = json_object_get(all, "tokens"), *one;
    size_t i;

    json_array_foreach (list, i, one) {
        const char *name = json_string_value(json_object_get(one, "name"));
        if (name && strcmp(name, admin_name) == 0) {
            json_array_remove(list, i);
            return;
        }
    }
}

int token_files_reset(const struct state_dir *d, struct fault *fault)
{
    struct tokens *tokens = NULL;
    json_t *json = NULL;
    int err = tokens_new(&tokens);

    if (err)
        return fault_set(fault, err, "out of memory");
    err = read_all(d, &json, fault);
    if (!err) {
        drop_admin(json);
        err = take_all(d, tokens, json, fault);
    }
    if (!err)
        err = make_admin(d, tokens, fault);
    json_decref(json);
    tokens_free(tokens);
    return err;
}
