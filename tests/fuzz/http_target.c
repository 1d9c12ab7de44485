/* The target of a request: segments, route, parameters, query. Input: method (u8), the raw target. */
#include <string.h>

#include "api/query.h"
#include "api/route.h"
#include "api/suggest.h"
#include "daemon/base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void route(const struct target *t, enum http_method method)
{
    const struct route *row = NULL;
    struct faults faults = {0};
    struct fault fault = {0};
    char allow[ROUTE_ALLOW_SIZE], meant[SUGGEST_ROUTE_SIZE], list[256];
    const char *rule = NULL;
    unsigned methods = 0;

    int err = route_find(t, method, &row, &methods);
    FUZZ_CHECK(err == 0 || err == TGC_EUNKNOWN || err == TGC_EINVAL);
    route_allow_text(methods, allow);
    /* What is told of it names nothing that is not there, and ends where it has to. */
    FUZZ_CHECK(!suggest_route(t, meant) || !strpbrk(meant, "{}"));
    if (t->count <= TARGET_SEGMENTS_MAX)
        (void)route_list_text(t, list, sizeof(list));
    if (!err) {
        json_t *path = json_object(), *query = json_object();
        err = route_params(row, t, path, &faults, &rule);
        FUZZ_CHECK(err == 0 || (err == TGC_EUNKNOWN && rule));
        char *raw = t->query ? strdup(t->query) : NULL;
        err = query_check(row->query, raw, query, &faults, &fault);
        FUZZ_CHECK(err == 0 || err == TGC_ESYNTAX);
        free(raw);
        json_decref(path);
        json_decref(query);
    }
    problem_free(faults.problem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"};
    struct feed f = {data, data + len};
    struct target t;
    struct fault fault = {0};
    bool is_head;

    fuzz_begin();
    enum http_method method = http_method_parse(methods[feed_u8(&f) % 8], &is_head);
    char *raw = feed_text(&f);
    int err = target_parse(raw, &t, &fault);
    if (err) {
        FUZZ_CHECK(err == TGC_ESYNTAX && fault.text[0] != '\0');
    } else {
        for (size_t i = 0; i < t.count && i < TARGET_SEGMENTS_MAX; i++)
            FUZZ_CHECK(utf8_is_valid(t.segments[i], strlen(t.segments[i])));
        route(&t, method);
    }
    free(raw);
    return 0;
}
