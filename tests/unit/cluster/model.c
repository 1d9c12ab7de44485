#include "tests/unit/cluster/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "tests/support/unit.h"

#define MS_US INT64_C(1000)
#define HOUR_US (3600 * SECOND_US)

uint64_t model_random(struct model *m, uint64_t below)
{
    uint64_t v = m->random += UINT64_C(0x9e3779b97f4a7c15);

    v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
    return (v ^ v >> 31) % below;
}

int64_t model_between(struct model *m, int64_t low, int64_t high)
{
    return low + (int64_t)model_random(m, (uint64_t)(high - low + 1));
}

static bool happens(struct model *m, unsigned per_mille)
{
    return model_random(m, 1000) < per_mille;
}

int64_t model_clock_us(const struct model_clock *c, int64_t real_us)
{
    return c->off_us + real_us + real_us * c->ppm / 1000000;
}

static int64_t real_us(const struct model_clock *c, int64_t us)
{
    return (us - c->off_us) * 1000000 / (1000000 + c->ppm) + 1;
}

int64_t model_here_us(const struct model *m, const struct model_place *p)
{
    return model_clock_us(&p->clock, m->now_us);
}

/* Half of all clocks are as wrong as they may be. */
static struct model_clock some_clock(struct model *m)
{
    int64_t ppm = model_between(m, -10000, 10000);

    if (happens(m, 500))
        ppm = happens(m, 500) ? -10000 : 10000;
    return (struct model_clock){.off_us = model_between(m, 0, 1000 * HOUR_US), .ppm = (int32_t)ppm};
}

void model_init(struct model *m, uint64_t seed)
{
    memset(m, 0, sizeof(*m));
    m->seed = m->random = seed;
    m->has_steps = happens(m, 300);
    m->db_clock = some_clock(m);
    m->db.leases = m->leases;
    m->db.leases_n = MODEL_ACCOUNTS;
    for (size_t i = 0; i < MODEL_ACCOUNTS; i++)
        m->leases[i].account = (int64_t)i;
    for (size_t i = 0; i < MODEL_PLACES; i++)
        m->places[i].clock = some_clock(m);
}

void model_fini(struct model *m)
{
    while (m->line.n) {
        struct model_event e = model_line_take(&m->line);
        free(e.statement);
        free(e.seen);
        if (e.answer)
            database_answer_free(e.answer);
    }
    free(m->line.heap);
    for (size_t i = 0; i < MODEL_PLACES; i++)
        cluster_node_free(m->places[i].node);
}

static int64_t delay_us(struct model *m)
{
    if (!m->is_calm && happens(m, 30))
        return model_between(m, 0, 4 * SECOND_US);
    return model_between(m, MS_US / 5, 5 * MS_US);
}

static struct model_event to_place(const struct model *m, enum model_kind kind, const struct model_place *p)
{
    return (struct model_event){.kind = kind, .place = (unsigned)(p - m->places), .life = p->life};
}

static void no_answer(struct model *m, const struct model_place *p, uint64_t seq, int64_t after_us)
{
    struct model_event e = to_place(m, MODEL_ANSWERED, p);

    e.answer = calloc(1, sizeof(*e.answer));
    e.answer->answer = (struct cluster_answer){.seq = seq, .result = CLUSTER_UNKNOWN};
    e.at_us = m->now_us + after_us;
    model_line_put(&m->line, e);
}

/* On its way it may be lost, or its answer, or both; or be executed long after it was given up. */
static void send(struct model *m, const struct model_place *p, const struct cluster_statement *s)
{
    size_t size = offsetof(struct cluster_statement, claims) + s->n * sizeof(s->claims[0]);
    struct model_event e = to_place(m, MODEL_ARRIVES, p);
    bool is_away = m->now_us < m->away_until_us;
    bool is_bad = is_away || (!m->is_calm && happens(m, 60));

    e.at_us = m->now_us + delay_us(m);
    e.is_silent = is_bad;
    if (is_bad && !happens(m, 50))
        no_answer(m, p, s->seq, model_between(m, 0, SECOND_US));
    if (is_bad && happens(m, 400))
        return;
    if (is_bad && happens(m, 600))
        e.at_us += model_between(m, 0, 30 * SECOND_US);
    if (e.at_us < m->away_until_us)
        e.at_us = m->away_until_us + delay_us(m);
    m->seen.late += is_bad;
    /* It may be under way for longer than who sent it lives. */
    e.statement = malloc(size + CLUSTER_NAME_SIZE);
    memcpy(e.statement, s, size);
    e.statement->name = (char *)e.statement + size;
    snprintf((char *)e.statement + size, CLUSTER_NAME_SIZE, "%s", s->name ? s->name : "");
    e.statement->url = NULL;
    model_line_put(&m->line, e);
}

static void obey(struct model *m, struct model_place *p, const struct cluster_order *order)
{
    size_t i = (size_t)order->account;

    m->orders++;
    if (order->order == LEASE_START) {
        model_check_start(m, p, order);
        p->runs[i] = true;
        p->epochs[i] = order->epoch;
        p->ids[i] = order->id;
        return;
    }
    struct model_event e = to_place(m, MODEL_STOPPED, p);
    m->seen.lapses += order->order == LEASE_LOST;
    e.at_us = m->now_us + model_between(m, 0, 50 * MS_US);
    if (!m->is_calm && happens(m, 30))
        e.at_us += model_between(m, 0, 10 * SECOND_US);
    e.account = order->account;
    model_line_put(&m->line, e);
}

/* After each call: orders, statements, and when to look again; a busy process is late. */
static void pump(struct model *m, struct model_place *p)
{
    int64_t here_us = model_here_us(m, p), deadline_us;
    const struct cluster_statement *s;
    struct cluster_order order;

    while (cluster_node_order(p->node, here_us, &order))
        obey(m, p, &order);
    while ((s = cluster_node_statement(p->node, here_us)))
        send(m, p, s);
    deadline_us = cluster_node_deadline_us(p->node);
    if (deadline_us <= here_us)
        ck_abort_msg("seed %llu: it asks to be called at once", (unsigned long long)m->seed);
    p->wake_us =
        deadline_us == INT64_MAX ? INT64_MAX : real_us(&p->clock, deadline_us) + model_between(m, 0, 5 * MS_US);
    if (!m->is_calm && happens(m, 20) && p->wake_us != INT64_MAX)
        p->wake_us += model_between(m, 0, 2 * SECOND_US);
    if (cluster_node_has_left(p->node))
        model_kill(m, p);
}

static struct cluster_node_row newest(const struct model *m, const char *name)
{
    struct cluster_node_row found = {.id = 0};

    for (size_t i = 0; i < m->db.nodes_n; i++)
        if (m->db.nodes[i].beat > 0 && m->db.nodes[i].id > found.id && strcmp(m->db.nodes[i].name, name) == 0)
            found = m->db.nodes[i];
    return found;
}

/* One that looked at the newest of its name since the process before it ended, and saw it stand still. */
static void tell_of_watched(const struct model *m, const struct model_place *p)
{
    struct cluster_node_row row = newest(m, p->name);

    if (row.id && row.id == p->watched.id && row.beat == p->watched.beat)
        cluster_node_watched(p->node, model_here_us(m, p), &row, p->watched_us);
}

/* A process takes a while until it can hold anything. */
static void be_ready(struct model *m, const struct model_place *p)
{
    struct model_event e = to_place(m, MODEL_READY, p);

    e.at_us = m->is_calm ? m->now_us : m->now_us + model_between(m, 0, 4 * SECOND_US);
    model_line_put(&m->line, e);
}

void model_start(struct model *m, struct model_place *p, const char *name)
{
    p->life++;
    p->is_leaving = false;
    p->stopped_until_us = 0;
    memset(p->runs, 0, sizeof(p->runs));
    snprintf(p->name, sizeof(p->name), "%s", name);
    ck_assert_int_eq(cluster_node_new(name, "", MODEL_LEASE_US, model_here_us(m, p), &p->node), 0);
    tell_of_watched(m, p);
    be_ready(m, p);
    pump(m, p);
}

void model_kill(struct model *m, struct model_place *p)
{
    p->watched = newest(m, p->name);
    p->watched_us = model_here_us(m, p);
    cluster_node_free(p->node);
    p->node = NULL;
    p->life++;
    p->wake_us = INT64_MAX;
}

void model_term(struct model *m, struct model_place *p)
{
    p->is_leaving = true;
    cluster_node_leave(p->node, model_here_us(m, p));
    pump(m, p);
}

static void tell_all(struct model *m)
{
    for (size_t i = 0; i < MODEL_PLACES; i++) {
        struct model_event e = to_place(m, MODEL_HINT, &m->places[i]);
        if (!m->places[i].node || (!m->is_calm && happens(m, 200)))
            continue;
        e.at_us = m->now_us + delay_us(m);
        model_line_put(&m->line, e);
    }
}

static void arrives(struct model *m, struct model_event *e)
{
    if (e->statement->kind == CLUSTER_TAKE && !e->seen && !m->is_calm && happens(m, 300)) {
        e->seen = database_nodes(&m->db);
        e->at_us = m->now_us + model_between(m, 0, 4 * SECOND_US);
        model_line_put(&m->line, *e);
        return;
    }
    m->db.now_us = model_clock_us(&m->db_clock, m->now_us);
    m->db.seen = e->seen;
    struct database_answer *a = database_run(&m->db, e->statement);
    m->db.seen = NULL;
    free(e->seen);
    m->seen.buried += e->statement->kind == CLUSTER_BURY && a->answer.result == CLUSTER_DONE;
    free(e->statement);
    if (a->notifies)
        tell_all(m);
    if (e->is_silent || e->life != m->places[e->place].life) {
        database_answer_free(a);
        return;
    }
    struct model_event answered = {.kind = MODEL_ANSWERED, .place = e->place, .life = e->life, .answer = a};
    answered.at_us = m->now_us + delay_us(m);
    model_line_put(&m->line, answered);
}

static void start_some(struct model *m, struct model_place *p)
{
    size_t i = happens(m, 100) ? model_random(m, MODEL_PLACES) : (size_t)(p - m->places);
    char name[16];

    snprintf(name, sizeof(name), "n%d", (int)i);
    model_start(m, p, name);
}

static void write_some(struct model *m, const struct model_place *p)
{
    for (size_t i = 0; i < MODEL_ACCOUNTS; i++) {
        struct model_event e = to_place(m, MODEL_WRITE, p);
        if (!model_is_capable(m, p, i))
            continue;
        e.at_us = m->now_us + (happens(m, 500) ? delay_us(m) : model_between(m, 0, 20 * SECOND_US));
        e.account = (int64_t)i;
        e.epoch = p->epochs[i];
        e.id = cluster_node_id(p->node);
        model_line_put(&m->line, e);
    }
}

static void do_to_place(struct model *m, struct model_place *p)
{
    uint64_t what = model_random(m, 10);

    if (!p->node) {
        start_some(m, p);
    } else if (p->stopped_until_us || what < 4) {
        write_some(m, p);
    } else if (what < 6) {
        m->seen.stops++;
        p->stopped_until_us = m->now_us + model_between(m, 0, happens(m, 500) ? 8 * SECOND_US : 40 * SECOND_US);
    } else if (what < 8) {
        m->seen.kills++;
        model_kill(m, p);
        if (happens(m, 500))
            start_some(m, p);
    } else if (!p->is_leaving) {
        m->seen.terms++;
        model_term(m, p);
    }
}

static void do_to_database(struct model *m)
{
    if (m->has_steps && happens(m, 500)) {
        m->db_clock.off_us += model_between(m, -2 * HOUR_US, 2 * HOUR_US);
    } else if (happens(m, 300)) {
        m->seen.aways++;
        m->away_until_us = m->now_us + model_between(m, 0, happens(m, 500) ? 8 * SECOND_US : 60 * SECOND_US);
    }
}

static void chaos(struct model *m)
{
    struct model_event next = {.kind = MODEL_CHAOS};

    if (m->is_calm)
        return;
    if (happens(m, 800))
        do_to_place(m, &m->places[model_random(m, MODEL_PLACES)]);
    else
        do_to_database(m);
    next.at_us = m->now_us + model_between(m, 0, happens(m, 100) ? 20 * SECOND_US : 4 * SECOND_US);
    model_line_put(&m->line, next);
}

void model_begin_chaos(struct model *m)
{
    chaos(m);
}

static bool has_name_elsewhere(const struct model *m, const struct model_place *p)
{
    for (size_t i = 0; i < MODEL_PLACES; i++)
        if (&m->places[i] != p && m->places[i].node && strcmp(m->places[i].name, p->name) == 0)
            return true;
    return false;
}

void model_end_chaos(struct model *m)
{
    m->is_calm = true;
    m->away_until_us = 0;
    for (size_t i = 0; i < MODEL_PLACES; i++) {
        struct model_place *p = &m->places[i];
        if (p->node && has_name_elsewhere(m, p))
            model_kill(m, p);
        if (p->stopped_until_us)
            p->stopped_until_us = m->now_us;
    }
    /* Who is leaving takes nothing any more: somebody must be there. */
    if (!model_alive(m)) {
        if (m->places[0].node)
            model_kill(m, &m->places[0]);
        model_start(m, &m->places[0], "last");
    }
}

static void tell(struct model *m, struct model_event *e)
{
    struct model_place *p = &m->places[e->place];
    int64_t here_us = model_here_us(m, p);

    if (e->kind == MODEL_ANSWERED) {
        ck_assert_int_eq(cluster_node_answer(p->node, here_us, &e->answer->answer), 0);
        database_answer_free(e->answer);
    } else if (e->kind == MODEL_STOPPED) {
        p->runs[e->account] = false;
        cluster_node_stopped(p->node, here_us, e->account);
    } else if (e->kind == MODEL_READY) {
        cluster_node_ready(p->node, here_us);
    } else {
        cluster_node_hint(p->node, here_us);
    }
    pump(m, p);
}

static void happen(struct model *m, struct model_event *e)
{
    struct model_place *p = &m->places[e->place];

    if (e->kind == MODEL_ARRIVES) {
        arrives(m, e);
    } else if (e->kind == MODEL_CHAOS) {
        chaos(m);
    } else if (e->kind == MODEL_WRITE) {
        model_check_write(m, e, database_write(&m->db, e->account, e->epoch, e->id));
    } else if (e->life != p->life) {
        if (e->answer)
            database_answer_free(e->answer);
    } else if (p->stopped_until_us) {
        e->at_us = p->stopped_until_us;
        model_line_put(&m->line, *e);
    } else {
        tell(m, e);
    }
}

/* What is next: a process that wakes or goes on, or an event. */
static struct model_place *next_place(struct model *m, int64_t *ret_us)
{
    struct model_place *next = NULL;

    for (size_t i = 0; i < MODEL_PLACES; i++) {
        struct model_place *p = &m->places[i];
        int64_t us = p->stopped_until_us ? p->stopped_until_us : p->wake_us;
        if (p->node && us <= *ret_us) {
            *ret_us = us;
            next = p;
        }
    }
    return next;
}

static void step_place(struct model *m, struct model_place *p)
{
    if (p->stopped_until_us) {
        p->stopped_until_us = 0;
        return;
    }
    cluster_node_tick(p->node, model_here_us(m, p));
    pump(m, p);
}

bool model_run(struct model *m, int64_t until_us, bool (*done)(const struct model *m))
{
    while (m->now_us < until_us) {
        int64_t at_us = m->line.n ? m->line.heap[0].at_us : INT64_MAX;
        struct model_place *p = next_place(m, &at_us);
        if (at_us > until_us) {
            m->now_us = until_us;
            break;
        }
        if (at_us > m->now_us)
            m->now_us = at_us;
        if (p) {
            step_place(m, p);
        } else {
            struct model_event e = model_line_take(&m->line);
            happen(m, &e);
        }
        model_check(m);
        if (done && done(m))
            return true;
    }
    return done && done(m);
}
