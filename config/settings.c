#include "config.h"

#include "config/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/paths.h"
#include "config/settings_internal.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"

#define DEFAULT_FILE TGCALLD_SYSCONFDIR "/tgcalld/tgcalld.conf"

static void copy(struct reading *r, char **field, const char *text)
{
    if (!text)
        return;
    free(*field);
    *field = strdup(text);
    if (!*field)
        reading_note_err(r, TGC_ENOMEM);
}

static void set_defaults(struct reading *r)
{
    *r->s = (struct settings){
        .body_max = 1 << 20,
        .queue_size = 1024,
        .request_timeout_us = 30 * SECOND_US,
        .head_timeout_us = 10 * SECOND_US,
        .body_timeout_us = 300 * SECOND_US,
        .address_connections = 256,
        .idle_timeout_us = 60 * SECOND_US,
        .shutdown_timeout_us = 10 * SECOND_US,
        .workers = 1,
        .environment = SETTINGS_PRODUCTION,
        .layer = 229,
        .pfs = true,
        .pfs_key_life_us = 24 * 3600 * SECOND_US,
        .flood_wait_max_us = 10 * SECOND_US,
        .handshakes_max = 8,
        .events_keep = 100000,
        .events_keep_bytes = 64 << 20,
        .late_max_us = 3600 * SECOND_US,
        .webhooks_parallel = 16,
        .cluster_lease_us = 6 * SECOND_US,
        .log_level = LOG_LEVEL_INFO,
        .log_format = log_stderr_is_journal() ? LOG_FORMAT_JOURNAL : LOG_FORMAT_TEXT,
    };
    copy(r, &r->s->transport, "padded");
}

/* A list that was given replaces its default, so defaults come last. */
static void set_list_defaults(struct reading *r)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
    struct settings *s = r->s;
    struct fault fault;

    bool asked = s->hosts.n > 0 || reading_line_of(r, "server", "hosts");
    for (size_t i = 0; i < 3 && !asked; i++)
        reading_note_err(r, text_list_add(&s->hosts, hosts[i]));
    if (!reading_line_of(r, "webhooks", "allow")) {
        reading_note_err(r, text_list_add(&s->webhooks_allow, "loopback"));
        reading_note_err(r, text_list_add(&s->webhooks_allow, "public"));
    }
    if (!reading_line_of(r, "server", "unix_scopes")) {
        reading_note_err(r, text_list_add(&s->unix_scopes, "read"));
        reading_note_err(r, text_list_add(&s->unix_scopes, "calls"));
    }
    if (s->listen_n == 0 && !r->listen_none && !reading_line_of(r, "server", "listen"))
        reading_note_err(r, settings_add_listener(s, "127.0.0.1:8765", 0, &fault));
}

/* The sandbox takes any pair. */
static void set_sandbox(struct reading *r)
{
    r->s->environment = SETTINGS_SANDBOX;
    r->s->api_id = 1;
    copy(r, &r->s->api_hash, "00000000000000000000000000000000");
}

static void replace_list(struct reading *r, struct text_list *list, const struct text_list *given)
{
    if (given->n > 0)
        text_list_fini(list);
    for (size_t i = 0; i < given->n; i++)
        reading_note_err(r, text_list_add(list, given->items[i]));
}

static void lay_options_over(struct reading *r)
{
    const struct options *o = r->options;
    struct settings *s = r->s;
    struct fault fault = {0};

    if (o->listen.n > 0) {
        settings_drop_listeners(s);
        r->listen_none = false;
    }
    for (size_t i = 0; i < o->listen.n; i++) {
        if (strcmp(o->listen.items[i], "none") == 0)
            r->listen_none = true;
        else if (settings_add_listener(s, o->listen.items[i], 0, &fault) != 0)
            reading_option_error(r, "--listen", "%s", fault.text);
    }
    if (o->unix_path) {
        s->unix_off = strcmp(o->unix_path, "none") == 0;
        free(s->unix_path);
        s->unix_path = NULL;
        copy(r, &s->unix_path, s->unix_off ? NULL : o->unix_path);
    }
    replace_list(r, &s->hosts, &o->hosts);
    replace_list(r, &s->cors_origins, &o->cors_origins);
    for (size_t i = 0; i < o->schema.n; i++) {
        if (access(o->schema.items[i], R_OK) != 0)
            reading_option_error(r, "--schema", "cannot read %s: %s", o->schema.items[i], strerror(errno));
        reading_note_err(r, text_list_add(&s->schema, o->schema.items[i]));
    }
    if (o->layer)
        s->layer = o->layer;
    if (o->log_level >= 0)
        s->log_level = o->log_level;
    copy(r, &s->control, o->control);
    if (o->store) {
        copy(r, &s->store_url, o->store);
        free(s->store_path);
        s->store_path = NULL;
    }
    s->state_dir_given = o->state_dir != NULL;
    if ((s->state_dir_given || !o->sandbox) && paths_state_dir(o->state_dir, &s->state_dir, &fault) != 0)
        reading_option_error(r, "--state-dir", "%s", fault.text);
}

/* Production and test come with their own list, in the same syntax as anybody's. */
static void read_shipped_dcs(struct reading *r)
{
    const char *name = settings_environment_name(r->s->environment), *file = r->file;
    char part[64], *list = NULL, *key = NULL;

    if (r->s->environment != SETTINGS_PRODUCTION && r->s->environment != SETTINGS_TEST)
        return;
    snprintf(part, sizeof(part), "dc/%s.conf", name);
    reading_note_err(r, paths_data(part, &list));
    snprintf(part, sizeof(part), "keys/%s.pem", name);
    reading_note_err(r, paths_data(part, &key));
    if (list && key) {
        settings_read(r, list, true);
        for (size_t i = 0; i < r->s->dcs_n; i++)
            if (!r->s->dcs[i].public_key)
                copy(r, &r->s->dcs[i].public_key, key);
    }
    r->file = file;
    free(list);
    free(key);
}

static void read_everything(struct reading *r)
{
    const struct options *o = r->options;
    const char *file = o->config;

    if (!file && !o->sandbox && access(DEFAULT_FILE, F_OK) == 0)
        file = DEFAULT_FILE;
    set_defaults(r);
    if (file) {
        copy(r, &r->s->file, file);
        settings_read(r, file, false);
        r->line = 0;
    }
    if (o->sandbox)
        set_sandbox(r);
    lay_options_over(r);
    set_list_defaults(r);
    settings_check(r);
    if (r->report->errors.n == 0)
        read_shipped_dcs(r);
}

const char *settings_file(const struct settings *s)
{
    if (s->file)
        return s->file;
    return s->environment == SETTINGS_SANDBOX ? NULL : DEFAULT_FILE;
}

int settings_load(const struct options *options, struct settings *ret, struct settings_report *report)
{
    struct settings s;
    struct reading r = {.s = &s, .report = report, .options = options};

    read_everything(&r);
    if (!r.err && report->errors.n > 0)
        r.err = TGC_EINVAL;
    if (r.err) {
        settings_fini(&s);
        return r.err;
    }
    *ret = s;
    return 0;
}

static void free_secret(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void settings_fini(struct settings *s)
{
    char *texts[] = {s->file,          s->state_dir,       s->control,      s->unix_path,
                     s->unix_group,    s->tls_certificate, s->tls_key,      s->tls_client_ca,
                     s->api_hash_file, s->transport,       s->device_model, s->lang_code,
                     s->store_path,    s->store_key_file,  s->cluster_node, s->cluster_advertise};
    struct text_list *lists[] = {&s->unix_scopes, &s->hosts, &s->cors_origins, &s->schema, &s->webhooks_allow};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        text_list_fini(lists[i]);
    free_secret(s->api_hash);
    free_secret(s->proxy);
    free_secret(s->store_url);
    settings_drop_listeners(s);
    settings_drop_dcs(s);
    settings_drop_clients(s);
    *s = (struct settings){0};
}

const char *settings_environment_name(enum settings_environment environment)
{
    static const char *const names[] = {"production", "test", "custom", "sandbox"};

    return names[environment];
}
