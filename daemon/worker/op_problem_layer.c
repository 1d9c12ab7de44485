/* The problems of what does not fit the layer: methods that it lacks, members that a method lacks or is not given. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/tl/encode.h"
#include "daemon/tl/guess.h"
#include "daemon/worker/op_problem.h"
#include "daemon/worker/worker_internal.h"

static struct problem *not_in_layer(const struct worker *w, int needed, const char *format, ...) TGC_PRINTF(3, 4);

static struct problem *not_in_layer(const struct worker *w, int needed, const char *format, ...)
{
    const char *file = w->config.config_file;
    char detail[512];
    va_list ap;

    va_start(ap, format);
    vsnprintf(detail, sizeof(detail), format, ap);
    va_end(ap);
    struct problem *p = problem_new(PROBLEM_NOT_IN_LAYER, 0, "%s", detail);
    problem_put(p, "layer_needed", json_integer(needed));
    if (file)
        problem_print_remedy(p, "Set layer = %d in the section [telegram] of %s, or start tgcalld with --layer %d",
                             needed, file, needed);
    else
        problem_print_remedy(p, "Start tgcalld with --layer %d", needed);
    return p;
}

static int layer_with_member(const struct worker *w, const struct tl_comb *method, const char *path)
{
    const char *name = path[0] == '/' ? path + 1 : path;

    for (size_t i = 0; i < w->config.others_n; i++)
        if (tl_outline_has_param(w->config.others[i], method->name, name))
            return tl_outline_layer(w->config.others[i]);
    return 0;
}

/* "Did you mean a?", "… a, b or c?" */
static void set_meant(struct problem *p, const struct tl_comb *const *meant, size_t n)
{
    char list[256] = "";

    for (size_t i = 0; i < n; i++) {
        size_t at = strlen(list);
        snprintf(list + at, sizeof(list) - at, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", meant[i]->name);
    }
    problem_print_remedy(p, "Did you mean %s?", list);
}

struct problem *op_problem_no_method(const struct worker *w, const char *name)
{
    const struct tl_comb *meant[TL_GUESSES_MAX];

    for (size_t i = 0; i < w->config.others_n; i++)
        if (tl_outline_has_method(w->config.others[i], name)) {
            int layer = tl_outline_layer(w->config.others[i]);
            return not_in_layer(w, layer, "layer %d has no %.100s, layer %d has it", tl_schema_layer(w->env.schema),
                                name, layer);
        }
    struct problem *p =
        problem_new(PROBLEM_NOT_FOUND, 0, "layer %d has no method %.100s", tl_schema_layer(w->env.schema), name);
    size_t n = tl_guess_methods(w->env.schema, name, meant);
    if (n)
        set_meant(p, meant, n);
    else
        problem_set_remedy(p,
                           "Name it as Telegram does, such as phone.createGroupCall: https://core.telegram.org/methods "
                           "lists the methods");
    return p;
}

static struct problem *lacks_member(const struct worker *w, const struct tl_comb *method, const char *path, int layer)
{
    return not_in_layer(w, layer, "in layer %d %s has no %s", tl_schema_layer(w->env.schema), method->name, path + 1);
}

enum { MEMBERS_MAX = 50 };

struct members {
    const struct worker *worker;
    const struct tl_comb *method;
    struct problem *problem;
    unsigned n;
};

static int on_member(void *ctx, const struct fault *fault)
{
    struct members *m = ctx;
    int layer = fault->err == TGC_EUNKNOWN ? layer_with_member(m->worker, m->method, fault->path) : 0;

    if (layer) {
        problem_free(m->problem);
        m->problem = lacks_member(m->worker, m->method, fault->path, layer);
        m->n = 1;
        return TGC_EUNKNOWN;
    }
    if (m->n++ == 0) {
        m->problem =
            problem_new(PROBLEM_INVALID_REQUEST, 0, "%s%s%s", fault->path, fault->path[0] ? ": " : "", fault->text);
        problem_print_remedy(m->problem,
                             "Correct what \"errors\" points to; https://core.telegram.org/method/%s describes the "
                             "parameters, GET /openapi.json how they are written",
                             m->method->name);
    }
    problem_add_error(m->problem, fault->path, fault->text);
    return m->n == MEMBERS_MAX ? TGC_ELIMIT : 0;
}

bool op_problem_of_members(const struct worker *w, const struct tl_comb *method, const json_t *params,
                           struct problem **ret)
{
    struct members m = {.worker = w, .method = method};

    (void)tl_visit_members(w->env.schema, method, params, on_member, &m);
    *ret = m.problem;
    return m.n > 0;
}

struct problem *op_problem_of_fault(const struct worker *w, const struct tg_account *account,
                                    const struct tl_comb *method, int err, const struct fault *fault)
{
    struct problem *p;
    int other;

    switch (err) {
    case TGC_EINVAL:
    case TGC_EUNKNOWN:
    case TGC_ELIMIT:
        other = err == TGC_EUNKNOWN && method ? layer_with_member(w, method, fault->path) : 0;
        if (other)
            return lacks_member(w, method, fault->path, other);
        p = problem_new(PROBLEM_INVALID_REQUEST, 0, "%s", fault->text);
        problem_add_error(p, fault->path, fault->text);
        return p;
    default:
        return op_problem_of(w, account,
                             &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = fault->text});
    }
}
