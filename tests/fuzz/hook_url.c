/* URLs of webhooks: what is taken has a host that no lax reader of numbers takes for an address that is not allowed;
 * what is refused is so with a reason that can be shown. And the words of what is allowed. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "daemon/base/utf8.h"
#include "daemon/hook/url_judge.h"
#include "tests/fuzz/fuzz.h"

static const struct hook_allow usual = {.loopback = true, .public_ = true};

/* By a reader of this file's own: between "//" and what ends an authority, without a port. */
static void check_host(const char *url)
{
    const char *host = strstr(url, "//") + 2;
    size_t len = strcspn(host, "/?#");
    char name[256] = "";
    struct sockaddr_in v4 = {.sin_family = AF_INET};

    FUZZ_CHECK(!memchr(host, '@', len) && !memchr(host, '%', len));
    if (host[0] == '[' || len >= sizeof(name))
        return;
    memcpy(name, host, strcspn(host, ":/?#") < len ? strcspn(host, ":/?#") : len);
    FUZZ_CHECK(name[0] != '\0');
    /* inet_aton() takes octal, hexadecimal and short forms. */
    if (inet_aton(name, &v4.sin_addr)) {
        struct in_addr strict;
        FUZZ_CHECK(inet_pton(AF_INET, name, &strict) == 1 && strict.s_addr == v4.sin_addr.s_addr);
        FUZZ_CHECK(hook_is_allowed(&usual, (const struct sockaddr *)(const void *)&v4));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct hook_allow allow = {0};
    struct fault fault = {0};

    fuzz_begin();
    char *text = feed_text(&f);
    int err = hook_url_judge(text, &usual, &fault);
    if (!err) {
        FUZZ_CHECK(strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0);
        for (const char *p = text; *p; p++)
            FUZZ_CHECK(*p > ' ' && *p < 0x7f);
        check_host(text);
    } else {
        FUZZ_CHECK(err == TGC_EINVAL && fault.text[0] != '\0' && utf8_is_valid(fault.text, strlen(fault.text)));
    }
    fault = (struct fault){0};
    if (hook_allow_add(&allow, text, &fault) != 0)
        FUZZ_CHECK(fault.err == TGC_EINVAL && fault.text[0] != '\0');
    free(text);
    return 0;
}
