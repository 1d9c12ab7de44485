/* The command line of tgcalldctl: its own options, then a command with its words. */
#ifndef TGCALLD_CTL_OPTIONS_H
#define TGCALLD_CTL_OPTIONS_H

#include "daemon/ctl/command.h"
#include "daemon/ctl/door.h"

struct ctl_options {
    struct ctl_door door; /* of the command line's own memory */
    bool as_json;
    const struct ctl_command *command;
    int words_at; /* its words' place in argv */
    struct ctl_words words;
};

/* Those that go with every command. */
extern const struct argp_option ctl_own_options[];

/* --help and --version print and end the process with 0, what cannot be used ends it with 2 after a sentence on stderr.
 * ARGV may be reordered; its words are borrowed. */
void ctl_options_parse(int argc, char **argv, struct ctl_options *ret);

#endif
