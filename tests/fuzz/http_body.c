/* The body of a request against the row of its route. Input: route (u8), splits (u8), the body. */
#include <string.h>

#include "api/api_internal.h"
#include "api/body.h"
#include "api/plain_object.h"
#include "tests/fuzz/fuzz.h"

enum { BODY_MAX = 1 << 16 };

/* The linker sends the headers here (--wrap). */
const char *__wrap_http_request_header(const struct request *r, const char *name);

const char *__wrap_http_request_header(const struct request *r, const char *name)
{
    return strcmp(name, "Content-Type") == 0 ? "application/json" : NULL;
}

static void feed_body(struct request *r, const uint8_t *data, size_t len, uint8_t splits)
{
    while (len) {
        size_t n = splits && splits < len ? splits : len;
        int err = body_feed(r, data, n);
        FUZZ_CHECK(err == 0 || err == TGC_ELIMIT);
        if (err)
            return;
        data += n;
        len -= n;
    }
}

/* What the reader of plain bodies takes is what the reader of all of JSON makes of it. */
static void compare_readers(const struct buf *body)
{
    json_t *plain = body->len > 0 ? plain_object((const char *)body->data, body->len) : NULL;

    if (!plain)
        return;
    json_t *all = json_loadb((const char *)body->data, body->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    FUZZ_CHECK(all && json_equal(plain, all));
    json_decref(all);
    json_decref(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct faults faults = {0};
    struct problem *problem = NULL;
    struct api api = {.config = {.body_max = BODY_MAX}};
    struct conn conn = {0};
    struct request r = {.api = &api, .conn = &conn, .state = REQUEST_BODY};
    struct buf text;
    size_t n;

    fuzz_begin();
    r.route = &routes[feed_u8(&f) % routes_count];
    uint8_t splits = feed_u8(&f);
    const uint8_t *body = feed_take(&f, feed_left(&f), &n);
    if (!r.route->body && !r.route->body_any)
        return 0;
    buf_init(&r.body, BODY_MAX);
    feed_body(&r, body, n, splits);
    compare_readers(&r.body);
    json_t *json = body_parse(&r, &faults, &problem);
    FUZZ_CHECK(json_is_object(json) || problem || faults.found);
    struct problem *told = problem ? problem : faults.problem;
    if (told) {
        buf_init(&text, 1 << 20);
        FUZZ_CHECK(problem_text(told, "req-1", &text) == 0);
        json_t *parsed = json_loadb((const char *)text.data, text.len, 0, NULL);
        FUZZ_CHECK(json_is_object(parsed));
        json_decref(parsed);
        buf_fini(&text);
    }
    json_decref(json);
    problem_free(problem);
    problem_free(faults.problem);
    buf_fini(&r.body);
    return 0;
}
