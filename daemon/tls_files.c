#include "daemon/tls_files.h"

#include <time.h>

#include "daemon/base/log.h"

/* How long before its end a certificate is mentioned: who renews by a machine does it a month before. */
enum { END_NEAR_S = 14 * 24 * 3600 };

static void tell_end(const char *certificate, int64_t end)
{
    int64_t left = end - (int64_t)time(NULL);
    char date[32] = "";
    time_t at = (time_t)end;
    struct tm tm;

    if (gmtime_r(&at, &tm))
        strftime(date, sizeof(date), "%Y-%m-%d", &tm);
    if (left <= 0)
        log_error("main", "%s has been no good since %s: renew it, and send SIGHUP", certificate, date);
    else if (left < END_NEAR_S)
        log_warning("main", "%s is good until %s: renew it, and send SIGHUP", certificate, date);
}

bool tls_files_are_needed(const struct settings *s, const struct passed *passed)
{
    bool needs = false;

    if (passed && passed->tcp_n > 0)
        return passed->tls_n > 0;
    for (size_t i = 0; i < s->listen_n; i++)
        needs = needs || s->listen[i].tls;
    return needs;
}

struct api_tls_files tls_files_of(const struct settings *s)
{
    return (struct api_tls_files){.certificate = s->tls_certificate, .key = s->tls_key, .client_ca = s->tls_client_ca};
}

int tls_files_read(struct api *api, const struct settings *s, const struct passed *passed)
{
    struct fault fault = {0};
    int64_t end = 0;

    if (!tls_files_are_needed(s, passed))
        return 0;
    struct api_tls_files files = tls_files_of(s);
    int err = api_read_tls(api, &files, &end, &fault);
    if (err)
        log_error("main", "https://: %s", fault.text);
    else
        tell_end(s->tls_certificate, end);
    return err;
}
