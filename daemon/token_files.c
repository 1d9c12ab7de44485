#include "daemon/token_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/file.h"
#include "daemon/base/log.h"

static const char admin_name[] = "admin", admin_file[] = "admin.token", all_file[] = "tokens.json",
                  taken_file[] = "tokens.json.taken", former_file[] = "admin.token.former";

/* --- tokens.json --- */

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

    if (tokens_load(tokens, json, &inner) == 0)
        return 0;
    return fault_set(fault, inner.err, "%s/%s%s: %s", d->path, all_file, inner.path, inner.text);
}

/* Its tokens are in the store: whether or not it is there still, they are not read from it again. */
static void set_aside(const struct state_dir *d)
{
    char *from = state_dir_file(d, all_file), *to = state_dir_file(d, taken_file);
    struct fault fault = {0};

    if (!from || !to || rename(from, to) != 0)
        log_warning("main", "%s/%s cannot be renamed to %s: %s", d->path, all_file, taken_file, strerror(errno));
    else if (file_sync_folder(to, &fault) != 0)
        log_warning("main", "%s", fault.text);
    free(from);
    free(to);
}

static json_t *hashes(const json_t *all)
{
    json_t *by_name = json_object(), *one;
    size_t i;

    json_array_foreach (json_object_get(all, "tokens"), i, one) {
        const char *name = json_string_value(json_object_get(one, "name"));
        if (name)
            json_object_set(by_name, name, json_object_get(one, "hash"));
    }
    return by_name;
}

/* A process may have been killed when it had taken them. */
static bool is_taken(const json_t *json, struct tokens *tokens)
{
    json_t *kept = tokens_save(tokens), *mine = hashes(json), *theirs = hashes(kept), *hash;
    const char *name;
    bool is = mine && theirs && json_is_array(json_object_get(json, "tokens"));

    json_object_foreach (mine, name, hash)
        is = is && json_equal(hash, json_object_get(theirs, name));
    json_decref(kept);
    json_decref(mine);
    json_decref(theirs);
    return is;
}

static int take_file(const struct state_dir *d, struct tokens_kept *k, size_t stored, struct fault *fault)
{
    json_t *json;
    int err = read_all(d, &json, fault);

    if (err || !json)
        return err;
    if (stored && !is_taken(json, k->tokens)) {
        log_warning("main", "%s/%s is not read, since the tokens are in the store %s: remove it", d->path, all_file,
                    store_path(k->store));
    } else {
        if (!stored)
            err = take_all(d, k->tokens, json, fault);
        if (!err && !stored)
            err = tokens_kept_put_all(k, fault);
        if (!err) {
            set_aside(d);
            log_notice("main", "the tokens of %s/%s are in the store now", d->path, all_file);
        }
    }
    json_decref(json);
    return err;
}

/* --- the admin token --- */

/* Its text is written first: a token that nobody can have is made anew, one whose text nobody has would stay. */
static int make_admin(const struct state_dir *d, struct tokens_kept *k, struct fault *fault)
{
    char token[TOKEN_TEXT_SIZE + 1];
    int err = tokens_create(k->tokens, admin_name, SCOPE_ADMIN, NULL, 0, token, NULL);

    if (err)
        return fault_set(fault, err, "no token can be made: %s", tgc_err_text(err));
    size_t len = strlen(token);
    token[len++] = '\n';
    err = state_dir_write(d, admin_file, token, len, fault);
    explicit_bzero(token, sizeof(token));
    return err ? err : tokens_kept_put_all(k, fault);
}

/* *RET_ANY: there is one, though it may be one that cannot be read. */
static int load(const struct state_dir *d, struct tokens_kept *k, bool *ret_any, struct fault *fault)
{
    size_t stored = 0;
    int err = tokens_kept_load(k, &stored, fault);

    if (!err)
        err = take_file(d, k, stored, fault);
    *ret_any = stored || tokens_count(k->tokens);
    return err;
}

/* It may be a token of a database that is only not there now, and comes back. Where there is one, this one may be of a
 * start that did not come to its end. */
static void keep_former(const struct state_dir *d)
{
    char *from = state_dir_file(d, admin_file), *to = state_dir_file(d, former_file);

    if (from && to && access(to, F_OK) != 0 && rename(from, to) == 0)
        log_notice("main", "%s/%s is %s now, in case the database that knows it comes back", d->path, admin_file,
                   former_file);
    free(from);
    free(to);
}

int token_files_load(const struct state_dir *d, struct tokens_kept *k, bool *ret_made, struct fault *fault)
{
    bool any = false;
    int err = load(d, k, &any, fault);

    if (!err && !any) {
        keep_former(d);
        err = make_admin(d, k, fault);
    }
    if (!err)
        *ret_made = !any;
    return err;
}

bool token_files_is_there(const struct state_dir *d)
{
    char *path = state_dir_file(d, admin_file);
    bool is = path && access(path, F_OK) == 0;

    free(path);
    return is;
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

int token_files_reset(const struct state_dir *d, struct tokens_kept *k, struct fault *fault)
{
    bool any;
    int err = load(d, k, &any, fault);
    json_t *json = err ? NULL : tokens_save(k->tokens);

    if (err)
        return err;
    drop_admin(json);
    err = json ? tokens_load(k->tokens, json, fault) : fault_set(fault, TGC_ENOMEM, "out of memory");
    json_decref(json);
    return err ? err : make_admin(d, k, fault);
}
