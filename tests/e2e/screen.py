"""A terminal that a test types into and looks at: tmux, on a socket of its own. And a camera for the QR codes on it."""
import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile

from lib import PATIENCE, check, running, start_other, wait_for

SGR = re.compile(r"\033\[([0-9;:]*)m")
BLOCKS = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


def missing():
    """Why this machine has no such terminal, or None."""
    return None if shutil.which("tmux") else "tmux is not installed"


class Screen:
    """A shell in a terminal of COLUMNS by LINES; it edits no lines, for which it would silence the terminal itself."""

    def __init__(self, columns=80, lines=24, **env):
        self.runs = 0
        folder = tempfile.mkdtemp()
        self.socket = os.path.join(folder, "tmux")
        with open(os.path.join(folder, "rc"), "w") as f:
            f.write("PS1='$ '\nunset HISTFILE\n")
        env = {**os.environ, "LC_ALL": "C.UTF-8", **env}
        env.pop("TMUX", None)
        # In the foreground, so that it does not outlive the test.
        self.server = start_other("tmux", "-D", "-u", "-S", self.socket, "-f", "/dev/null", env=env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("tmux", self.listens)
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(lines), "bash --noprofile --noediting --rcfile %s/rc" % folder)
        self.wait("$ ")

    def listens(self):
        """Its socket is there a moment before anybody listens."""
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(self.socket) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()
        running.discard(self.server)

    def tmux(self, *args):
        done = subprocess.run(["tmux", "-u", "-S", self.socket, *args], capture_output=True, timeout=PATIENCE)
        check(done.returncode == 0, "tmux %r: %r" % (args, done))
        return done.stdout.decode()

    def text(self):
        """What is to be seen, without the blanks at the lines' ends."""
        return self.tmux("capture-pane", "-p", "-J").rstrip("\n")

    def wait(self, *words):
        """Until the words are to be seen, in this order."""
        def seen():
            at, text = 0, self.text()
            for word in words:
                at = text.find(word, at)
                if at < 0:
                    return None
                at += len(word)
            return text
        try:
            return wait_for("%r" % (words,), seen)
        except AssertionError as e:
            raise AssertionError("%s; the screen is\n%s" % (e, self.text()))

    def type(self, text, enter=True):
        self.tmux("send-keys", "-l", "--", text)
        if enter:
            self.press("Enter")

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def run(self, *args):
        """A command, which says its exit status at its end."""
        self.runs += 1
        first = "run %d" % self.runs
        self.type("clear; echo %s; %s; echo \"status=$?\"" % (first, " ".join(shlex.quote(a) for a in args)))
        # What the screen had of the command before is no answer of this one.
        wait_for(first, lambda: self.text().startswith(first + "\n"))

    def ended(self, status):
        return self.wait("status=%d" % status)

    def child(self):
        """The process id of the command that runs."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        with open("/proc/%s/task/%s/children" % (shell, shell)) as f:
            return int(f.read().split()[-1])

    def echoes(self):
        """Whether the terminal shows what is typed."""
        tty = self.tmux("display-message", "-p", "#{pane_tty}").strip()
        words = subprocess.run(["stty", "-F", tty, "-a"], capture_output=True, text=True, check=True).stdout.split()
        return "echo" in words

    def photograph(self, columns_a_module=1):
        """The modules of the QR code on it, True is black; by the colours of the cells alone."""
        rows, ink, ground = [], None, None
        # tmux tells a colour only where it changes, over the lines' ends too.
        for line in self.tmux("capture-pane", "-p", "-e", "-N").split("\n"):
            upper, lower, ink, ground = look_at(line, ink, ground)
            if any(c is not None for c in upper):
                rows += [upper, lower] if columns_a_module == 1 else [upper]
        return [[c for c in row if c is not None][::columns_a_module] for row in rows]


def colours(ink, ground, codes):
    codes = [int(c) if c else 0 for c in re.split("[;:]", codes)]
    while codes:
        c = codes.pop(0)
        if c == 0:
            ink = ground = None
        elif c in (38, 48):
            check(codes.pop(0) == 5, "colours of another kind")
            value = codes.pop(0)
            ink, ground = (value, ground) if c == 38 else (ink, value)
        elif c == 39:
            ink = None
        elif c == 49:
            ground = None
    return ink, ground


def look_at(line, ink, ground, black=16):
    """Which of a line's cells are black above and below, None where there is no colour, and the colours at its end."""
    upper, lower, at = [], [], 0
    while at < len(line):
        found = SGR.match(line, at)
        if found:
            ink, ground = colours(ink, ground, found.group(1))
            at = found.end()
            continue
        top, bottom = BLOCKS.get(line[at], (None, None))
        is_ours = ground is not None and top is not None
        upper.append((ink if top else ground) == black if is_ours else None)
        lower.append((ink if bottom else ground) == black if is_ours else None)
        at += 1
    return upper, lower, ink, ground


def scan(rows):
    """What zbar reads off it; "" where it is not installed."""
    if not shutil.which("zbarimg"):
        return ""
    check(rows and len({len(row) for row in rows}) == 1, "no code, or a ragged one: %r" % [len(r) for r in rows])
    with tempfile.NamedTemporaryFile(suffix=".pgm") as f:
        f.write(b"P5 %d %d 255\n" % (len(rows[0]) * 4, len(rows) * 4))
        for row in rows:
            f.write(b"".join((b"\0" if black else b"\xff") * 4 for black in row) * 4)
        f.flush()
        done = subprocess.run(["zbarimg", "--nodbus", "--quiet", "--raw", "--oneshot", f.name], capture_output=True, timeout=PATIENCE)
    check(done.returncode == 0, "zbar reads nothing: %r" % done)
    return done.stdout.decode().strip()
