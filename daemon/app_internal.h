/* The daemon's parts as the files of its wiring see them: app.c (their order, the run, the stop), app_parts.c (what
 * does not depend on where the accounts are) and app_accounts.c (what does). Each part returns 0 or the exit status,
 * having said why. The main thread. */
#ifndef TGCALLD_APP_INTERNAL_H
#define TGCALLD_APP_INTERNAL_H

#include "api/server.h"
#include "daemon/app.h"
#include "daemon/app_cluster.h"
#include "daemon/base/metrics.h"
#include "daemon/base/proxy.h"
#include "daemon/dashboard.h"
#include "daemon/data_centres.h"
#include "daemon/follow.h"
#include "daemon/hook/hooks.h"
#include "daemon/passed.h"
#include "daemon/relay.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/schemas.h"
#include "daemon/signals.h"
#include "daemon/state_dir.h"
#include "daemon/tokens_kept.h"
#include "daemon/upkeep.h"
#include "daemon/worker/worker.h"

struct app {
    const struct options *options;
    const struct settings *settings;
    struct signals *signals;
    bool hurried; /* and it was said */
    struct passed passed;
    struct state_dir state;
    struct schemas schemas;
    struct sandbox *sandbox;
    struct data_centres data_centres;
    struct proxy proxy; /* where the settings have one */
    struct tokens *tokens;
    struct tokens_kept tokens_kept;
    json_t *version;
    char *openapi, *asyncapi;
    struct dashboard dashboard;
    struct metrics *metrics; /* a meter for each worker, then the store's and the webhooks' */
    char system_version[128];
    struct app_cluster *cluster;  /* NULL: this daemon is the only one */
    bool is_stopped;              /* before it was ready */
    bool stands_by;               /* the accounts are another node's */
    struct node_follower *follow; /* where there is a cluster: what other nodes write is read here */
    struct relay *relay;          /* to and from other nodes; NULL */
    struct store *store;
    struct events *events;
    struct audit *audit;
    struct hooks *hooks;
    struct events_reader *hooks_reader;
    struct upkeep_socket *upkeep;
    struct workers workers;
    struct chat_locks *chat_locks;
    struct handshakes *handshakes;
    struct dc_learnt *learnt;
    struct worker *threads[WORKERS_MAX]; /* those of workers.mailboxes */
    size_t threads_n;
    unsigned connections; /* of each listener */
    unsigned streams;     /* of events */
    struct api *api;
};

/* Logs FAULT, as "WHAT: …" where WHAT is not empty. */
int app_complain(int status, const struct fault *fault, const char *what);

/* app_parts.c, in the order of their making */
int app_take_passed(struct app *a);
int app_share_descriptors(struct app *a);
int app_load_schemas(struct app *a);
int app_open_state(struct app *a);
int app_start_pool(struct app *a);
int app_start_sandbox(struct app *a);
int app_load_data_centres(struct app *a);
int app_read_proxy(struct app *a);
int app_start_api(struct app *a);
int app_start_log_writer(struct app *a);

/* app_accounts.c */
int app_join_cluster(struct app *a);
/* Where another node has the accounts it is opened beside that one, and STANDS_BY is set. */
int app_open_store(struct app *a);
int app_load_tokens(struct app *a);
int app_start_workers(struct app *a);
int app_start_relay(struct app *a);
/* They are here: they are loaded and go on, and so does all that hangs on them. Nothing where this node stands by. */
int app_take_accounts(struct app *a);
/* They have become this node's, which stood by until now. Where the server does not answer it stands by still, to be
 * asked again. */
int app_take_over(struct app *a);

#endif
