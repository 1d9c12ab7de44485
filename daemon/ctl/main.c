/* tgcalldctl */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/secret.h"
#include "daemon/ctl/door.h"
#include "daemon/ctl/options.h"
#include "daemon/ctl/say.h"
#include "daemon/ctl/wiped.h"

int main(int argc, char **argv)
{
    struct ctl_options options;
    struct ctl ctl = {0};
    struct fault fault = {0};

    setlocale(LC_CTYPE, "");
    secret_harden_process();
    if (wiped_begin() != 0) {
        say_fault("out of memory");
        return CTL_REFUSED;
    }
    ctl_options_parse(argc, argv, &options);
    const struct ctl_verb *verb = options.words.verb;
    int err = verb && verb->is_local ? 0 : door_open(&options.door, &ctl.http, &fault);
    if (err == TGC_ECLOSED && verb && verb->may_lack_daemon) {
        ctl.absent = fault.text;
    } else if (err) {
        say_fault("%s", fault.text);
        return err == TGC_ECLOSED ? CTL_NO_DAEMON : err == TGC_ENOMEM ? CTL_REFUSED : CTL_USAGE;
    }
    ctl.as_json = options.as_json;
    ctl.is_elsewhere = options.door.url && !ctl_http_is_here(options.door.url);
    ctl.is_asked = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    ctl.is_table = isatty(STDOUT_FILENO);
    enum ctl_exit e = verb ? ctl_verb_run(&ctl, &options.words) : options.command->run(&ctl, &options.words);
    ctl_http_free(ctl.http);
    /* A result that did not come through is none. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        say_fault("the result cannot be written: %s", strerror(errno));
        return e ? e : CTL_REFUSED;
    }
    return e;
}
