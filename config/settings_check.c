#include "config.h"

#include "config/settings_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/layers.h"
#include "config/paths.h"
#include "daemon/base/address.h"
#include "daemon/base/clock.h"
#include "daemon/base/proxy.h"

#define KEY_LIFE_LEAST_US (10 * 60 * SECOND_US)

static void listener_error(struct reading *r, const struct settings_listener *l, const char *text)
{
    if (l->line)
        reading_error_at(r, l->line, "server", "listen", "'%s': %s", l->address, text);
    else
        reading_option_error(r, "--listen", "'%s': %s", l->address, text);
}

/* Port 0 is another one each time. */
static bool is_given_before(const struct settings *s, size_t at)
{
    const char *address = s->listen[at].address, *port = strrchr(address, ':');
    bool is = false;

    for (size_t i = 0; i < at && strcmp(port ? port : "", ":0") != 0; i++)
        is = is || strcmp(s->listen[i].address, address) == 0;
    return is;
}

static void check_listeners(struct reading *r)
{
    struct settings *s = r->s;

    if (r->listen_none && s->listen_n > 0)
        reading_error_at(r, reading_line_of(r, "server", "listen"), "server", "listen",
                         "'none' stands alone or not at all");
    for (size_t i = 0; i < s->listen_n; i++) {
        const struct settings_listener *l = &s->listen[i];
        if (is_given_before(s, i))
            listener_error(r, l, "it is given twice");
        else if (l->tls && !(s->tls_certificate && s->tls_key))
            listener_error(r, l, "https:// needs tls_certificate and tls_key in the section [server]");
        else if (!l->tls && !l->loopback && !s->insecure)
            listener_error(r, l,
                           "it is not on loopback, and without TLS everyone on the way reads the tokens: serve on "
                           "127.0.0.1 or by https://, or say insecure = yes");
    }
}

static void check_tls(struct reading *r)
{
    const struct settings *s = r->s;
    const char *given = s->tls_certificate ? "tls_certificate" : "tls_key";

    if (!s->tls_certificate != !s->tls_key)
        reading_error_at(r, reading_line_of(r, "server", given), "server", given,
                         "tls_certificate and tls_key go together");
}

static void check_unix(struct reading *r)
{
    const struct settings *s = r->s;
    const char *option = r->options->unix_path;
    unsigned line = reading_line_of(r, "server", "unix");

    if (s->unix_off && r->listen_none && s->listen_n == 0)
        reading_error_at(r, line, "server", "unix", "with listen = none and unix = none nobody could reach the daemon");
    if (!s->unix_path || strlen(s->unix_path) <= PATHS_UNIX_MAX)
        return;
    if (option)
        reading_option_error(r, "--unix", "a Unix socket's path has at most %d bytes", PATHS_UNIX_MAX);
    else
        reading_error_at(r, line, "server", "unix", "a Unix socket's path has at most %d bytes", PATHS_UNIX_MAX);
}

static void check_unix_group(struct reading *r)
{
    const char *name = r->s->unix_group;

    if (name && !getgrnam(name))
        reading_error_at(r, reading_line_of(r, "server", "unix_group"), "server", "unix_group",
                         "there is no group '%s'", name);
}

static void check_layer(struct reading *r)
{
    static const char text[] = "there is no schema of layer %u; known layers: %s (schema = FILE adds one)%s%s%s";
    unsigned layer = r->s->layer;
    char names[256];
    const char *without;

    /* Where no data is there at all, that is said when it is loaded. */
    if (layers_find(&r->s->schema, layer, names, sizeof(names), &without) || !names[0])
        return;
    const char *but = without ? "; " : "", *lacks = without ? " has no line \"// LAYER N\", which says its layer" : "";
    without = without ? without : "";
    if (r->options->layer)
        reading_option_error(r, "--layer", text, layer, names, but, without, lacks);
    else
        reading_error_at(r, reading_line_of(r, "telegram", "layer"), "telegram", "layer", text, layer, names, but,
                         without, lacks);
}

/* A pipe or a device would keep the start waiting. NULL: errno says why. */
static FILE *open_regular(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
        errno = EINVAL;
    else {
        FILE *f = fdopen(fd, "r");
        if (f)
            return f;
    }
    int saved = errno;
    close(fd);
    errno = saved;
    return NULL;
}

/* One line of PATH, which the key KEY (or the unit) names. */
static void read_hash_file(struct reading *r, const char *path, unsigned line, const char *key)
{
    char text[66] = "";
    FILE *f = open_regular(path);

    if (!f || (!fgets(text, sizeof(text), f) && ferror(f)))
        reading_error_at(r, line, "telegram", key, "cannot read %s: %s", path, strerror(errno));
    else {
        text[strcspn(text, " \t\r\n")] = '\0';
        r->s->api_hash = strdup(text);
        if (!r->s->api_hash)
            reading_note_err(r, TGC_ENOMEM);
    }
    if (f)
        fclose(f);
    explicit_bzero(text, sizeof(text));
}

/* The api_hash in a file of its own, so that the configuration can be shown around; or handed over by the unit. */
static void read_api_hash(struct reading *r)
{
    struct settings *s = r->s;
    unsigned line = reading_line_of(r, "telegram", "api_hash_file");
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    char *path = NULL;

    if (s->api_hash_file && s->api_hash) {
        reading_error_at(r, line, "telegram", "api_hash_file", "api_hash is given too; one of them is enough");
    } else if (s->api_hash_file) {
        read_hash_file(r, s->api_hash_file, line, "api_hash_file");
    } else if (!s->api_hash && s->api_id && credentials && *credentials) {
        if (asprintf(&path, "%s/api_hash", credentials) < 0)
            reading_note_err(r, TGC_ENOMEM);
        else if (access(path, F_OK) == 0)
            read_hash_file(r, path, 0, "api_hash");
        free(path);
    }
}

static void check_api_pair(struct reading *r)
{
    const struct settings *s = r->s;
    const char *hash_key = s->api_hash_file ? "api_hash_file" : "api_hash";
    unsigned hash_line = reading_line_of(r, "telegram", hash_key);

    /* A data centre of one's own may take anything. */
    if (s->api_hash && s->environment != SETTINGS_CUSTOM &&
        (strlen(s->api_hash) != 32 || strspn(s->api_hash, "0123456789abcdef") != 32))
        reading_error_at(r, hash_line, "telegram", hash_key, "an api_hash has 32 digits of lower-case hex");
    if (s->api_id && !s->api_hash && !s->api_hash_file)
        reading_error_at(r, reading_line_of(r, "telegram", "api_id"), "telegram", "api_id",
                         "api_hash is missing; both are on https://my.telegram.org");
    if (s->api_hash && !s->api_id)
        reading_error_at(r, hash_line, "telegram", hash_key, "api_id is missing; both are on https://my.telegram.org");
}

static void check_transport(struct reading *r)
{
    const struct settings *s = r->s;

    if (s->obfuscated && s->transport && strcmp(s->transport, "full") == 0)
        reading_error_at(
            r, reading_line_of(r, "telegram", "obfuscated"), "telegram", "obfuscated",
            "transport = full has no obfuscated form; the others (padded, intermediate, abridged) have one");
}

static void check_proxy(struct reading *r)
{
    struct fault fault = {0};
    struct proxy proxy = {0};
    const char *wrong = NULL;

    if (!r->s->proxy)
        return;
    if (proxy_parse(r->s->proxy, &proxy, &fault) != 0)
        wrong = fault.text;
    else
        wrong = proxy_unfit(&proxy, r->s->transport);
    if (wrong)
        reading_error_at(r, reading_line_of(r, "telegram", "proxy"), "telegram", "proxy", "%s", wrong);
    proxy_wipe(&proxy);
}

/* What is in it is worth as much as the accounts themselves. */
static void check_state_dir(struct reading *r)
{
    const char *path = r->s->state_dir;
    struct stat st;

    if (path && stat(path, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 077))
        reading_place_warning(r, path,
                              "its mode %03o lets other users in, and accounts and tokens are kept there: chmod 700 %s",
                              (unsigned)st.st_mode & 0777, path);
}

static void dc_error(struct reading *r, const struct settings_dc *dc, const char *key, const char *text)
{
    char section[32];

    snprintf(section, sizeof(section), "dc %d", dc->id);
    reading_error_at(r, dc->line, section, key, "%s", text);
}

/* Names are looked up for the families that may be used. */
static bool can_be_dialled(const struct settings *s, const struct settings_dc *dc)
{
    struct fault fault = {0};
    struct address a;
    bool can = s->ipv6;

    for (size_t i = 0; i < dc->addresses.n && !can; i++)
        can = address_from_text(dc->addresses.items[i], false, &a, &fault) == 0 && !a.v6;
    return can;
}

/* The data centres are either the file's own or the shipped ones, never a mixture. */
static void check_dcs(struct reading *r)
{
    const struct settings *s = r->s;
    bool custom = s->environment == SETTINGS_CUSTOM;

    if (custom && s->dcs_n == 0)
        reading_error_at(r, reading_line_of(r, "telegram", "environment"), "telegram", "environment",
                         "custom needs at least one [dc N] with address and public_key");
    for (size_t i = 0; i < s->dcs_n; i++) {
        const struct settings_dc *dc = &s->dcs[i];
        if (!custom)
            dc_error(r, dc, NULL, "needs environment = custom in [telegram]");
        else if (dc->addresses.n == 0)
            dc_error(r, dc, "address", "missing");
        else if (!dc->public_key)
            dc_error(r, dc, "public_key", "missing");
        else if (!can_be_dialled(s, dc))
            dc_error(r, dc, "address", "all are IPv6, which needs ipv6 = yes in [telegram]");
    }
}

/* Telegram's own servers are not to be asked for keys all the time. */
static void check_key_life(struct reading *r)
{
    const struct settings *s = r->s;

    if (s->pfs_key_life_us < KEY_LIFE_LEAST_US && s->environment != SETTINGS_CUSTOM)
        reading_error_at(r, reading_line_of(r, "telegram", "pfs_key_life"), "telegram", "pfs_key_life",
                         "less than 10m needs environment = custom");
}

void settings_check(struct reading *r)
{
    check_listeners(r);
    check_tls(r);
    settings_check_clients(r);
    check_unix(r);
    check_unix_group(r);
    settings_check_web(r);
    check_transport(r);
    check_proxy(r);
    check_key_life(r);
    read_api_hash(r);
    check_api_pair(r);
    check_layer(r);
    check_dcs(r);
    settings_check_store(r);
    settings_check_cluster(r);
    check_state_dir(r);
}
