#include "daemon/hook/url_judge.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "daemon/base/limits.h"
#include "daemon/hook/curl_lib.h"

struct judged {
    const struct curl_lib *curl;
    CURLU *url;
    struct fault *fault;
};

static int has(struct judged *j, CURLUPart part, const char *what)
{
    char *text = NULL;
    CURLUcode found = j->curl->url_get(j->url, part, &text, 0);

    j->curl->free(text);
    if (found == CURLUE_OUT_OF_MEMORY)
        return fault_set(j->fault, TGC_ENOMEM, "out of memory");
    return found == CURLUE_OK ? fault_set(j->fault, TGC_EINVAL, "A webhook's URL has no %s", what) : 0;
}

/* libcurl takes other numbers of slashes too. */
static bool has_scheme(const char *url)
{
    size_t n = strncasecmp(url, "https://", 8) == 0 ? 8 : strncasecmp(url, "http://", 7) == 0 ? 7 : 0;

    return n && url[n] != '/';
}

/* Names end with a label that has a letter (RFC 1123 §2.1); what does not, and is no IPv4 address as people write it,
 * is one to some resolvers: 2130706433, 0x7f.1, 017700000001, 127.1. */
static bool is_odd_number(const char *host)
{
    size_t len = strlen(host);

    while (len && host[len - 1] == '.')
        len--;
    size_t last = len;
    while (last && host[last - 1] != '.')
        last--;
    if (last == len)
        return true;
    const char *label = host + last;
    size_t n = len - last;
    if (strspn(label, "0123456789") >= n)
        return true;
    return n >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X') &&
           2 + strspn(label + 2, "0123456789abcdefABCDEF") >= n;
}

static bool is_name(const char *host)
{
    for (; *host; host++)
        if ((unsigned char)*host <= ' ' || (unsigned char)*host >= 0x7f || strchr("%\\\"<>^`{|}", *host))
            return false;
    return true;
}

/* Whether HOST is as it was written: libcurl makes the usual form of odd ones. */
static bool is_written(const char *url, const char *host)
{
    const char *at = strstr(url, "://") + 3;
    size_t n = strlen(host);

    return strncasecmp(at, host, n) == 0 && strchr(":/?", at[n]);
}

static int judge_host(struct judged *j, const char *host, const char *written, const struct hook_allow *allow)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const struct sockaddr *address = NULL;
    char bare[INET6_ADDRSTRLEN];
    size_t len = strlen(host);

    if (host[0] == '[') {
        if (len - 2 >= sizeof(bare))
            return fault_set(j->fault, TGC_EINVAL, "The URL's host is no address");
        memcpy(bare, host + 1, len - 2);
        bare[len - 2] = '\0';
        if (inet_pton(AF_INET6, bare, &v6.sin6_addr) != 1)
            return fault_set(j->fault, TGC_EINVAL, "The URL's host is no IPv6 address");
        address = (const struct sockaddr *)&v6;
    } else if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
        if (!is_written(written, host))
            return fault_set(j->fault, TGC_EINVAL, "The URL's host is an IPv4 address in an odd form: write %s", host);
        address = (const struct sockaddr *)&v4;
    } else if (is_odd_number(host)) {
        return fault_set(j->fault, TGC_EINVAL, "The URL's host is neither a name nor an address");
    } else if (!is_name(host) || !is_written(written, host)) {
        return fault_set(j->fault, TGC_EINVAL, "The URL's host has letters that no name has: write it as xn--…");
    }
    if (address && !hook_is_allowed(allow, address))
        return fault_set(j->fault, TGC_EINVAL, "%s may not be sent to: the setting [webhooks] allow does not have it",
                         host);
    return 0;
}

static int judge_place(struct judged *j, const char *written, const struct hook_allow *allow)
{
    char *host = NULL, *port = NULL;
    int err = 0;

    if (j->curl->url_get(j->url, CURLUPART_HOST, &host, 0) != CURLUE_OK || !host[0])
        err = fault_set(j->fault, TGC_EINVAL, "The URL has no host");
    if (!err && j->curl->url_get(j->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
        strcmp(port, "0") == 0)
        err = fault_set(j->fault, TGC_EINVAL, "The URL's port is from 1 to 65535");
    if (!err)
        err = judge_host(j, host, written, allow);
    j->curl->free(host);
    j->curl->free(port);
    return err;
}

int hook_url_judge(const char *url, const struct hook_allow *allow, struct fault *fault)
{
    struct judged j = {.fault = fault};

    for (const char *p = url; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || *p == '\\')
            return fault_set(fault, TGC_EINVAL, "The URL has a character that is to be written as %%%02X",
                             (unsigned char)*p);
    if (strlen(url) > LIMIT_HOOK_URL)
        return fault_set(fault, TGC_EINVAL, "The URL is longer than %d bytes", LIMIT_HOOK_URL);
    if (!has_scheme(url))
        return fault_set(fault, TGC_EINVAL, "A webhook's URL begins with https:// or http://");
    int err = curl_lib_get(&j.curl, fault);
    if (err)
        return err;
    j.url = j.curl->url();
    if (!j.url)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    CURLUcode got = j.curl->url_set(j.url, CURLUPART_URL, url, 0);
    if (got == CURLUE_OUT_OF_MEMORY)
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    else if (got != CURLUE_OK)
        err = fault_set(fault, TGC_EINVAL, "It is no URL");
    if (!err)
        err = has(&j, CURLUPART_USER, "user: what is secret goes into its path, or is the signature's");
    if (!err)
        err = has(&j, CURLUPART_PASSWORD, "password");
    if (!err)
        err = has(&j, CURLUPART_ZONEID, "zone");
    if (!err)
        err = has(&j, CURLUPART_FRAGMENT, "fragment (#…): it would not be sent");
    if (!err)
        err = judge_place(&j, url, allow);
    j.curl->url_cleanup(j.url);
    return err;
}
