/* HTTP to one daemon, one request at a time (libcurl). */
#ifndef TGCALLD_CTL_HTTP_H
#define TGCALLD_CTL_HTTP_H

#include <stdbool.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

struct ctl_http;

/* Files in PEM for https://; NULL: none. */
struct ctl_tls {
    const char *authorities; /* that the daemon is believed by; NULL: the system's */
    const char *certificate; /* that is shown */
    const char *key;         /* its; NULL: in the same file */
};

struct ctl_answer {
    int status;
    json_t *json; /* the body; owned by whoever asked; NULL with 204 */
};

/* Whether URL may be asked with a token: it begins with http:// or https://, and without TLS it is on loopback, unless
 * INSECURE. TGC_EINVAL with a sentence. */
int ctl_http_check(const char *url, bool insecure, struct fault *fault) TGC_MUST;
/* Whether URL is on loopback: of this machine, as far as it says. */
bool ctl_http_is_here(const char *url);

/* To "http://…" or "https://…" by URL, or to the Unix socket UNIX_PATH where URL is NULL. TOKEN (may be NULL) is sent
 * as the bearer. All are copied but what TLS has, which is borrowed. No proxy of the environment is used: it is not
 * meant for this. TGC_ENOMEM. */
int ctl_http_new(const char *url, const char *unix_path, const char *token, const struct ctl_tls *tls,
                 struct ctl_http **ret) TGC_MUST;
void ctl_http_free(struct ctl_http *h);

/* BODY is borrowed; NULL: none. PREFER (may be NULL) is a header. TGC_ECLOSED: nobody is there, or went away before he
 * had answered; TGC_EPROTO: whoever answered is no tgcalld; TGC_ETIMEOUT; TGC_ELIMIT: the URL and PATH are longer than
 * any request; TGC_ENOMEM. FAULT has a sentence. */
int ctl_http_ask(struct ctl_http *h, const char *method, const char *path, const json_t *body, const char *prefer,
                 struct ctl_answer *ret, struct fault *fault) TGC_MUST;

#endif
