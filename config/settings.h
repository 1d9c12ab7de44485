/* What the daemon is told: the configuration file (INI), then the command line over it, then the rules that bind
 * several keys. See tgcalld.conf(5). Read by the main thread before any other thread starts. */
#ifndef TGCALLD_CONFIG_SETTINGS_H
#define TGCALLD_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/options.h"
#include "config/text_list.h"
#include "daemon/base/err.h"

enum settings_environment {
    SETTINGS_PRODUCTION,
    SETTINGS_TEST,
    SETTINGS_CUSTOM,
    SETTINGS_SANDBOX, /* --sandbox: `dcs` is empty, the sandbox itself says where it listens */
};

/* One place where HTTP is served. */
struct settings_listener {
    char *address; /* "127.0.0.1:8765", "[::1]:0"; without a scheme */
    bool tls;
    bool loopback;
    unsigned line; /* in the file; 0: from the command line or the default */
};

/* One data centre. */
struct settings_dc {
    int id; /* the id sent in the handshake, 1..32767 */
    struct text_list
        addresses;    /* "149.154.167.51:443", "[2001:67c:4e8:f002::a]:443"; the order is the order of trial */
    char *public_key; /* a PEM file */
    unsigned line;
};

/* A program that is known by its certificate. */
struct settings_client {
    char *name;
    char *subject;             /* by RFC 2253: "CN=billing,O=Example" */
    struct text_list scopes;   /* names of scopes */
    struct text_list accounts; /* none: any */
    unsigned line;
    bool has_scopes, is_subject_bad; /* while it is read: not to be called missing */
};
/* They are looked through for each connection. */
enum { SETTINGS_CLIENTS_MAX = 256 };

struct settings {
    char *file; /* the configuration file that was read, or NULL */

    /* Where things are. The state directory is NULL only for --sandbox without --state-dir: main makes a private one.
     */
    char *state_dir;
    bool state_dir_given; /* on the command line */
    char *control;        /* --control of --sandbox, or NULL */

    /* [server] */
    struct settings_listener *listen;
    size_t listen_n;
    char *unix_path; /* asked for; NULL: the default place (paths.h) */
    bool unix_off;   /* unix = none */
    char *unix_group;
    struct text_list unix_scopes;  /* names of scopes */
    struct text_list hosts;        /* besides the listen addresses; default localhost, 127.0.0.1, [::1] */
    struct text_list cors_origins; /* "https://app.example" */
    size_t body_max;               /* bytes */
    unsigned queue_size;
    int64_t request_timeout_us;
    int64_t head_timeout_us, body_timeout_us, idle_timeout_us; /* of connections */
    unsigned address_connections;                              /* of one address outside; 0: as many as there are */
    unsigned token_rate;                                       /* requests a second; 0: as many as come */
    int64_t shutdown_timeout_us;
    unsigned workers;
    bool insecure;
    char *tls_certificate, *tls_key;
    char *tls_client_ca; /* who shows no certificate of it is refused; NULL: nobody is asked for one */

    /* [telegram] */
    enum settings_environment environment;
    unsigned api_id; /* 0: not given */
    char *api_hash;  /* from api_hash or api_hash_file; NULL: not given */
    char *api_hash_file;
    unsigned layer;
    struct text_list schema; /* files beside the shipped ones */
    char *transport;         /* "padded", "intermediate", "abridged", "full" */
    bool obfuscated;
    bool ipv6;
    bool pfs;
    int64_t pfs_key_life_us;
    char *proxy;
    int64_t flood_wait_max_us;
    unsigned handshakes_max;
    char *device_model, *lang_code; /* NULL: the daemon's own */

    /* [dc N], or the shipped list of the environment; ascending ids */
    struct settings_dc *dcs;
    size_t dcs_n;

    /* [client NAME], in the order of the file */
    struct settings_client *clients;
    size_t clients_n;

    /* [store] [cluster] [events] [scheduler] */
    char *store_url;  /* of a PostgreSQL database, maybe with a password (database_url.h); NULL: the store is a file */
    char *store_path; /* of that file; NULL: the default place */
    char *store_key_file;
    char *cluster_node;      /* NULL: this daemon is the only one */
    char *cluster_advertise; /* where its API is reached; NULL: not said */
    int64_t cluster_lease_us;
    unsigned events_keep;
    size_t events_keep_bytes;
    int64_t late_max_us;

    /* [webhooks] */
    struct text_list webhooks_allow; /* "loopback", "public", "private", networks; not judged yet */
    unsigned webhooks_parallel;      /* deliveries at a time */

    /* [log] */
    int log_level;  /* enum log_level */
    int log_format; /* enum log_format */
};

/* What was found wrong or odd, each a line for people: "FILE:LINE: [section] key: text". Zeroed is empty. */
struct settings_report {
    struct text_list errors;
    struct text_list warnings;
};
void settings_report_fini(struct settings_report *report);

/* Reads what OPTIONS name: their --config, else the default file where it exists; with --sandbox no file. Then lays the
 * options over it and checks the whole. Goes on after a mistake, so that REPORT holds all of them.
 * 0; TGC_EINVAL where REPORT has errors; TGC_ENOMEM. *ret is filled only on success: settings_fini(). */
int settings_load(const struct options *options, struct settings *ret, struct settings_report *report) TGC_MUST;

/* Adds "[section] key" to OUT for each key whose value is not the same in A and B, but for [client NAME], which is
 * applied at once. TGC_ENOMEM. */
int settings_changes(const struct settings *a, const struct settings *b, struct text_list *out) TGC_MUST;

/* Frees all, wiping what is secret. Safe on a zeroed struct and twice. */
void settings_fini(struct settings *s);

/* The configuration file that was read, or that would be if it were there; NULL: none is, with --sandbox. */
const char *settings_file(const struct settings *s);

/* "production", "test", "custom", "sandbox". */
const char *settings_environment_name(enum settings_environment environment);

#endif
