#include "daemon/worker/peer_params.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tl/encode.h"
#include "daemon/worker/op_problem.h"
#include "daemon/worker/worker_internal.h"

enum { SLOTS_MAX = 256, SLOTS_FIRST = 4 };

/* A peer in the parameters, still to be resolved. */
struct peer_slot {
    char want[16];
    json_t *parent; /* borrowed from the parameters */
    char *key;      /* owned; NULL in an array */
    size_t index;
};

struct peer_params {
    struct worker *worker;
    struct tg_account *account;
    json_t *params;
    int64_t deadline_us;
    peer_params_fn *done;
    void *ctx;
    struct peer_slot *slots;
    size_t slots_n, slots_cap, next;
    bool resolving, again; /* inside resolve_slots(); it goes on there */
    bool refused;          /* the same: it ends there, with PROBLEM */
    struct problem *problem;
};

static void end(struct peer_params *p, bool ok, struct problem *problem)
{
    peer_params_fn *done = p->done;
    void *ctx = p->ctx;

    for (size_t i = 0; i < p->slots_n; i++)
        free(p->slots[i].key);
    free(p->slots);
    free(p);
    done(ctx, ok, problem);
}

static json_t *given(const struct peer_slot *s)
{
    return s->key ? json_object_get(s->parent, s->key) : json_array_get(s->parent, s->index);
}

static int replace(const struct peer_slot *s, json_t *input)
{
    return s->key ? json_object_set_new(s->parent, s->key, input) : json_array_set_new(s->parent, s->index, input);
}

static void resolve_slots(struct peer_params *p);

static void on_resolved(void *ctx, const struct tg_resolved *r)
{
    struct peer_params *p = ctx;

    if (!r->peer) {
        p->refused = true;
        p->problem = op_problem_unresolved(p->worker, p->account, r);
    } else if (replace(&p->slots[p->next], tg_peer_input(r->peer, p->slots[p->next].want)) != 0) {
        p->refused = true;
    } else {
        p->next++;
        p->again = true;
    }
    if (p->resolving)
        return;
    if (p->refused)
        end(p, false, p->problem);
    else
        resolve_slots(p);
}

/* Puts what leads from HERE to PARENT in front of the fault's path. PARENT lies no deeper than the visitor went. */
static bool find_path(const json_t *here, const json_t *parent, unsigned depth, struct fault *fault)
{
    const char *name;
    json_t *item;
    size_t i;

    if (here == parent)
        return true;
    if (depth == 0)
        return false;
    json_object_foreach ((json_t *)(uintptr_t)here, name, item) {
        if (find_path(item, parent, depth - 1, fault)) {
            fault_path_member(fault, name);
            return true;
        }
    }
    json_array_foreach (here, i, item) {
        if (find_path(item, parent, depth - 1, fault)) {
            fault_path_index(fault, i);
            return true;
        }
    }
    return false;
}

static struct problem *problem_of_slot(const struct peer_params *p, const struct peer_slot *s, struct fault *fault)
{
    struct problem *problem = problem_new(PROBLEM_INVALID_REQUEST, 0, "%s", fault->text);

    if (s->key)
        fault_path_member(fault, s->key);
    else
        fault_path_index(fault, s->index);
    /* An array in an array is two levels of JSON for one of TL. */
    (void)find_path(p->params, s->parent, 2 * LIMIT_TL_DEPTH, fault);
    problem_add_error(problem, fault->path, fault->text);
    return problem;
}

/* One after the other; what is known is replaced in place, without a deeper stack for each. */
static void resolve_slots(struct peer_params *p)
{
    struct fault fault = {0};

    p->resolving = true;
    do {
        if (p->next == p->slots_n) {
            end(p, true, NULL);
            return;
        }
        struct peer_slot *s = &p->slots[p->next];
        p->again = false;
        int err = tg_resolve_json(p->account, given(s), p->deadline_us, on_resolved, p, &fault);
        if (err) {
            end(p, false, err == TGC_ENOMEM ? NULL : problem_of_slot(p, s, &fault));
            return;
        }
        if (p->refused) {
            end(p, false, p->problem);
            return;
        }
    } while (p->again);
    p->resolving = false;
}

static int grow(struct peer_params *p)
{
    if (p->slots_n < p->slots_cap)
        return 0;
    if (p->slots_n == SLOTS_MAX)
        return TGC_ELIMIT;
    size_t cap = p->slots_cap ? p->slots_cap * 2 : SLOTS_FIRST;
    struct peer_slot *slots = realloc(p->slots, cap * sizeof(*slots));
    if (!slots)
        return TGC_ENOMEM;
    p->slots = slots;
    p->slots_cap = cap;
    return 0;
}

static int on_peer(void *ctx, const char *want, json_t *parent, const char *key, size_t index)
{
    struct peer_params *p = ctx;
    int err = grow(p);

    if (err)
        return err;
    struct peer_slot *s = &p->slots[p->slots_n];
    *s = (struct peer_slot){.parent = parent, .index = index};
    snprintf(s->want, sizeof(s->want), "%s", want);
    if (key) {
        s->key = strdup(key);
        if (!s->key)
            return TGC_ENOMEM;
    }
    p->slots_n++;
    return 0;
}

static struct problem *too_many(void)
{
    struct problem *problem = problem_new(PROBLEM_INVALID_REQUEST, 0, "more than %d peers", SLOTS_MAX);

    problem_add_error(problem, "", "it names too many peers");
    return problem;
}

void peer_params_resolve(struct worker *w, struct tg_account *account, const struct tl_comb *method, json_t *params,
                         int64_t deadline_us, peer_params_fn *done, void *ctx)
{
    struct peer_params *p = calloc(1, sizeof(*p));

    if (!p) {
        done(ctx, false, NULL);
        return;
    }
    *p = (struct peer_params){
        .worker = w, .account = account, .params = params, .deadline_us = deadline_us, .done = done, .ctx = ctx};
    int err = tl_visit_peers(w->env.schema, method, params, on_peer, p);
    if (err)
        end(p, false, err == TGC_ELIMIT ? too_many() : NULL);
    else
        resolve_slots(p);
}
