/* tgcalldctl completion: scripts for shells, of the same tables that the command line is read by. */
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/command.h"
#include "daemon/ctl/options.h"
#include "daemon/ctl/say.h"

/* How a shell is told of a word, with its description. */
typedef void put_word(const char *prefix, const char *name, const char *description);

struct shell {
    const char *name, *begin, *end;
    const char *open, *close; /* around the words of one case */
    put_word *put;
};

static void put_bash(const char *prefix, const char *name, const char *description)
{
    (void)description;
    printf(" %s%s", prefix, name);
}

/* In single quotes: one of these is '\''. */
static void put_zsh(const char *prefix, const char *name, const char *description)
{
    printf(" '%s%s:", prefix, name);
    for (; *description; description++)
        if (*description == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*description);
    putchar('\'');
}

/* What bash's compgen -W is given it expands like a command line: a name that a server or a folder has made up never
 * gets there; and what completes a word is put there as it is, unless it is said to be a file's name. Both find the
 * command and its verb among the words before the one that is completed, and pass on which daemon is meant when they
 * ask it for names. */
static const char bash_begin[] =
    "# bash completion of tgcalldctl, made by 'tgcalldctl completion bash'.\n"
    "_tgcalldctl() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' verb='' found='' i\n"
    "    local -a there=() files=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n"
    "            --unix | --url | --token-file | --cacert | --cert | --key)\n"
    "                there+=(\"${COMP_WORDS[i]}\" \"${COMP_WORDS[i + 1]}\")\n"
    "                ((i++))\n"
    "                ;;\n"
    "            -*) ;;\n"
    "            *) if [ -z \"$command\" ]; then command=${COMP_WORDS[i]}; elif [ -z \"$verb\" ]; then "
    "verb=${COMP_WORDS[i]}; fi ;;\n"
    "        esac\n"
    "    done\n"
    "    case $before in\n"
    "        --unix | --token-file | --cacert | --cert | --key | --from)\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
    "            return\n"
    "            ;;\n"
    "        --account)\n"
    "            found=$(tgcalldctl \"${there[@]}\" accounts 2>/dev/null </dev/null | cut -f 1 | grep -xE "
    "'[a-z0-9_-]+')\n"
    "            mapfile -t COMPREPLY < <(compgen -W \"$found\" -- \"$word\")\n"
    "            return\n"
    "            ;;\n"
    "    esac\n"
    "    case \"$command $verb\" in\n"
    "        'accounts show' | 'accounts remove' | 'login '* | 'logout '*)\n"
    "            found=$(tgcalldctl \"${there[@]}\" accounts 2>/dev/null </dev/null | cut -f 1 | grep -xE "
    "'[a-z0-9_-]+') ;;\n"
    "        'call list' | 'call create' | 'call join-as') ;;\n"
    "        'call '?*) found=$(tgcalldctl \"${there[@]}\" call list 2>/dev/null </dev/null | cut -f 1 | grep -xE "
    "'[0-9-]+') ;;\n"
    "        'schedules create' | 'webhooks create') ;;\n"
    "        'schedules '?* | 'webhooks '?*)\n"
    "            found=$(tgcalldctl \"${there[@]}\" \"$command\" list 2>/dev/null </dev/null | cut -f 1 | grep -xE "
    "'[a-z0-9_-]+') ;;\n"
    "        'schema check' | 'schema diff')\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            mapfile -t files < <(compgen -f -- \"$word\")\n"
    "            ;;\n"
    "        'completion '*) found='bash zsh' ;;\n"
    "    esac\n"
    "    case \"$command $verb\" in\n";
static const char bash_end[] = "    esac\n"
                               "    mapfile -t COMPREPLY < <(compgen -W \"$found\" -- \"$word\")\n"
                               "    COMPREPLY+=(\"${files[@]}\")\n"
                               "}\n"
                               "complete -F _tgcalldctl tgcalldctl\n";

static const char zsh_begin[] =
    "#compdef tgcalldctl\n"
    "# zsh completion of tgcalldctl, made by 'tgcalldctl completion zsh'.\n"
    "_tgcalldctl() {\n"
    "    local command= verb= i\n"
    "    local -a there list found\n"
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        case ${words[i]} in\n"
    "            --unix | --url | --token-file | --cacert | --cert | --key)\n"
    "                there+=(\"${words[i]}\" \"${words[i + 1]}\"); ((i++)) ;;\n"
    "            -*) ;;\n"
    "            *) if [[ -z $command ]]; then command=${words[i]}; elif [[ -z $verb ]]; then verb=${words[i]}; fi ;;\n"
    "        esac\n"
    "    done\n"
    "    case ${words[CURRENT - 1]} in\n"
    "        --unix | --token-file | --cacert | --cert | --key | --from) _files; return ;;\n"
    "        --account)\n"
    "            found=(${(f)\"$(tgcalldctl $there accounts 2>/dev/null </dev/null | cut -f 1)\"})\n"
    "            compadd -- $found\n"
    "            return\n"
    "            ;;\n"
    "    esac\n"
    "    case \"$command $verb\" in\n"
    "        'accounts show' | 'accounts remove' | 'login '* | 'logout '*)\n"
    "            found=(${(f)\"$(tgcalldctl $there accounts 2>/dev/null </dev/null | cut -f 1)\"}) ;;\n"
    "        'call list' | 'call create' | 'call join-as') ;;\n"
    "        'call '?*) found=(${(f)\"$(tgcalldctl $there call list 2>/dev/null </dev/null | cut -f 1)\"}) ;;\n"
    "        'schedules create' | 'webhooks create') ;;\n"
    "        'schedules '?* | 'webhooks '?*)\n"
    "            found=(${(f)\"$(tgcalldctl $there $command list 2>/dev/null </dev/null | cut -f 1)\"}) ;;\n"
    "        'schema check' | 'schema diff') _files ;;\n"
    "        'completion '*) found=(bash zsh) ;;\n"
    "    esac\n"
    "    compadd -- $found\n"
    "    case \"$command $verb\" in\n";
static const char zsh_end[] = "    esac\n"
                              "    _describe -o word list\n"
                              "}\n"
                              "if [[ $funcstack[1] = _tgcalldctl ]]; then\n"
                              "    _tgcalldctl \"$@\"\n"
                              "else\n"
                              "    compdef _tgcalldctl tgcalldctl\n"
                              "fi\n";

static const struct shell shells[] = {
    {"bash", bash_begin, bash_end, "found+=\"", "\"", put_bash},
    {"zsh", zsh_begin, zsh_end, "list=(", " )", put_zsh},
};

static void put_options(const struct shell *s, const struct argp_option *options)
{
    for (; options && (options->name || options->key || options->doc); options++)
        if (options->name && !(options->flags & OPTION_HIDDEN))
            s->put("--", options->name, options->doc ? options->doc : "");
}

/* What goes with every command. */
static void put_own(const struct shell *s)
{
    put_options(s, ctl_own_options);
    s->put("--", "help", "Say more of it");
}

static void put_verb(const struct shell *s, const char *command, const struct ctl_verb *verb, const char *verb_pattern)
{
    printf("        '%s '%s) %s", command, verb_pattern, s->open);
    for (const struct ctl_word *w = verb->words; w && w->name; w++)
        if (w->option)
            s->put("--", w->option, w->help);
    put_own(s);
    printf("%s ;;\n", s->close);
}

static void put_command(const struct shell *s, const struct ctl_command *c)
{
    char pattern[64];

    if (c->verb)
        put_verb(s, c->name, c->verb, "*");
    if (c->argp) {
        printf("        '%s '*) %s", c->name, s->open);
        put_options(s, c->argp->options);
        put_own(s);
        printf("%s ;;\n", s->close);
    }
    if (!c->verbs)
        return;
    printf("        '%s ') %s", c->name, s->open);
    for (const struct ctl_verb *v = c->verbs; v->name; v++)
        s->put("", v->name, v->summary);
    put_own(s);
    printf("%s ;;\n", s->close);
    for (const struct ctl_verb *v = c->verbs; v->name; v++) {
        snprintf(pattern, sizeof(pattern), "'%s'", v->name);
        put_verb(s, c->name, v, pattern);
    }
}

static enum ctl_exit run(const struct ctl *ctl, const struct ctl_words *given)
{
    const char *name = ctl_given(given, "shell");
    const struct shell *s = NULL;

    (void)ctl;
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
        if (strcmp(name, shells[i].name) == 0)
            s = &shells[i];
    if (!s) {
        say_fault("'%s': there is a completion for bash and zsh", name);
        return CTL_USAGE;
    }
    fputs(s->begin, stdout);
    printf("        ' ') %s", s->open);
    for (const struct ctl_command *c = ctl_commands; c->name; c++)
        s->put("", c->name, c->summary);
    put_own(s);
    printf("%s ;;\n", s->close);
    for (const struct ctl_command *c = ctl_commands; c->name; c++)
        put_command(s, c);
    fputs(s->end, stdout);
    return CTL_DONE;
}

static const struct ctl_word words[] = {{.name = "shell", .arg = "SHELL", .help = "bash or zsh"}, {0}};

const struct ctl_verb ctl_completion = {
    .name = "completion",
    .words = words,
    .run = run,
    .is_local = true,
    .summary = "Write a script that completes these commands in a shell",
};
