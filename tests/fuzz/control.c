/* The sandbox's control port: requests as libmicrohttpd hands them over, with a client's queries in between, which the
 * faults strike.
 * Input: steps. A request is verb (u8; its high bits: an Origin, a Host, a split body, one that is too large), path
 * (u8, or a text), since, the Host where there is one, body (u16 and bytes). */
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "tests/fuzz/control_port.h"
#include "tests/fuzz/sandbox_client.h"
#include "tests/fuzz/tl_make.h"

enum { STEPS_MAX = 40, TOO_LARGE = 70000, LARGE_MAX = 1000 };

struct play {
    struct dc d;
    struct feed f;
    struct client c;
    unsigned long lies;
};

static char *some_text(struct play *p, uint8_t len)
{
    size_t n;
    const uint8_t *bytes = feed_take(&p->f, len, &n);
    char *text = malloc(n + 1);

    FUZZ_CHECK(text != NULL);
    memcpy(text, bytes, n);
    text[n] = '\0';
    return text;
}

/* One of CHOICES by a small byte, else as many bytes as a large one says. */
static char *choose(struct play *p, const char *const *choices, size_t n)
{
    uint8_t k = feed_u8(&p->f);

    if (k >= 0x40)
        return some_text(p, k - 0x40);
    return choices[k % n] ? strdup(choices[k % n]) : NULL;
}

/* --- what the header of the room promises --- */

static void check_log(const struct play *p, const json_t *answer, const char *since)
{
    const json_t *events = json_object_get(answer, "events"), *event;
    uint64_t last = since ? strtoull(since, NULL, 10) : 0;
    size_t i;

    FUZZ_CHECK(json_is_array(events));
    FUZZ_CHECK((uint64_t)json_integer_value(json_object_get(answer, "next")) == p->d.s.trace.next - 1);
    json_array_foreach (events, i, event) {
        uint64_t n = (uint64_t)json_integer_value(json_object_get(event, "n"));
        FUZZ_CHECK(n > last && n < p->d.s.trace.next && json_is_string(json_object_get(event, "event")));
        last = n;
    }
}

static void check_list(const json_t *answer, const char *key, size_t n)
{
    const json_t *list = json_object_get(answer, key), *item;
    size_t i;

    FUZZ_CHECK(json_is_array(list) && json_array_size(list) == n);
    json_array_foreach (list, i, item)
        FUZZ_CHECK(json_is_object(item));
}

static void check_state(const struct play *p, const json_t *answer)
{
    const struct world *w = &p->d.s.world;

    check_list(answer, "users", w->users_n);
    check_list(answer, "chats", w->chats_n);
    check_list(answer, "calls", w->calls_n);
    check_list(answer, "faults", p->d.s.inject.n);
    FUZZ_CHECK(json_is_object(json_object_get(answer, "opts")) && json_is_object(json_object_get(answer, "methods")));
}

static void check_done(const struct play *p, const struct control_ask *ask, const json_t *answer)
{
    if (strcmp(ask->path, "/state") == 0)
        check_state(p, answer);
    else if (strcmp(ask->path, "/log") == 0)
        check_log(p, answer, ask->since);
    else if (strcmp(ask->path, "/fault") == 0)
        check_list(answer, "faults", p->d.s.inject.n);
    else if (strcmp(ask->path, "/clear") == 0)
        FUZZ_CHECK(p->d.s.inject.n == 0 && json_object_size(answer) == 0);
    else if (strcmp(ask->path, "/opts") == 0)
        FUZZ_CHECK(json_object_size(answer) == 15);
    else if (strcmp(ask->path, "/account") == 0)
        FUZZ_CHECK(json_integer_value(json_object_get(answer, "keys")) >= 0 && json_object_size(answer) == 1);
    else if (strcmp(ask->path, "/accounts") == 0)
        check_list(answer, "accounts", 0);
    else if (strcmp(ask->path, "/messages") == 0)
        FUZZ_CHECK(json_integer_value(json_object_get(answer, "pts")) > 0 && json_object_size(answer) == 1);
    else
        FUZZ_CHECK(strcmp(ask->path, "/lints") == 0 && json_is_array(json_object_get(answer, "lints")));
}

static unsigned right_status(const struct control_ask *ask)
{
    static const char *const gets[] = {"/state", "/log", "/lints", "/accounts"};
    static const char *const posts[] = {"/fault", "/clear", "/opts", "/account", "/messages"};

    for (unsigned i = 0; i < sizeof(gets) / sizeof(*gets); i++)
        if (strcmp(ask->path, gets[i]) == 0)
            return strcmp(ask->method, "GET") == 0 ? 0 : 405;
    for (unsigned i = 0; i < sizeof(posts) / sizeof(*posts); i++)
        if (strcmp(ask->path, posts[i]) == 0)
            return strcmp(ask->method, "POST") == 0 ? 0 : 405;
    return 404;
}

/* A name of more than digits, dots and colons that is not localhost. */
static bool is_foreign(const char *host)
{
    if (!host)
        return false;
    size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    if (n == 9 && strncasecmp(host, "localhost", 9) == 0)
        return false;
    for (size_t i = 0; i < n && i < strlen(host); i++)
        if (!strchr(*host == '[' ? "[]:.0123456789abcdefABCDEF" : ".0123456789", host[i]))
            return true;
    return n >= 64 || n > strlen(host);
}

static void check_refused(const struct control_ask *ask, unsigned status, const json_t *answer)
{
    unsigned route = right_status(ask);

    FUZZ_CHECK(status == 400 || status == 403 || status == 404 || status == 405 || status == 413 || status == 422 ||
               status == 503);
    FUZZ_CHECK((status == 403) == (ask->origin || is_foreign(ask->host)));
    FUZZ_CHECK((status != 404 && status != 405) || status == route);
    FUZZ_CHECK((unsigned)json_integer_value(json_object_get(answer, "status")) == status);
    FUZZ_CHECK(json_string_length(json_object_get(answer, "detail")) > 0);
}

static void request(struct play *p)
{
    static const char *const verbs[] = {"GET", "POST", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "get"};
    static const char *const paths[] = {"/fault", "/opts", "/state",  "/log",     "/clear",
                                        "/lints", "/",     "/fault/", "/account", "/accounts"};
    static const char *const sinces[] = {NULL, "0", "3", "18446744073709551615", "-1", "99999999999999999999", "x", ""};
    static const char *const hosts[] = {"localhost", "127.0.0.1:4010", "[::1]:1", "evil.example", "[", "LOCALHOST:x"};
    uint8_t how = feed_u8(&p->f);
    struct control_ask ask = {.method = verbs[how & 7], .origin = how >= 0xf0 ? "https://app.example" : NULL};
    const struct centres_options options = p->d.s.options;
    int64_t skew = p->d.s.world.skew_us;
    bool is_silent = p->d.s.world.is_silent;
    unsigned rules = p->d.s.inject.n;
    json_t *answer;
    size_t n;

    char *path = choose(p, paths, sizeof(paths) / sizeof(*paths));
    char *since = choose(p, sinces, sizeof(sinces) / sizeof(*sinces));
    char *host = how & 0x40 ? choose(p, hosts, sizeof(hosts) / sizeof(*hosts)) : NULL;
    const uint8_t *bytes = feed_take(&p->f, feed_u16(&p->f) & 0x3ff, &n);
    size_t pad = (how & 0x18) == 0x18 ? TOO_LARGE : 0;
    char *body = calloc(1, n + pad + 1);
    FUZZ_CHECK(body && path);
    memcpy(body, bytes, n);
    memset(body + n, ' ', pad);
    ask.path = path;
    ask.since = since;
    ask.host = host;
    ask.body = body;
    ask.len = n + pad;
    ask.split = how & 0x20 ? n / 2 : ask.len;
    unsigned status = control_port_ask(&p->d, &ask, &answer);
    if (status == 200) {
        FUZZ_CHECK(right_status(&ask) == 0 && !pad);
        check_done(p, &ask, answer);
    } else {
        check_refused(&ask, status, answer);
        FUZZ_CHECK(p->d.s.inject.n == rules && p->d.s.world.skew_us == skew && p->d.s.world.is_silent == is_silent);
        FUZZ_CHECK(memcmp(&options, &p->d.s.options, sizeof(options)) == 0);
    }
    json_decref(answer);
    free(path);
    free(since);
    free(host);
    free(body);
}

/* A million users in an answer are a second's work. */
static void soften(struct play *p)
{
    const json_t *rule = inject_find(&p->d.s.inject, "large", NULL);

    for (unsigned i = 0; i < p->d.s.inject.n; i++) {
        rule = p->d.s.inject.rules[i];
        if (strcmp(json_get_text(rule, "type"), "large") == 0 && json_get_long(rule, "n") > LARGE_MAX)
            json_object_set_new((json_t *)rule, "n", json_integer(LARGE_MAX));
    }
}

static void query(struct play *p)
{
    struct auth *a = client_auth(&p->c);
    struct mt_message m = {0};
    struct buf body;

    soften(p);
    buf_init(&body, 1 << 20);
    struct tl_maker maker = {.schema = fuzz_schema(1),
                             .f = &p->f,
                             .out = &body,
                             .w = &p->d.s.world,
                             .account = keys_account(&p->d.s.keys, a)};
    if (!a->schema)
        tl_make_init(&maker, 229);
    tl_make_call(&maker, tl_make_served(&maker));
    if (!buf_err(&body)) {
        client_number(&p->c, &m, true);
        m.body = body.data;
        m.len = body.len;
        client_send(&p->c, &m, &p->c, 1);
    }
    buf_fini(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct play p;

    fuzz_begin();
    memset(&p, 0, sizeof(p));
    p.f = (struct feed){data, data + len};
    p.lies = ULONG_MAX / 2;
    dc_init(&p.d, 1);
    control_port_open(&p.d);
    client_init(&p.c, &p.d, 0, 1, 1, false, &p.lies);
    dc_log_in(&p.d, client_auth(&p.c), DC_ALICE);
    for (unsigned i = 0; i < STEPS_MAX && feed_left(&p.f); i++) {
        switch (feed_u8(&p.f) & 7) {
        case 6:
            query(&p);
            break;
        case 7:
            query(&p);
            dc_strike(&p.d);
            client_hear(&p.c);
            break;
        default:
            request(&p);
        }
        dc_check(&p.d);
    }
    client_fini(&p.c);
    control_port_close();
    dc_fini(&p.d);
    return 0;
}
