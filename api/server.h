/* The HTTP front end: guards, routing, and the way of a request into the mailbox and back, on the workers' own loops.
 * It knows no Telegram and no store. */
#ifndef TGCALLD_API_SERVER_H
#define TGCALLD_API_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <jansson.h>

#include "api/clients.h"
#include "api/page.h"
#include "api/tls_keys.h"
#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/metrics.h"
#include "daemon/bridge/audit.h"
#include "daemon/bridge/events.h"
#include "daemon/bridge/guest.h"
#include "daemon/bridge/tokens.h"
#include "daemon/bridge/workers.h"

struct api;

enum {
    API_CONNECTIONS_MAX = 4096,
    API_STREAMS_MAX = 4096,
    /* Descriptors of the whole: what wakes who reads away what is refused early, and one that is read away from, an
     * eighth of a listener's connections more where there are many. Of each loop: what it waits for streams by. And of
     * a listener on each loop, beside its connections: its socket, and what it waits by. */
    API_DESCRIPTORS = 2,
    API_DESCRIPTORS_LOOP = 1,
    API_DESCRIPTORS_DOOR = 2,
};

struct api_config {
    const struct clock_source *clock;
    const struct workers *workers;
    struct tokens *tokens;
    struct events *events;
    struct audit *audit;        /* writes and refusals are noted there; NULL: nowhere */
    struct metrics *metrics;    /* the I-th part of the front end counts in the I-th meter; NULL: none does */
    const json_t *version;      /* the body of GET /version; borrowed, never changed */
    const char *openapi;        /* the text of openapi.json; borrowed; NULL: GET /openapi.json is 404 */
    const char *asyncapi;       /* the same of asyncapi.json */
    const struct page *pages;   /* of the dashboard; borrowed */
    size_t pages_n;             /* 0: GET / is 404 */
    const char *const *hosts;   /* NULL-terminated; what Host may be besides the listen addresses (any port); NULL:
                                   localhost, 127.0.0.1, [::1] */
    const char *const *origins; /* NULL-terminated; listed CORS origins */
    const char *config_file;    /* for those who are refused by it: where it is; NULL: none is read */
    size_t body_max;            /* bytes */
    int64_t request_timeout_us;
    int64_t head_timeout_us, body_timeout_us, idle_timeout_us; /* see patience.h */
    unsigned address_connections; /* of one address at listeners that are not on loopback; 0: no maximum */
    unsigned token_rate;          /* requests of one token a second, and at once; 0: no maximum */
    unsigned connections_max;     /* for each listener; each loop has an equal share of them, and no other's */
    unsigned streams_max;         /* of events, on all listeners, beside these; the same */
    gid_t unix_gid;               /* members get unix_scopes; (gid_t)-1: nobody */
    unsigned unix_scopes;
};

/* What CONFIG points to is borrowed until api_free(). */
int api_new(const struct api_config *config, struct api **ret, struct fault *fault) TGC_MUST;

/* Adds a listener, before the start. "127.0.0.1:0", "[::1]:8765"; what was bound comes back as
 * "http://127.0.0.1:41234". TGC_ESYSTEM with a fault. */
int api_listen_tcp(struct api *api, const char *address, char *ret_url, size_t ret_size, struct fault *fault) TGC_MUST;
/* The same by TLS, as "https://127.0.0.1:41234", once there is a pair to show. */
int api_listen_tls(struct api *api, const char *address, char *ret_url, size_t ret_size, struct fault *fault) TGC_MUST;
/* Reads what TLS listeners show and believe, as tls_keys.h has it: at first, and whenever it may have changed. RET_END
 * (may be NULL) is when the certificate ends, in Unix seconds. Any thread. */
int api_read_tls(struct api *api, const struct api_tls_files *files, int64_t *ret_end, struct fault *fault) TGC_MUST;
/* Whose certificates stand in for a token from now on, on connections that are there too; all N are copied. TGC_ENOMEM:
 * it is as it was. Any thread. */
int api_set_clients(struct api *api, const struct api_client *clients, size_t n) TGC_MUST;
/* Whether such files can be used, for who has no api. */
int api_check_tls(const struct api_tls_files *files, struct fault *fault) TGC_MUST;
/* "/path/api.sock": a stale socket file is replaced, one that answers is TGC_EEXIST; MODE 0600 or 0660, GID -1 leaves
 * the group. */
int api_listen_unix(struct api *api, const char *path, mode_t mode, gid_t gid, struct fault *fault) TGC_MUST;
/* FD, a socket by TCP or a Unix one, listens already, and is kept by somebody else: when this front end stops, who was
 * not accepted waits there for the next. IS_TLS: by TCP it is served by TLS, as api_listen_tls() has it. What it is
 * comes back as "http://127.0.0.1:8765", with "https" where that is so, or "unix:/path". TGC_EINVAL with a fault, and
 * FD stays the caller's: it is no such socket. */
int api_listen_passed(struct api *api, int fd, bool is_tls, char *ret_url, size_t ret_size,
                      struct fault *fault) TGC_MUST;

/* The part of the front end for each of LOOPS hosts: api_guest(api, i) has to be hosted on one thread, each on its own.
 * TGC_ESYSTEM with a fault. */
int api_start(struct api *api, size_t loops, struct fault *fault) TGC_MUST;
struct guest *api_guest(struct api *api, size_t i);

/* Stop order: quiesce (new requests get 503 stopping, every answer says that it is its connection's last, event streams
 * end and long polls are answered), then the hosts have their guests leave: these take no more connections (at a passed
 * socket from the first step on), wait for jobs under way, and shortly for answers that are still being written and for
 * clients that asked for something a moment ago and may ask again; only idle connections are closed. When all hosts
 * have closed them, free. Any thread. */
void api_quiesce(struct api *api);
/* The Unix socket's file is removed. NULL is fine. */
void api_free(struct api *api);

#endif
