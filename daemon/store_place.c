#include "daemon/store_place.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-id128.h>

#include "daemon/base/database_url.h"
#include "daemon/base/le.h"
#include "daemon/crypto/hash.h"

/* $CREDENTIALS_DIRECTORY/seal.key, where a service was given one. NULL: none; freed by the caller. */
static char *credential(void)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    char *path = NULL;

    if (!dir || !*dir || asprintf(&path, "%s/seal.key", dir) < 0)
        return NULL;
    if (access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* "MACHINE PATH", cut where it is longer. The machine is told by an id that leads back to nothing else, or by "?" where
 * it has none, as in many a container. */
enum { PLACE_SIZE = 512 };
static void place_of(const char *path, char out[static PLACE_SIZE])
{
    static const sd_id128_t ours = SD_ID128_MAKE(7a, 1e, 5c, 0d, 93, b4, 4f, 26, a8, 71, e2, 0f, 6b, d9, 35, c8);
    char machine[SD_ID128_STRING_MAX] = "?", *copy = strdup(path);
    /* The database itself may not be there yet. */
    char *folder = copy ? realpath(dirname(copy), NULL) : NULL;
    const char *slash = strrchr(path, '/');
    sd_id128_t id;

    if (sd_id128_get_machine_app_specific(ours, &id) >= 0)
        sd_id128_to_string(id, machine);
    snprintf(out, PLACE_SIZE, "%s %s/%s", machine, folder ? folder : "", slash ? slash + 1 : path);
    free(folder);
    free(copy);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Of all keys that the environment's data centres may show, in whatever order they are configured. */
static void fingerprint_of(const struct data_centres *d, uint8_t out[static 32])
{
    uint64_t of_keys[TG_DCS_MAX];
    uint8_t bytes[sizeof(of_keys)];
    size_t n = 0;

    for (size_t i = 0; i < d->keys_n; i++)
        of_keys[i] = rsa_key_fingerprint(d->keys[i]);
    qsort(of_keys, d->keys_n, sizeof(of_keys[0]), by_value);
    for (size_t i = 0; i < d->keys_n; i++)
        if (i == 0 || of_keys[i] != of_keys[i - 1])
            le64_store(bytes + 8 * n++, of_keys[i]);
    hash_sha256(&(struct piece){bytes, 8 * n}, 1, out);
}

/* Of a server's database: what people are told of it. NULL: out of memory. */
static char *path_of(const struct settings *s, const struct state_dir *state)
{
    char shown[DATABASE_URL_MAX + 4];

    if (s->store_url) {
        database_url_show(s->store_url, shown);
        return strdup(shown);
    }
    return s->store_path ? strdup(s->store_path) : state_dir_file(state, "store.db");
}

/* The rest of CONFIG is the caller's. RET NULL: it is looked at only, and *RET_VERSION said. */
static int open_in(const struct settings *s, const struct state_dir *state, struct store_config config,
                   struct store **ret, int *ret_version, struct fault *fault)
{
    char *given = s->store_key_file ? strdup(s->store_key_file) : credential();
    char *path = path_of(s, state);
    char *made = state_dir_file(state, "seal.key");
    char *left = s->store_url ? state_dir_file(state, "store.db") : NULL;
    char place[PLACE_SIZE];
    /* Of the one store that a process has. Each seal takes a nonce, and to ask the kernel for one is a system call. */
    static struct random_pool pool;
    static struct random_source pooled;
    int err;

    random_pool_init(&pool, &random_system);
    pooled = random_pool_source(&pool);
    config.path = path;
    config.url = s->store_url;
    config.left_path = left;
    config.key_path = given ? given : made;
    config.key_is_given = given != NULL;
    config.clock = &clock_system;
    config.random = &pooled;
    if (!path || !made || (s->store_key_file && !given)) {
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    } else {
        if (config.environment && !config.url) {
            place_of(path, place);
            config.place = place;
        }
        err = ret ? store_open(&config, ret, fault) : store_look_at_server(&config, ret_version, fault);
    }
    free(given);
    free(path);
    free(made);
    free(left);
    return err;
}

int store_place_open(const struct settings *s, const struct state_dir *state, const struct data_centres *dcs,
                     struct meter *meter, int64_t node, bool is_led, void (*taken)(void), struct store **ret,
                     struct fault *fault)
{
    uint8_t fingerprint[32];

    fingerprint_of(dcs, fingerprint);
    return open_in(s, state,
                   (struct store_config){.environment = settings_environment_name(s->environment),
                                         .fingerprint = fingerprint,
                                         .fingerprint_len = sizeof(fingerprint),
                                         .events_keep = s->events_keep,
                                         .events_keep_bytes = (int64_t)s->events_keep_bytes,
                                         .meter = meter,
                                         .node = node,
                                         .is_led = is_led,
                                         .taken = taken},
                   ret, NULL, fault);
}

int store_place_look(const struct settings *s, const struct state_dir *state, const struct data_centres *dcs,
                     int *ret_version, struct fault *fault)
{
    uint8_t fingerprint[32];

    *ret_version = 0;
    fingerprint_of(dcs, fingerprint);
    return open_in(s, state,
                   (struct store_config){.environment = settings_environment_name(s->environment),
                                         .fingerprint = fingerprint,
                                         .fingerprint_len = sizeof(fingerprint)},
                   NULL, ret_version, fault);
}

int store_place_open_kept(const struct settings *s, const struct state_dir *state, struct store **ret,
                          struct fault *fault)
{
    return open_in(s, state, (struct store_config){.environment = NULL}, ret, NULL, fault);
}
