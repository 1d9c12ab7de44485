#include "config.h"

#include "daemon/ctl/http.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "daemon/base/address.h"
#include "daemon/base/buf.h"
#include "daemon/base/limits.h"
#include "daemon/ctl/wiped.h"

/* The daemon bounds its own answers (request_timeout); this is for one that hangs. */
enum { CONNECT_MAX_S = 10, ANSWER_MAX_S = 300, URL_SIZE = 2048 };
/* X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT to X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE of OpenSSL's. */
enum { UNKNOWN_FIRST = 18, UNKNOWN_LAST = 21 };

struct ctl_http {
    CURL *curl;
    struct curl_slist *headers;
    char *base;  /* without a '/' at its end */
    char *where; /* as the user knows it: the URL, or the socket's path */
    struct ctl_tls tls;
    bool is_tls;
    char error[CURL_ERROR_SIZE];
};

static int add_header(struct ctl_http *h, const char *text)
{
    struct curl_slist *more = curl_slist_append(h->headers, text);

    if (!more)
        return TGC_ENOMEM;
    h->headers = more;
    return 0;
}

static int add_headers(struct ctl_http *h, const char *token)
{
    struct buf text;
    int err;

    /* A short body is sent at once, not after a 100. */
    if (add_header(h, "Content-Type: application/json") || add_header(h, "Accept: application/json") ||
        add_header(h, "Expect:"))
        return TGC_ENOMEM;
    if (!token)
        return 0;
    buf_init(&text, LIMIT_JSON_TEXT);
    buf_room(&text, strlen(token) + 32);
    buf_printf(&text, "Authorization: Bearer %s", token);
    const char *line = buf_text(&text);
    err = line ? add_header(h, line) : TGC_ENOMEM;
    buf_fini_secret(&text);
    return err;
}

static int set_up(struct ctl_http *h, const char *unix_path)
{
    CURLcode bad = 0;

    bad |= curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, h->error);
    bad |= curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(h->curl, CURLOPT_PROXY, "");
    bad |= curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    bad |= curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_MAX_S);
    bad |= curl_easy_setopt(h->curl, CURLOPT_TIMEOUT, (long)ANSWER_MAX_S);
    bad |= curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "tgcalldctl/" PACKAGE_VERSION);
    bad |= curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, h->headers);
    if (unix_path)
        bad |= curl_easy_setopt(h->curl, CURLOPT_UNIX_SOCKET_PATH, unix_path);
    return bad ? TGC_ENOMEM : 0;
}

static int set_up_tls(struct ctl_http *h)
{
    CURLcode bad = 0;

    /* Those alone: the system's are for what everyone may ask. */
    if (h->tls.authorities) {
        bad |= curl_easy_setopt(h->curl, CURLOPT_CAINFO, h->tls.authorities);
        bad |= curl_easy_setopt(h->curl, CURLOPT_CAPATH, NULL);
    }
    if (h->tls.certificate) {
        bad |= curl_easy_setopt(h->curl, CURLOPT_SSLCERT, h->tls.certificate);
        bad |= curl_easy_setopt(h->curl, CURLOPT_SSLKEY, h->tls.key ? h->tls.key : h->tls.certificate);
        /* OpenSSL would ask at the terminal, whoever is there. */
        bad |= curl_easy_setopt(h->curl, CURLOPT_KEYPASSWD, "");
    }
    return bad ? TGC_ENOMEM : 0;
}

struct road {
    bool is_known, is_tls, is_here;
};

/* Where URL leads: by libcurl's own reading, so that no odd spelling of it goes elsewhere. */
static struct road road_of(const char *url)
{
    CURLU *parts = curl_url();
    char *scheme = NULL, *host = NULL, text[URL_SIZE];
    struct road road = {0};
    struct address a;

    if (parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        snprintf(text, sizeof(text), "%s:1", host);
        road = (struct road){.is_known = true,
                             .is_tls = strcmp(scheme, "https") == 0,
                             .is_here = address_from_text(text, false, &a, NULL) == 0 && a.loopback};
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(parts);
    return road;
}

int ctl_http_new(const char *url, const char *unix_path, const char *token, const struct ctl_tls *tls,
                 struct ctl_http **ret)
{
    struct ctl_http *h = calloc(1, sizeof(*h));

    if (!h)
        return TGC_ENOMEM;
    h->curl = curl_easy_init();
    h->base = strdup(url ? url : "http://localhost");
    h->where = strdup(url ? url : unix_path);
    h->tls = *tls;
    h->is_tls = url && road_of(url).is_tls;
    if (!h->curl || !h->base || !h->where || add_headers(h, token) != 0 || set_up(h, url ? NULL : unix_path) != 0 ||
        set_up_tls(h) != 0) {
        ctl_http_free(h);
        return TGC_ENOMEM;
    }
    for (size_t n = strlen(h->base); n > 0 && h->base[n - 1] == '/'; n--)
        h->base[n - 1] = '\0';
    *ret = h;
    return 0;
}

bool ctl_http_is_here(const char *url)
{
    return road_of(url).is_here;
}

int ctl_http_check(const char *url, bool insecure, struct fault *fault)
{
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return fault_set(fault, TGC_EINVAL, "--url: '%s' does not begin with http:// or https://", url);
    const char *host = url + (url[4] == 's' ? 8 : 7);
    /* With a path behind it, it would: of "http://" and "/v1/calls" libcurl makes a request to the host v1. */
    if (!host[strspn(host, "/")])
        return fault_set(fault, TGC_EINVAL, "--url: '%s' names no host", url);
    struct road road = road_of(url);
    /* What libcurl cannot read it does not go to. */
    if (!insecure && road.is_known && !road.is_tls && !road.is_here)
        return fault_set(fault, TGC_EINVAL,
                         "--url: '%s' is not on loopback, and without TLS everyone on the way reads the token: use "
                         "https://, or say --insecure",
                         url);
    return 0;
}

void ctl_http_free(struct ctl_http *h)
{
    if (!h)
        return;
    curl_easy_cleanup(h->curl);
    curl_slist_free_all(h->headers);
    free(h->base);
    free(h->where);
    free(h);
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    /* Anything else than the count ends the transfer. */
    return buf_put(ctx, data, size * n) == 0 ? size * n : 0;
}

static int set_request(struct ctl_http *h, CURL *curl, const char *method, const char *path, const char *body,
                       struct buf *answer)
{
    char url[URL_SIZE];
    CURLcode bad = 0;

    if ((size_t)snprintf(url, sizeof(url), "%s%s", h->base, path) >= sizeof(url))
        return TGC_ELIMIT;
    bad |= curl_easy_setopt(curl, CURLOPT_URL, url);
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (body) {
        bad |= curl_easy_setopt(curl, CURLOPT_POST, 1L);
        bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
        bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    } else {
        bad |= curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    bad |= curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    return bad ? TGC_ENOMEM : 0;
}

/* Of X509_verify_cert(): nobody who is believed vouches for it. */
static bool is_unknown_authority(CURL *curl)
{
    long result = 0;

    curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &result);
    return result >= UNKNOWN_FIRST && result <= UNKNOWN_LAST;
}

static int judge_certificate(const struct ctl_http *h, CURL *curl, const char *why, struct fault *fault)
{
    if (!is_unknown_authority(curl))
        return fault_set(fault, TGC_ECLOSED, "the certificate of %s does not hold: %s", h->where, why);
    if (h->tls.authorities)
        return fault_set(fault, TGC_ECLOSED, "the certificate of %s is of no authority in %s (--cacert)", h->where,
                         h->tls.authorities);
    return fault_set(fault, TGC_ECLOSED,
                     "the certificate of %s is of no authority that is known here: name the file of its authority, or "
                     "the certificate itself, by --cacert",
                     h->where);
}

/* By TLS 1.3 a client whose certificate is refused hears so where it waits for its answer, or only that the connection
 * has ended. */
static bool is_refusal(const struct ctl_http *h, CURLcode code, const char *why)
{
    bool is_end = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_SSL_CONNECT_ERROR;

    return h->is_tls && is_end && strstr(why, " alert ");
}

static int judge_refusal(const struct ctl_http *h, const char *why, struct fault *fault)
{
    const char *alert = strstr(why, " alert ");

    return fault_set(fault, TGC_ECLOSED,
                     h->tls.certificate ? "the daemon at %s does not take the certificate (--cert): %s"
                                        : "the daemon at %s wants a certificate of who asks, by --cert and --key: %s",
                     h->where, alert ? alert + 1 : why);
}

/* IS_CHANGE: it was more than a question. */
static int judge(const struct ctl_http *h, CURL *curl, CURLcode code, bool is_change, struct fault *fault)
{
    const char *why = h->error[0] ? h->error : curl_easy_strerror(code);
    long failed = 0, sent = 0;

    curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent);
    const char *unknown = is_change && sent > 0 ? ", and it may have been done" : "";
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &failed);
        return fault_set(fault, TGC_ECLOSED, "no daemon answers at %s: %s", h->where,
                         failed ? strerror((int)failed) : why);
    case CURLE_OPERATION_TIMEDOUT:
        return fault_set(fault, TGC_ETIMEOUT, "the daemon at %s does not answer%s: %s", h->where, unknown, why);
    case CURLE_PEER_FAILED_VERIFICATION:
        return judge_certificate(h, curl, why, fault);
    case CURLE_SSL_CACERT_BADFILE:
        return fault_set(fault, TGC_ECLOSED, "--cacert: no certificate in PEM can be used of %s",
                         h->tls.authorities ? h->tls.authorities : "the system's file");
    case CURLE_SSL_CERTPROBLEM:
        return fault_set(fault, TGC_ECLOSED,
                         "--cert, --key: they are no certificate in PEM and its key without a "
                         "passphrase: %s",
                         why);
    case CURLE_WRITE_ERROR:
        return fault_set(fault, TGC_EPROTO, "the answer is longer than any of a daemon%s", unknown);
    case CURLE_OUT_OF_MEMORY:
        return fault_set(fault, TGC_ENOMEM, "out of memory%s", unknown);
    default:
        if (is_refusal(h, code, why))
            return judge_refusal(h, why, fault);
        if (sent == 0)
            return fault_set(fault, TGC_ECLOSED, "no daemon can be asked at %s: %s", h->where, why);
        return fault_set(fault, TGC_ECLOSED, "the connection ended before an answer came%s: %s%s", unknown, why,
                         h->is_tls && !h->tls.certificate ? " (a daemon may end it so that wants a certificate: --cert)"
                                                          : "");
    }
}

static int read_answer(CURL *curl, const struct buf *text, struct ctl_answer *ret, struct fault *fault)
{
    long status = 0;
    json_error_t error;

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    bool is_success = status >= 200 && status <= 299;
    json_t *json = json_loadb((const char *)text->data, text->len, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    /* A method may answer anything. */
    if (!(is_success ? json || (status == 204 && text->len == 0) : json_is_object(json))) {
        json_decref(json);
        return fault_set(fault, TGC_EPROTO, "what answers there is no tgcalld: HTTP %ld without JSON", status);
    }
    *ret = (struct ctl_answer){(int)status, json};
    return 0;
}

/* Of what it has sent a handle keeps a part in its buffers: after a body it goes at once. */
static CURL *take_handle(const struct ctl_http *h, bool has_body)
{
    return has_body ? curl_easy_duphandle(h->curl) : h->curl;
}

/* The headers of each request, and PREFER in front. NULL: no memory. */
static struct curl_slist *prefer_header(const char *prefer, struct curl_slist *rest)
{
    char text[128];

    snprintf(text, sizeof(text), "Prefer: %s", prefer);
    struct curl_slist *first = curl_slist_append(NULL, text);
    if (first)
        first->next = rest;
    return first;
}

int ctl_http_ask(struct ctl_http *h, const char *method, const char *path, const json_t *body, const char *prefer,
                 struct ctl_answer *ret, struct fault *fault)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    CURL *curl = take_handle(h, body != NULL);
    struct curl_slist *preferred = prefer ? prefer_header(prefer, h->headers) : NULL;
    struct buf answer;
    int err = (body && !text) || !curl || (prefer && !preferred) ? TGC_ENOMEM : 0;

    buf_init(&answer, LIMIT_JSON_TEXT);
    h->error[0] = '\0';
    if (!err)
        err = set_request(h, curl, method, path, text, &answer);
    if (!err && preferred && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, preferred) != CURLE_OK)
        err = TGC_ENOMEM;
    if (err == TGC_ELIMIT) {
        fault_set(fault, err, "the URL and what is asked for there are longer than any request");
    } else if (err) {
        fault_set(fault, err, "the request cannot be made: %s", tgc_err_text(err));
    } else {
        CURLcode code = curl_easy_perform(curl);
        err = code == CURLE_OK ? read_answer(curl, &answer, ret, fault)
                               : judge(h, curl, code, strcmp(method, "GET") != 0, fault);
    }
    if (curl != h->curl)
        curl_easy_cleanup(curl);
    else if (preferred)
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, h->headers);
    if (preferred)
        preferred->next = NULL;
    curl_slist_free_all(preferred);
    buf_fini_secret(&answer);
    wiped_free(text);
    return err;
}
