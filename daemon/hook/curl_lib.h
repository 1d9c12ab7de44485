/* libcurl, loaded when the first webhook needs it: a daemon without webhooks does without its memory. Any thread. */
#ifndef TGCALLD_HOOK_CURL_LIB_H
#define TGCALLD_HOOK_CURL_LIB_H

#include <curl/curl.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

#define CURL_LIB_FUNCTIONS(X)                                                                                          \
    X(easy_init)                                                                                                       \
    X(easy_cleanup)                                                                                                    \
    X(easy_getinfo)                                                                                                    \
    X(easy_reset)                                                                                                      \
    X(easy_setopt)                                                                                                     \
    X(easy_strerror)                                                                                                   \
    X(free)                                                                                                            \
    X(global_init)                                                                                                     \
    X(multi_add_handle)                                                                                                \
    X(multi_cleanup)                                                                                                   \
    X(multi_info_read)                                                                                                 \
    X(multi_init)                                                                                                      \
    X(multi_perform)                                                                                                   \
    X(multi_poll)                                                                                                      \
    X(multi_remove_handle)                                                                                             \
    X(multi_setopt)                                                                                                    \
    X(slist_append)                                                                                                    \
    X(slist_free_all)                                                                                                  \
    X(url)                                                                                                             \
    X(url_cleanup)                                                                                                     \
    X(url_get)                                                                                                         \
    X(url_set)

struct curl_lib {
#define X(name) __typeof__(&(curl_##name)) name;
    CURL_LIB_FUNCTIONS(X)
#undef X
};

/* *RET is there for the process's life. TGC_ESYSTEM with a sentence that names what to install. */
int curl_lib_get(const struct curl_lib **ret, struct fault *fault) TGC_MUST;

#endif
