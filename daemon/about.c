#include "daemon/about.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <sodium.h>

#include "config.h"
#include "config/paths.h"
#include "daemon/base/file_read.h"
#include "daemon/base/log.h"

enum { DESCRIPTION_MAX = 4 << 20 };

json_t *about_version(const struct settings *s, const struct schemas *schemas)
{
    json_t *layers = json_array();

    for (size_t i = 0; i < schemas->n; i++)
        json_array_append_new(layers, json_integer(tl_schema_layer(schemas->list[i])));
    return json_pack("{s:s, s:s, s:i, s:o, s:s, s:{s:s, s:s, s:s}}", "name", "tgcalld", "version", PACKAGE_VERSION,
                     "layer", (int)s->layer, "layers", layers, "environment", settings_environment_name(s->environment),
                     "libraries", "jansson", jansson_version_str(), "libsodium", sodium_version_string(), "openssl",
                     OpenSSL_version(OPENSSL_VERSION_STRING));
}

char *about_description(const char *name)
{
    char *path = NULL, *text = NULL, beside[64];
    size_t len;

    /* In the source tree it lies beside what it describes. */
    snprintf(beside, sizeof(beside), "../api/%s", name);
    if (paths_data(name, &path) == 0 && !(text = file_read(path, DESCRIPTION_MAX, &len))) {
        free(path);
        path = NULL;
        if (paths_data(beside, &path) == 0)
            text = file_read(path, DESCRIPTION_MAX, &len);
    }
    if (!text)
        log_warning("main", "%s is missing: GET /%s will be 404", path ? path : name, name);
    free(path);
    return text;
}
