#include "daemon/about.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <sodium.h>

#include "config.h"
#include "config/paths.h"
#include "daemon/base/buf.h"
#include "daemon/base/log.h"

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

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct buf b;

    if (!f)
        return NULL;
    buf_init(&b, 4 << 20);
    for (size_t n = 1; n;) {
        uint8_t *room = buf_room(&b, 16384);
        n = room ? fread(room, 1, 16384, f) : 0;
        buf_add(&b, n);
    }
    fclose(f);
    buf_put_byte(&b, 0);
    size_t len;
    return (char *)buf_take(&b, &len);
}

char *about_description(const char *name)
{
    char *path = NULL, *text = NULL, beside[64];

    /* In the source tree it lies beside what it describes. */
    snprintf(beside, sizeof(beside), "../api/%s", name);
    if (paths_data(name, &path) == 0 && !(text = read_file(path))) {
        free(path);
        path = NULL;
        if (paths_data(beside, &path) == 0)
            text = read_file(path);
    }
    if (!text)
        log_warning("main", "%s is missing: GET /%s will be 404", path ? path : name, name);
    free(path);
    return text;
}
