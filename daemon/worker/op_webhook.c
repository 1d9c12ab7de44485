/* /v1/webhooks and /v1/webhooks/{webhook}: made, listed, read, changed, forgotten; a new secret. */
#include <stdio.h>

#include "daemon/bridge/choose.h"
#include "daemon/worker/hook_errand.h"

enum { TYPES_MAX = 32 }; /* as the route has it */

static const char *text(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static size_t types_of(const json_t *body, const char *types[static TYPES_MAX])
{
    const json_t *list = json_object_get(body, "types"), *type;
    size_t i, n = 0;

    json_array_foreach (list, i, type)
        if (n < TYPES_MAX)
            types[n++] = json_string_value(type);
    return n;
}

/* BODY is of what was made or changed; NULL: another client has deleted that since. */
static void answer(struct hook_errand *e, int status, json_t *body)
{
    if (body)
        op_reply_json(e->job, status, body);
    else
        hook_errand_unknown(e->job, e->name);
}

/* With its secret: this once. */
static json_t *json_with_secret(const struct hook_errand *e)
{
    json_t *body = hook_json(e->hooks, e->name);

    if (body)
        json_object_set_new(body, "secret", json_string(e->secret));
    return body;
}

static void answer_view(struct hook_errand *e)
{
    answer(e, 200, hook_json(e->hooks, e->name));
}

/* --- making one --- */

static int create(struct hook_errand *e)
{
    const char *types[TYPES_MAX];
    struct hook_words words = {.name = e->name,
                               .url = text(e->job->body, "url"),
                               .types = types,
                               .types_n = types_of(e->job->body, types),
                               .account = text(e->job->body, "account")};

    return hooks_create(e->hooks, &words, e->secret, &e->fault);
}

static void created(struct hook_errand *e)
{
    json_t *body = json_with_secret(e);

    if (body)
        snprintf(e->job->location, sizeof(e->job->location), "/v1/webhooks/%s", e->name);
    answer(e, 201, body);
}

/* A name with a slip in it would wait for events that never come. */
void op_webhook_create(struct worker *w, struct job *job)
{
    const char *account = text(job->body, "account");
    struct directory_pick ignored;

    if (!job->accounts && account && !directory_find(w->config.workers->directory, account, NULL, &ignored))
        op_reply_problem(job, choose_no_account(account));
    else
        hook_errand_start(w, job, create, created);
}

/* --- reading --- */

void op_webhook_list(struct worker *w, struct job *job)
{
    struct hooks *hooks = hook_errand_hooks(w, job);

    if (!hooks)
        return;
    json_t *list = hook_json_all(hooks);
    op_reply_json(job, 200, list ? json_pack("{s:o}", "webhooks", list) : NULL);
}

void op_webhook_get(struct worker *w, struct job *job)
{
    struct hooks *hooks = hook_errand_hooks(w, job);
    json_t *body = hooks ? hook_json(hooks, text(job->path, "webhook")) : NULL;

    if (body)
        op_reply_json(job, 200, body);
    else if (hooks)
        hook_errand_unknown(job, text(job->path, "webhook"));
}

/* --- changing --- */

static int edit(struct hook_errand *e)
{
    const json_t *body = e->job->body, *paused = json_object_get(body, "paused");
    const char *types[TYPES_MAX];
    struct hook_edit change = {.url = text(body, "url"),
                               .has_types = json_object_get(body, "types") != NULL,
                               .types = types,
                               .types_n = types_of(body, types),
                               .has_paused = paused != NULL,
                               .paused = json_is_true(paused)};

    return hooks_edit(e->hooks, e->name, &change, &e->fault);
}

void op_webhook_edit(struct worker *w, struct job *job)
{
    hook_errand_start(w, job, edit, answer_view);
}

static int drop(struct hook_errand *e)
{
    return hooks_delete(e->hooks, e->name, &e->fault);
}

static void dropped(struct hook_errand *e)
{
    op_reply_text(e->job, 204);
}

void op_webhook_delete(struct worker *w, struct job *job)
{
    hook_errand_start(w, job, drop, dropped);
}

static int rotate(struct hook_errand *e)
{
    return hooks_rotate(e->hooks, e->name, e->secret, &e->fault);
}

static void rotated(struct hook_errand *e)
{
    answer(e, 200, json_with_secret(e));
}

void op_webhook_rotate(struct worker *w, struct job *job)
{
    hook_errand_start(w, job, rotate, rotated);
}
