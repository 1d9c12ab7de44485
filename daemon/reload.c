#include "daemon/reload.h"

#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tls_clients.h"
#include "daemon/tls_files.h"

static void tell_changes(const struct settings *now, const struct settings *fresh)
{
    struct text_list changes = {0};

    if (settings_changes(now, fresh, &changes) != 0)
        log_error("main", "SIGHUP: out of memory");
    for (size_t i = 0; i < changes.n; i++)
        if (strncmp(changes.items[i], "[log]", 5) != 0)
            log_warning("main", "SIGHUP: %s has changed: restart to apply it", changes.items[i]);
    text_list_fini(&changes);
}

void reload(const struct options *options, const struct settings *now, const struct passed *passed, struct api *api)
{
    struct settings fresh = {0};
    struct settings_report report = {0};
    int tls_err = tls_files_read(api, now, passed);
    int err = settings_load(options, &fresh, &report);

    for (size_t i = 0; i < report.errors.n; i++)
        log_error("main", "SIGHUP: %s", report.errors.items[i]);
    settings_report_fini(&report);
    if (tls_err)
        log_error("main", "SIGHUP: connections go on with the certificate that was there");
    if (err) {
        log_error("main", "SIGHUP: the configuration stays as it was");
        return;
    }
    if (tls_clients_apply(api, &fresh) != 0)
        log_error("main", "SIGHUP: the clients stay as they were");
    log_setup((enum log_level)fresh.log_level, (enum log_format)fresh.log_format);
    tell_changes(now, &fresh);
    log_notice("main", "SIGHUP: the configuration was read again");
    settings_fini(&fresh);
}
