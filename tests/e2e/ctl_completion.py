"""tgcalldctl completion: the scripts load in bash and zsh, and complete commands, options and what the daemon has."""
import os
import re
import shlex
import shutil
import subprocess
import tempfile

import screen
from ctl import ctl_alone, ended
from lib import BUILD, PATIENCE, check, equal, expect, run

BASH = """
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_tgcalldctl
printf '%s\\n' "${COMPREPLY[@]}"
"""
# The functions of its completion system work in a line that is edited alone; what they are given is looked at instead.
ZSH = """
compdef() { [[ $1 = _tgcalldctl && $2 = tgcalldctl ]] || print -r -- "compdef $*" }
compadd() { shift; print -rl -- "$@" }
_describe() { print -rl -- "${(@P)3}" }
_files() { print -r -- FILES }
. "$1"
shift
words=("$@")
CURRENT=$#
_tgcalldctl
"""


def complete(shell, *words, env=None):
    """What may stand for the last of WORDS, behind the program's name; of zsh all that it chooses from."""
    with tempfile.NamedTemporaryFile("w") as f:
        f.write(ended(ctl_alone("completion", shell), 0).out)
        f.flush()
        options = ["--noprofile", "--norc"] if shell == "bash" else ["-f"]
        p = subprocess.run([shell, *options, "-c", BASH if shell == "bash" else ZSH, shell, f.name, "tgcalldctl", *words],
                           capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                           env={**os.environ, "PATH": BUILD + ":" + os.environ["PATH"], **(env or {})})
    equal((p.returncode, p.stderr), (0, ""))
    return [line for line in p.stdout.splitlines() if line]


def test_what_is_built_is_what_the_program_writes():
    for shell, name in (("bash", "tgcalldctl"), ("zsh", "_tgcalldctl")):
        with open(os.path.join(BUILD, "daemon", "ctl", "completion", name)) as f:
            equal(f.read(), ended(ctl_alone("completion", shell), 0).out)
    ended(ctl_alone("completion", "fish"), 2, "bash and zsh")


def test_bash_completes_commands_options_and_names(d):
    equal(complete("bash", "c"), ["call", "completion"])
    equal(complete("bash", "call", "cr"), ["create"])
    equal(complete("bash", "call", "create", "@x", "--ti"), ["--title"])
    equal(complete("bash", "login", "x", "--q"), ["--qr"])
    equal(complete("bash", "completion", "z"), ["zsh"])
    there = ["--unix", d.unix]
    equal(complete("bash", *there, "accounts", "show", "s"), ["sandbox"])
    equal(complete("bash", *there, "call", "create", "--account", ""), ["sandbox"])
    call = expect(d.create("@sandbox_channel"), 201).json["call"]["id"]
    check(call in complete("bash", *there, "call", "end", ""), "no call")
    expect(d.post("/v1/schedules", {"name": "town-hall", "peer": "@sandbox_channel", "at": 2127492000}), 201)
    equal(complete("bash", *there, "schedules", "skip", "t"), ["town-hall"])
    check("town-hall" not in complete("bash", *there, "schedules", "create", ""), "the name of one that there is")
    expect(d.post("/v1/webhooks", {"name": "ops", "url": "http://127.0.0.1:9/"}), 201)
    equal(complete("bash", *there, "webhooks", "pause", "o"), ["ops"])
    # Nobody is there to ask.
    equal(complete("bash", "--unix", "/nowhere", "accounts", "show", "s"), [])
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "$(touch made)`touch made`.tl")
        with open(name, "w"):
            equal(complete("bash", "schema", "check", folder + "/"), [name])
        equal(os.listdir(folder), [os.path.basename(name)])


def test_each_command_that_help_tells_of_is_completed():
    def said_by_help(*path):
        found = ended(ctl_alone(*path, "--help"), 0).out.partition("\nCommands:\n")[2]
        return re.findall(r"^  ([a-z-]+) ", found, re.M)

    shells = [shell for shell in ("bash", "zsh") if shutil.which(shell)]
    commands = said_by_help()
    check("audit" in commands and "call" in commands, commands)
    for shell in shells:
        for path in [()] + [(c,) for c in commands if said_by_help(c)]:
            offered = [word.split(":")[0] for word in complete(shell, *path, "")]
            equal((shell, path, [c for c in said_by_help(*path) if c not in offered]), (shell, path, []))


def test_a_name_of_a_file_is_no_command_when_it_was_completed():
    if screen.missing():
        return screen.missing()
    with tempfile.TemporaryDirectory() as folder, screen.Screen(160, 24) as s:
        with open(os.path.join(folder, "rc"), "w") as f:
            f.write("PS1='%% '\nunset HISTFILE\nPATH=%s:$PATH\n%s" % (shlex.quote(BUILD), ended(ctl_alone("completion", "bash"), 0).out))
        with open(os.path.join(folder, "new$(touch made).tl"), "w"):
            s.type("cd %s && exec bash --noprofile --rcfile rc" % shlex.quote(folder))
        s.wait("% ")
        s.type("tgcalldctl schema check new", enter=False)
        s.press("Tab")
        s.wait("made")
        s.press("Enter")
        s.wait("made", "tgcalldctl: ", "% ")
        equal(sorted(os.listdir(folder)), ["new$(touch made).tl", "rc"])
    return None


def test_zsh_completes_commands_options_and_names(d):
    if not shutil.which("zsh"):
        return "zsh is not installed"
    check("call:Group calls: create, start, change, end, who is in them" in complete("zsh", "c"))
    check("create:Create a call in a chat, or give the one that it has" in complete("zsh", "call", ""))
    check("--title:Its title" in complete("zsh", "call", "create", ""))
    check("method:Call any method of Telegram's" in complete("zsh", ""))
    check("zsh" in complete("zsh", "completion", ""))
    check("FILES" in complete("zsh", "schema", "check", ""))
    there = ["--unix", d.unix]
    check("sandbox" in complete("zsh", *there, "accounts", "show", ""))
    equal(complete("zsh", *there, "call", "create", "--account", ""), ["sandbox"])
    return None


if __name__ == "__main__":
    run(globals())
