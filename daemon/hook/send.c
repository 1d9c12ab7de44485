#include "daemon/hook/send.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/limits.h"
#include "daemon/base/utf8.h"
#include "daemon/hook/curl_lib.h"

/* One that may be under way; its handle is used again. */
struct send_slot {
    struct hook_sender *sender;
    CURL *easy;
    void *ctx; /* NULL: free */
    uint8_t *body;
    struct curl_slist *headers, *resolve;
    size_t head_n, body_n;
    int64_t begun_us;
    bool has_head;                /* all of it came: what it says counts, however the rest ends */
    char refused[HOOK_ERROR_MAX]; /* an address that was not connected to */
    char error[CURL_ERROR_SIZE];
};

struct hook_sender {
    struct hook_sender_config config;
    const struct curl_lib *curl;
    CURLM *multi;
    struct send_slot slots[LIMIT_HOOKS]; /* of a webhook there is one at a time */
};

/* --- what libcurl asks --- */

static void note_refused(struct send_slot *slot, const struct sockaddr *address)
{
    char text[INET6_ADDRSTRLEN] = "an address";

    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text, sizeof(text));
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text, sizeof(text));
    snprintf(slot->refused, sizeof(slot->refused),
             "%s may not be sent to: the setting [webhooks] allow does not have it", text);
}

static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct send_slot *slot = ctx;

    (void)purpose;
    if (!hook_is_allowed(slot->sender->config.allow, &address->addr)) {
        note_refused(slot, &address->addr);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_head(char *data, size_t size, size_t n, void *ctx)
{
    struct send_slot *slot = ctx;
    long status = 0;

    slot->head_n += size * n;
    if (slot->head_n > LIMIT_HOOK_ANSWER)
        return 0;
    if (size * n <= 2 && (data[0] == '\r' || data[0] == '\n') &&
        slot->sender->curl->easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        slot->has_head = status >= 200;
    return size * n;
}

/* Read, since a connection on which something is left cannot be used again. */
static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    struct send_slot *slot = ctx;

    (void)data;
    slot->body_n += size * n;
    return slot->body_n > LIMIT_HOOK_ANSWER ? 0 : size * n;
}

/* --- one letter --- */

static int add_header(struct send_slot *slot, const char *name, const char *value)
{
    char line[512];

    snprintf(line, sizeof(line), "%s: %s", name, value);
    struct curl_slist *more = slot->sender->curl->slist_append(slot->headers, line);
    if (!more)
        return TGC_ENOMEM;
    slot->headers = more;
    return 0;
}

static int add_headers(struct send_slot *slot, const struct hook_letter *letter)
{
    char time[24];

    snprintf(time, sizeof(time), "%" PRId64, letter->timestamp);
    int err = add_header(slot, "Content-Type", "application/json");
    if (!err)
        err = add_header(slot, "Expect", "");
    if (!err)
        err = add_header(slot, "webhook-id", letter->id);
    if (!err)
        err = add_header(slot, "webhook-timestamp", time);
    return err ? err : add_header(slot, "webhook-signature", letter->signature);
}

static int set_up(struct send_slot *slot, const struct hook_letter *letter)
{
    const struct hook_sender_config *c = &slot->sender->config;
    const struct curl_lib *curl = slot->sender->curl;
    CURL *e = slot->easy;
    CURLcode bad = 0;

    bad |= curl->easy_setopt(e, CURLOPT_URL, letter->url);
    bad |= curl->easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    bad |= curl->easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    bad |= curl->easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl->easy_setopt(e, CURLOPT_PROXY, "");
    bad |= curl->easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Who stops waits for no resolver. */
    bad |= curl->easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
#endif
    bad |= curl->easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(c->try_ms ? c->try_ms : HOOK_TRY_MS));
    bad |= curl->easy_setopt(e, CURLOPT_USERAGENT, c->user_agent);
    bad |= curl->easy_setopt(e, CURLOPT_HTTPHEADER, slot->headers);
    bad |= curl->easy_setopt(e, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    bad |= curl->easy_setopt(e, CURLOPT_POST, 1L);
    bad |= curl->easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)letter->len);
    bad |= curl->easy_setopt(e, CURLOPT_POSTFIELDS, slot->body);
    bad |= curl->easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    bad |= curl->easy_setopt(e, CURLOPT_OPENSOCKETDATA, slot);
    bad |= curl->easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head);
    bad |= curl->easy_setopt(e, CURLOPT_HEADERDATA, slot);
    bad |= curl->easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    bad |= curl->easy_setopt(e, CURLOPT_WRITEDATA, slot);
    bad |= curl->easy_setopt(e, CURLOPT_ERRORBUFFER, slot->error);
    bad |= curl->easy_setopt(e, CURLOPT_PRIVATE, slot);
    if (slot->resolve)
        bad |= curl->easy_setopt(e, CURLOPT_RESOLVE, slot->resolve);
    if (c->ca_file)
        bad |= curl->easy_setopt(e, CURLOPT_CAINFO, c->ca_file);
    return bad ? TGC_ENOMEM : 0;
}

static void release(struct send_slot *slot)
{
    const struct curl_lib *curl = slot->sender->curl;

    if (slot->easy)
        curl->easy_reset(slot->easy);
    curl->slist_free_all(slot->headers);
    curl->slist_free_all(slot->resolve);
    free(slot->body);
    *slot = (struct send_slot){.sender = slot->sender, .easy = slot->easy};
}

static int begin(struct send_slot *slot, const struct hook_letter *letter, void *ctx)
{
    struct hook_sender *s = slot->sender;

    slot->body = letter->body;
    slot->begun_us = clock_mono_us(s->config.clock);
    if (!slot->easy && !(slot->easy = s->curl->easy_init()))
        return TGC_ENOMEM;
    if (s->config.resolve && !(slot->resolve = s->curl->slist_append(NULL, s->config.resolve)))
        return TGC_ENOMEM;
    if (add_headers(slot, letter) != 0 || set_up(slot, letter) != 0)
        return TGC_ENOMEM;
    if (s->curl->multi_add_handle(s->multi, slot->easy) != CURLM_OK)
        return TGC_ENOMEM;
    slot->ctx = ctx;
    return 0;
}

int hook_sender_post(struct hook_sender *s, const struct hook_letter *letter, void *ctx)
{
    struct send_slot *slot = NULL;

    for (unsigned i = 0; i < LIMIT_HOOKS && !slot; i++)
        if (!s->slots[i].ctx)
            slot = &s->slots[i];
    if (!slot) {
        free(letter->body);
        return TGC_ELIMIT;
    }
    int err = begin(slot, letter, ctx);
    if (err)
        release(slot);
    return err;
}

void hook_sender_give_up(struct hook_sender *s, void *ctx)
{
    for (unsigned i = 0; i < LIMIT_HOOKS; i++)
        if (s->slots[i].ctx == ctx) {
            (void)s->curl->multi_remove_handle(s->multi, s->slots[i].easy);
            release(&s->slots[i]);
        }
}

/* --- how it went --- */

static void say(const struct send_slot *slot, CURLcode code, struct hook_reply *r)
{
    const char *why = slot->error[0] ? slot->error : slot->sender->curl->easy_strerror(code);

    if (r->status >= 300 && r->status < 400)
        snprintf(r->error, sizeof(r->error), "HTTP %d: redirects are not followed", r->status);
    else if (r->status)
        snprintf(r->error, sizeof(r->error), "HTTP %d", r->status);
    else if (slot->refused[0] && code == CURLE_COULDNT_CONNECT)
        snprintf(r->error, sizeof(r->error), "%s", slot->refused);
    else if (slot->head_n > LIMIT_HOOK_ANSWER)
        snprintf(r->error, sizeof(r->error), "the answer's head is longer than %d KiB", LIMIT_HOOK_ANSWER >> 10);
    else if (code == CURLE_OUT_OF_MEMORY) /* which libcurl says of such a line too */
        snprintf(r->error, sizeof(r->error), "out of memory, or a line of the answer's head is longer than 100 KiB");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        snprintf(r->error, sizeof(r->error), "no answer within %g s",
                 (slot->sender->config.try_ms ? slot->sender->config.try_ms : HOOK_TRY_MS) / 1000.0);
    else
        snprintf(r->error, sizeof(r->error), "%.*s", HOOK_ERROR_MAX - 1, why);
    r->error[utf8_cut(r->error, strlen(r->error))] = '\0';
}

static void end(struct send_slot *slot, CURLcode code, struct hook_reply *r)
{
    struct hook_sender *s = slot->sender;
    long status = 0;
    curl_off_t after = 0;

    *r = (struct hook_reply){.ctx = slot->ctx, .took_ms = (clock_mono_us(s->config.clock) - slot->begun_us) / 1000};
    if (slot->has_head && s->curl->easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        r->status = (int)status;
    if (r->status && s->curl->easy_getinfo(slot->easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK && after > 0)
        r->retry_after_s = after;
    if (r->status < 200 || r->status >= 300)
        say(slot, code, r);
    (void)s->curl->multi_remove_handle(s->multi, slot->easy);
    release(slot);
}

bool hook_sender_take(struct hook_sender *s, struct hook_reply *ret)
{
    int left;
    CURLMsg *m;

    while ((m = s->curl->multi_info_read(s->multi, &left))) {
        char *slot = NULL;
        if (m->msg != CURLMSG_DONE || s->curl->easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &slot) != CURLE_OK)
            continue;
        end((struct send_slot *)(void *)slot, m->data.result, ret);
        return true;
    }
    return false;
}

void hook_sender_wait(struct hook_sender *s, int fd, int64_t us)
{
    struct curl_waitfd also = {.fd = fd, .events = CURL_WAIT_POLLIN};
    int64_t ms = us <= 0 ? 0 : us / 1000 + 1;
    int running, n;

    /* What is new is due at once; what ends is taken before the next wait. */
    (void)s->curl->multi_poll(s->multi, &also, 1, ms < INT32_MAX ? (int)ms : INT32_MAX, &n);
    (void)s->curl->multi_perform(s->multi, &running);
}

/* --- the room --- */

int hook_sender_new(const struct hook_sender_config *config, struct hook_sender **ret, struct fault *fault)
{
    const struct curl_lib *curl;
    int err = curl_lib_get(&curl, fault);

    if (err)
        return err;
    struct hook_sender *s = calloc(1, sizeof(*s));
    if (!s)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    s->config = *config;
    s->curl = curl;
    for (unsigned i = 0; i < LIMIT_HOOKS; i++)
        s->slots[i].sender = s;
    s->multi = curl->multi_init();
    if (!s->multi || curl->multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)config->parallel) != CURLM_OK) {
        hook_sender_free(s);
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    *ret = s;
    return 0;
}

void hook_sender_free(struct hook_sender *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < LIMIT_HOOKS; i++) {
        struct send_slot *slot = &s->slots[i];
        if (slot->ctx)
            (void)s->curl->multi_remove_handle(s->multi, slot->easy);
        if (slot->easy)
            s->curl->easy_cleanup(slot->easy);
        slot->easy = NULL;
        release(slot);
    }
    if (s->multi)
        (void)s->curl->multi_cleanup(s->multi);
    free(s);
}
