#include "config/settings_internal.h"

#include "daemon/base/clock.h"
#include "daemon/base/database_url.h"
#include "daemon/base/log.h"

#define FIELD(name) offsetof(struct settings, name)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static const char *const environments[] = {"production", "test", "custom", NULL};
static const char *const transports[] = {"padded", "intermediate", "abridged", "full", NULL};
const char *const settings_scopes[] = {"read", "calls", "accounts", "methods", "secrets", "admin", NULL};
static const char *const levels[] = {"error", "warning", "notice", "info", "debug", NULL};
static const char *const formats[] = {"text", "json", "journal", NULL};

const struct settings_key settings_keys[] = {
    {"server", "listen", VALUE_LISTEN, 0, 0, 0, NULL},
    {"server", "unix", VALUE_UNIX, FIELD(unix_path), 0, 0, NULL},
    {"server", "unix_group", VALUE_TEXT, FIELD(unix_group), 0, 32, NULL},
    {"server", "unix_scopes", VALUE_WORDS, FIELD(unix_scopes), 0, 0, settings_scopes},
    {"server", "hosts", VALUE_WORDS, FIELD(hosts), 0, 0, NULL},
    {"server", "cors_origins", VALUE_WORDS, FIELD(cors_origins), 0, 0, NULL},
    {"server", "max_body", VALUE_SIZE, FIELD(body_max), KIB, 64 * MIB, NULL},
    {"server", "queue_size", VALUE_COUNT, FIELD(queue_size), 1, 65536, NULL},
    {"server", "request_timeout", VALUE_DURATION, FIELD(request_timeout_us), 100 * 1000, 10 * MINUTE_US, NULL},
    {"server", "head_timeout", VALUE_DURATION, FIELD(head_timeout_us), 100 * 1000, 10 * MINUTE_US, NULL},
    {"server", "body_timeout", VALUE_DURATION, FIELD(body_timeout_us), 100 * 1000, 60 * MINUTE_US, NULL},
    {"server", "idle_timeout", VALUE_DURATION, FIELD(idle_timeout_us), 100 * 1000, 10 * MINUTE_US, NULL},
    {"server", "shutdown_timeout", VALUE_DURATION, FIELD(shutdown_timeout_us), 0, 10 * MINUTE_US, NULL},
    {"server", "workers", VALUE_COUNT, FIELD(workers), 1, 64, NULL},
    {"server", "address_connections", VALUE_COUNT, FIELD(address_connections), 0, 65536, NULL},
    {"server", "token_rate", VALUE_COUNT, FIELD(token_rate), 0, 100000, NULL},
    {"server", "insecure", VALUE_BOOL, FIELD(insecure), 0, 0, NULL},
    {"server", "tls_certificate", VALUE_FILE, FIELD(tls_certificate), 0, 0, NULL},
    {"server", "tls_key", VALUE_FILE, FIELD(tls_key), 0, 0, NULL},
    {"server", "tls_client_ca", VALUE_FILE, FIELD(tls_client_ca), 0, 0, NULL},

    {"telegram", "environment", VALUE_NAME, FIELD(environment), SETTINGS_PRODUCTION, 0, environments},
    {"telegram", "api_id", VALUE_COUNT, FIELD(api_id), 1, INT32_MAX, NULL},
    {"telegram", "api_hash", VALUE_SECRET, FIELD(api_hash), 0, 64, NULL},
    {"telegram", "api_hash_file", VALUE_FILE, FIELD(api_hash_file), 0, 0, NULL},
    {"telegram", "layer", VALUE_COUNT, FIELD(layer), 1, 9999, NULL},
    {"telegram", "schema", VALUE_FILES, FIELD(schema), 0, 0, NULL},
    {"telegram", "transport", VALUE_WORD, FIELD(transport), 0, 0, transports},
    {"telegram", "obfuscated", VALUE_BOOL, FIELD(obfuscated), 0, 0, NULL},
    {"telegram", "ipv6", VALUE_BOOL, FIELD(ipv6), 0, 0, NULL},
    {"telegram", "pfs", VALUE_BOOL, FIELD(pfs), 0, 0, NULL},
    {"telegram", "pfs_key_life", VALUE_DURATION, FIELD(pfs_key_life_us), 20 * SECOND_US, 24 * HOUR_US, NULL},
    {"telegram", "proxy", VALUE_SECRET, FIELD(proxy), 0, 1000, NULL},
    {"telegram", "flood_wait_max", VALUE_DURATION, FIELD(flood_wait_max_us), 0, HOUR_US, NULL},
    {"telegram", "handshakes_max", VALUE_COUNT, FIELD(handshakes_max), 1, 256, NULL},
    {"telegram", "device_model", VALUE_TEXT, FIELD(device_model), 0, 128, NULL},
    {"telegram", "lang_code", VALUE_TEXT, FIELD(lang_code), 0, 64, NULL},

    {"store", "url", VALUE_SECRET, FIELD(store_url), 0, DATABASE_URL_MAX, NULL},
    {"store", "path", VALUE_PATH, FIELD(store_path), 0, 0, NULL},
    {"store", "key_file", VALUE_PATH, FIELD(store_key_file), 0, 0, NULL},

    {"cluster", "node", VALUE_TEXT, FIELD(cluster_node), 0, 63, NULL},
    {"cluster", "advertise", VALUE_TEXT, FIELD(cluster_advertise), 0, 255, NULL},
    {"cluster", "lease", VALUE_DURATION, FIELD(cluster_lease_us), 2 * SECOND_US, 10 * MINUTE_US, NULL},

    {"events", "keep", VALUE_COUNT, FIELD(events_keep), 0, 100 * 1000 * 1000, NULL},
    {"events", "keep_bytes", VALUE_SIZE, FIELD(events_keep_bytes), 0, 64 * GIB, NULL},

    {"scheduler", "late_max", VALUE_DURATION, FIELD(late_max_us), 0, 720 * HOUR_US, NULL},

    {"webhooks", "allow", VALUE_WORDS, FIELD(webhooks_allow), 0, 0, NULL},
    {"webhooks", "parallel", VALUE_COUNT, FIELD(webhooks_parallel), 1, 256, NULL},

    {"log", "level", VALUE_NAME, FIELD(log_level), LOG_LEVEL_ERROR, 0, levels},
    {"log", "format", VALUE_NAME, FIELD(log_format), LOG_FORMAT_TEXT, 0, formats},
};
const size_t settings_keys_n = sizeof(settings_keys) / sizeof(settings_keys[0]);

_Static_assert(sizeof(settings_keys) / sizeof(settings_keys[0]) <= SETTINGS_KEYS_MAX,
               "struct reading has room for each");
_Static_assert(sizeof(enum settings_environment) == sizeof(int), "VALUE_NAME writes an int");
