#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>
#include <systemd/sd-journal.h>

#include "config/options.h"
#include "config/settings.h"
#include "daemon/app.h"
#include "daemon/base/log.h"
#include "daemon/base/secret.h"
#include "daemon/bridge/json_memory.h"
#include "daemon/descriptors.h"

/* On a terminal as any program says it; in the journal with its priority. */
static void say(enum log_level level, const char *text)
{
    if (log_stderr_is_journal())
        log_write(level, "main", "%s", text);
    else
        fprintf(stderr, "tgcalld: %s%s\n", level == LOG_LEVEL_WARNING ? "warning: " : "", text);
}

static int run_daemon(const struct options *options)
{
    struct settings settings = {0};
    struct settings_report report = {0};
    struct fault fault = {0};
    int status;

    /* Before any file is read: what cannot be opened now is no fault of the configuration. */
    if (descriptors_have(DESCRIPTORS_OWN, &fault) != 0) {
        say(LOG_LEVEL_ERROR, fault.text);
        return 1;
    }
    int err = settings_load(options, &settings, &report);

    for (size_t i = 0; i < report.warnings.n; i++)
        say(LOG_LEVEL_WARNING, report.warnings.items[i]);
    for (size_t i = 0; i < report.errors.n; i++)
        say(LOG_LEVEL_ERROR, report.errors.items[i]);
    settings_report_fini(&report);
    if (err) {
        if (err == TGC_ENOMEM)
            say(LOG_LEVEL_ERROR, "out of memory");
        return EXIT_CONFIG;
    }
    if (options->run == OPTIONS_CHECK_CONFIG) {
        status = app_check(&settings);
    } else {
        log_setup((enum log_level)settings.log_level, (enum log_format)settings.log_format);
        status = app_run(options, &settings);
    }
    settings_fini(&settings);
    return status;
}

/* Under systemd stderr is a stream into the journal; beside it is the socket that takes fields. Where that is not to be
 * had, sd_journal_sendv() says nothing and drops the event, so it is looked for first. */
static void set_up_log(void)
{
    struct stat st;

    if (!log_stderr_is_journal())
        return;
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JOURNAL);
    if (fstat(STDERR_FILENO, &st) == 0 && S_ISSOCK(st.st_mode) && access("/run/systemd/journal/socket", W_OK) == 0)
        log_setup_journal(sd_journal_sendv);
}

/* A descriptor from 0 to 2 that is free would become a socket's, and the log would be written there. */
static int keep_standard_files(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd < 0)
        return TGC_ESYSTEM;
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int status;

    if (keep_standard_files() != 0)
        return 1;
    set_up_log();
    if (options_parse(argc, argv, &options) != 0 || sodium_init() < 0) {
        fprintf(stderr, "tgcalld: cannot start: out of memory\n");
        return 1;
    }
    secret_harden_process();
    json_memory_wipe();
    status = options.run == OPTIONS_SANDBOX       ? app_run_sandbox(&options)
             : options.run == OPTIONS_TOKEN_RESET ? app_reset_token(&options)
             : options.run == OPTIONS_BACKUP      ? app_back_up(&options)
             : options.run == OPTIONS_SEAL_ROTATE ? app_rotate_seal(&options)
                                                  : run_daemon(&options);
    options_fini(&options);
    return status;
}
