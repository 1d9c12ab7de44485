#include "daemon/hook/curl_lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static const char file[] = "libcurl.so.4";
static struct curl_lib lib;
static bool is_there;
static char why[160];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool find(void *handle, const char *name, void *ret)
{
    void *at = dlsym(handle, name);

    /* A pointer to a function, which ISO C does not take from one to an object. */
    memcpy(ret, &at, sizeof(at));
    return at != NULL;
}

/* It stays: threads of its resolver may still be in it when the daemon ends. */
static bool load(void)
{
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    bool has_all = handle != NULL;

#define X(name) has_all = has_all && find(handle, "curl_" #name, &lib.name);
    CURL_LIB_FUNCTIONS(X)
#undef X
    if (!has_all) {
        const char *text = dlerror();
        strncpy(why, text ? text : "it is too old", sizeof(why) - 1);
    } else if (lib.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        strncpy(why, "it cannot begin", sizeof(why) - 1);
        has_all = false;
    }
    return has_all;
}

/* Where it was not there it may have been installed since. */
int curl_lib_get(const struct curl_lib **ret, struct fault *fault)
{
    int err = 0;

    pthread_mutex_lock(&lock);
    if (!is_there)
        is_there = load();
    if (is_there)
        *ret = &lib;
    else
        err =
            fault_set(fault, TGC_ESYSTEM,
                      "webhooks need libcurl, and %s cannot be loaded (%s): install it (Debian: apt install libcurl4)",
                      file, why);
    pthread_mutex_unlock(&lock);
    return err;
}
