/* What the headers decide: Host, Origin, Content-Type, Content-Length, Authorization, X-Request-Id.
 * Input: listener (u8), then the headers' values, one a line, in that order; an empty line: the header is not there. */
#include <string.h>
#include <strings.h>

#include "api/api_internal.h"
#include "api/auth.h"
#include "api/body.h"
#include "api/guard.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = {"Host",
                                    "Origin",
                                    "Content-Type",
                                    "Content-Length",
                                    "Authorization",
                                    "X-Request-Id",
                                    "Access-Control-Request-Method"};
enum { HEADERS = sizeof(names) / sizeof(names[0]) };
static char *values[HEADERS];

/* The linker sends the headers here (--wrap). */
const char *__wrap_http_request_header(const struct request *r, const char *name);

const char *__wrap_http_request_header(const struct request *r, const char *name)
{
    for (size_t i = 0; i < HEADERS; i++)
        if (strcasecmp(names[i], name) == 0)
            return values[i];
    return NULL;
}

static void split(char *text)
{
    for (size_t i = 0; i < HEADERS; i++) {
        char *end = text ? strchr(text, '\n') : NULL;
        if (end)
            *end = '\0';
        values[i] = text && *text ? text : NULL;
        text = end ? end + 1 : NULL;
    }
}

static void check_host(const char *text)
{
    char host[GUARD_HOST_SIZE];

    if (guard_host_parse(text, host))
        FUZZ_CHECK(host[0] != '\0' && strlen(host) < GUARD_HOST_SIZE && strstr(text, host) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const origins[] = {"https://app.example", NULL};
    static struct tokens *tokens;
    struct feed f = {data, data + len};
    struct api api = {.config = {.origins = origins, .body_max = 1000}};
    struct request r = {.api = &api};

    fuzz_begin();
    if (!tokens)
        FUZZ_CHECK(tokens_new(&tokens) == 0);
    api.config.tokens = tokens;
    uint8_t how = feed_u8(&f);
    struct listener listener = {.is_unix = how == 1};
    snprintf(listener.host, sizeof(listener.host), "192.0.2.7");
    api.listeners[0] = listener;
    api.listeners_count = 1;
    struct conn conn = {0};
    r.conn = &conn;
    struct front front = {.api = &api, .id_prefix = "req-00000000-"};
    struct door door = {.front = &front, .listener = &api.listeners[0]};
    r.door = &door;
    r.method = how == 2 ? HTTP_OTHER : HTTP_GET;
    char *text = feed_text(&f);
    split(text);
    if (values[0])
        check_host(values[0]);
    bool passed = guard_check(&r);
    FUZZ_CHECK(passed != r.refused);
    /* A page elsewhere never passes: only a listed one, or one whose Origin is a name of ours. */
    if (passed && values[1] && !listener.is_unix)
        FUZZ_CHECK(r.origin || strcasestr(values[1], values[0]) != NULL);
    (void)guard_is_preflight(&r);
    (void)body_is_json_type(values[2]);
    (void)body_is_announced_too_large(&r);
    if (values[4])
        auth_check(&r);
    FUZZ_CHECK(!r.authed);
    http_request_make_id(&r);
    FUZZ_CHECK(r.id[0] != '\0' && strlen(r.id) < sizeof(r.id) && !strpbrk(r.id, "\r\n\" "));
    problem_free(r.problem);
    free(text);
    return 0;
}
