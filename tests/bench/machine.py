"""What this machine says of a process: CPU, memory, context switches, system calls; and where everything is made to run."""
import contextlib
import glob
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile

TICKS = os.sysconf("SC_CLK_TCK")
EVERY = os.sched_getaffinity(0)


def pin():
    """This process and all that it starts run on one processor, so that no call pays for a wake-up on another."""
    os.sched_setaffinity(0, {min(EVERY)})


def unpin(pid=0):
    os.sched_setaffinity(pid, EVERY)


def pin_elsewhere(pid=0):
    """On another processor than that of pin(), where there is one; without PID this thread and what it starts."""
    os.sched_setaffinity(pid, {max(EVERY)})


def cpu_s(pid):
    with open("/proc/%d/stat" % pid) as f:
        stat = f.read().rsplit(")", 1)[1].split()
    return (int(stat[11]) + int(stat[12])) / TICKS


def memory(pid):
    with open("/proc/%d/status" % pid) as f:
        of = {line.split(":")[0]: line.split()[1] for line in f if line.startswith(("RssAnon", "VmRSS"))}
    return {"anon_kb": int(of["RssAnon"]), "rss_kb": int(of["VmRSS"])}


def switches(pid):
    """How often its threads that are alive gave up a processor or lost it."""
    total = 0
    for path in glob.glob("/proc/%d/task/*/status" % pid):
        # A thread may end while it is looked at.
        with contextlib.suppress(OSError), open(path) as f:
            total += sum(int(n) for n in re.findall(r"^(?:non)?voluntary_ctxt_switches:\s+(\d+)", f.read(), re.M))
    return total


class PerfCount:
    """Counts by the kernel's tracepoint or the processor's counter, which hardly slows the process. Raises OSError where that may
    not be used."""

    def __init__(self, pid, event="raw_syscalls:sys_enter"):
        self.folder = tempfile.mkdtemp(prefix="tgcalld-perf-")
        self.fifos = [os.path.join(self.folder, name) for name in ("tell", "told")]
        for fifo in self.fifos:
            os.mkfifo(fifo)
        # Both ends of both, so that no open waits and none of them ends with the other side.
        self.tell, self.told = [os.fdopen(os.open(fifo, os.O_RDWR), "r+b", 0) for fifo in self.fifos]
        self.process = subprocess.Popen(
            ["perf", "stat", "-x", ",", "-D", "-1", "-e", event, "--control", "fifo:" + ",".join(self.fifos), "-p", str(pid)], stderr=subprocess.PIPE, text=True)
        try:
            self.say(b"enable\n")
        except OSError:
            self.close()
            raise

    def say(self, word):
        self.tell.write(word)
        got = b""
        # It says "ack", a line's end and a zero.
        while not got.endswith(b"\0"):
            while not select.select([self.told], [], [], 0.05)[0]:
                if self.process.poll() is not None:
                    raise OSError("perf does not count here")
            got += self.told.read(16)

    def count(self):
        self.say(b"disable\n")
        self.process.send_signal(signal.SIGINT)
        said = self.process.stderr.read()
        return int(re.search(r"^(\d+),", said, re.M).group(1))

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.tell.close()
        self.told.close()
        shutil.rmtree(self.folder)


class StraceCount:
    """Counts by stopping the process at each, which makes it several times slower: what it does at one wake-up changes."""

    def __init__(self, pid):
        self.process = subprocess.Popen(["strace", "-f", "-c", "-p", str(pid)], stderr=subprocess.PIPE, text=True)
        # It says of each thread that it has it.
        self.process.stderr.readline()

    def count(self):
        self.process.send_signal(signal.SIGINT)
        total = [line.split() for line in self.process.stderr.read().splitlines() if line.endswith(" total")]
        # Percent, seconds, microseconds a call, calls.
        return int(total[-1][3]) if total else 0

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


def system_calls(pid, act):
    """How many system calls the process makes while act() runs, and what act() returned; None where nothing can count them."""
    for tool, counter in (("perf", PerfCount), ("strace", StraceCount)):
        if not shutil.which(tool):
            continue
        try:
            counting = counter(pid)
        except OSError:
            continue
        try:
            result = act()
            return counting.count(), result
        finally:
            counting.close()
    return None, None


class PerfInstructions:
    """Instructions of a process outside the kernel, by the processor's own counter."""
    PREFIX = ()

    @staticmethod
    def is_there():
        if not shutil.which("perf"):
            return False
        # Where the processor shows no counter, as in most virtual machines, it says so instead of a number.
        said = subprocess.run(["perf", "stat", "-x", ",", "-e", "instructions:u", "true"], stderr=subprocess.PIPE, text=True).stderr
        return re.search(r"^\d+,", said, re.M) is not None

    def count(self, pid, act):
        counting = PerfCount(pid, "instructions:u")
        try:
            act()
            return counting.count()
        finally:
            counting.close()

    def close(self):
        pass


class CallgrindInstructions:
    """The same of a process that was started behind PREFIX, whose instructions are executed one by one: some 50 times slower."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tgcalld-callgrind-")
        self.PREFIX = ("valgrind", "--tool=callgrind", "--log-file=" + os.path.join(self.folder, "log"),
                       "--callgrind-out-file=" + os.path.join(self.folder, "out"))

    @staticmethod
    def is_there():
        return bool(shutil.which("valgrind") and shutil.which("callgrind_control"))

    def count(self, pid, act):
        subprocess.run(["callgrind_control", "-z", str(pid)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        act()
        subprocess.run(["callgrind_control", "-d", str(pid)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        newest = max(glob.glob(os.path.join(self.folder, "out.*")), key=lambda path: int(path.rpartition(".")[2]))
        with open(newest) as f:
            return next(int(line.split()[1]) for line in f if line.startswith(("summary:", "totals:")))

    def close(self):
        shutil.rmtree(self.folder)


def instructions_counter():
    """What counts instructions here, or None."""
    return next((kind() for kind in (PerfInstructions, CallgrindInstructions) if kind.is_there()), None)
