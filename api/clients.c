#include "api/clients.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/tls.h"
#include "daemon/base/clock.h"
#include "daemon/base/digest.h"
#include "daemon/base/hex.h"

struct client {
    char *name, *subject;
    unsigned scopes;
    json_t *accounts; /* NULL: any */
    struct token_use *use;
};

struct clients {
    struct tls_keys *keys;
    pthread_rwlock_t lock; /* of all */
    struct client *all;
    size_t n;
    atomic_uint_fast64_t generation; /* of them and of the authorities; the first is 1 */
};

struct clients *clients_new(struct tls_keys *keys)
{
    struct clients *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->keys = keys;
    pthread_rwlock_init(&c->lock, NULL);
    atomic_init(&c->generation, 1);
    return c;
}

static void free_all(struct client *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(all[i].name);
        free(all[i].subject);
        json_decref(all[i].accounts);
        token_use_drop(all[i].use);
    }
    free(all);
}

void clients_free(struct clients *c)
{
    if (!c)
        return;
    free_all(c->all, c->n);
    pthread_rwlock_destroy(&c->lock);
    free(c);
}

static json_t *names_of(const char *const *names)
{
    json_t *list = json_array();

    for (; list && *names; names++)
        if (json_array_append_new(list, json_string(*names)) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

static const struct client *find(const struct clients *c, const char *subject)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->all[i].subject, subject) == 0)
            return &c->all[i];
    return NULL;
}

/* What it has asked for so far counts on, as a token's does. */
static struct token_use *use_of(const struct clients *c, const char *subject)
{
    const struct client *was = find(c, subject);

    return was ? token_use_hold(was->use) : token_use_new(0);
}

static int copy(const struct clients *c, const struct api_client *from, struct client *to)
{
    *to = (struct client){.name = strdup(from->name),
                          .subject = strdup(from->subject),
                          .scopes = from->scopes,
                          .accounts = from->accounts ? names_of(from->accounts) : NULL,
                          .use = use_of(c, from->subject)};
    return to->name && to->subject && to->use && (to->accounts || !from->accounts) ? 0 : TGC_ENOMEM;
}

int clients_set(struct clients *c, const struct api_client *list, size_t n)
{
    struct client *fresh = calloc(n ? n : 1, sizeof(*fresh));
    int err = fresh ? 0 : TGC_ENOMEM;

    pthread_rwlock_wrlock(&c->lock);
    for (size_t i = 0; i < n && !err; i++)
        err = copy(c, &list[i], &fresh[i]);
    struct client *old = err ? fresh : c->all;
    size_t old_n = err && fresh ? n : err ? 0 : c->n;
    if (!err) {
        c->all = fresh;
        c->n = n;
        atomic_fetch_add(&c->generation, 1);
    }
    pthread_rwlock_unlock(&c->lock);
    free_all(old, old_n);
    return err;
}

void clients_look_again(struct clients *c)
{
    atomic_fetch_add(&c->generation, 1);
}

/* --- what one connection may do --- */

struct client_memo *client_memo_new(void)
{
    return calloc(1, sizeof(struct client_memo));
}

static void forget(struct client_memo *m)
{
    json_decref(m->grant.accounts);
    token_use_drop(m->use);
    *m = (struct client_memo){0};
}

void client_memo_free(struct client_memo *m)
{
    if (!m)
        return;
    forget(m);
    free(m);
}

static int take_grant(struct client_memo *m, const struct client *hit)
{
    uint8_t hash[DIGEST_SIZE];

    /* A copy: the reference counts of one value are not for many threads. */
    m->grant.accounts = hit->accounts ? json_deep_copy(hit->accounts) : NULL;
    if (hit->accounts && !m->grant.accounts)
        return TGC_ENOMEM;
    m->grant.scopes = hit->scopes & SCOPE_ADMIN ? SCOPE_ALL : hit->scopes;
    snprintf(m->grant.name, sizeof(m->grant.name), "client %.50s", hit->name);
    /* The first letter is no digit of a token's. */
    digest_sha256(hit->subject, strlen(hit->subject), hash);
    hex_encode(hash, TOKEN_ID_MAX / 2, m->grant.id);
    m->grant.id[0] = 'x';
    m->use = token_use_hold(hit->use);
    m->is_known = true;
    return 0;
}

/* A certificate that holds, of somebody who is nobody here, is as good as none. */
static void look(struct clients *c, struct client_memo *m, const struct tls *tls)
{
    /* Before the look: what is found may be newer than that, and is then looked for once more. */
    uint64_t generation = atomic_load(&c->generation);
    struct tls_client shown;
    int err = 0;

    if (m->generation == generation)
        return;
    forget(m);
    if (tls_client(tls, c->keys, &shown)) {
        pthread_rwlock_rdlock(&c->lock);
        const struct client *hit = find(c, shown.subject);
        if (hit)
            err = take_grant(m, hit);
        pthread_rwlock_unlock(&c->lock);
        m->ends_at = shown.ends_at;
    }
    if (!err)
        m->generation = generation;
}

static bool is_good(const struct client_memo *m)
{
    return m->is_known && clock_wall_us(&clock_system) / SECOND_US < m->ends_at;
}

bool clients_check(struct clients *c, struct client_memo *m, const struct tls *tls, struct token_grant *ret)
{
    look(c, m, tls);
    if (!is_good(m))
        return false;
    json_t *accounts = m->grant.accounts ? json_deep_copy(m->grant.accounts) : NULL;
    if (m->grant.accounts && !accounts)
        return false;
    *ret = m->grant;
    ret->accounts = accounts;
    return true;
}

bool clients_hold(struct clients *c, struct client_memo *m, const struct tls *tls, unsigned scopes,
                  const json_t *accounts)
{
    look(c, m, tls);
    const json_t *now = m->grant.accounts;
    return is_good(m) && m->grant.scopes == scopes && (now && accounts ? json_equal(now, accounts) : now == accounts);
}
