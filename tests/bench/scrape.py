#!/usr/bin/env python3
"""What reading the metrics costs: the daemon's CPU for a create, with a read of GET /metrics a second and without; and for a read
by itself. The rounds of both take turns, so what else the machine does strikes them alike. CPU time is noisy; instructions, which
perf or else callgrind counts of a daemon whose sandbox is another process, hardly are."""
import argparse
import http.client
import json
import shutil
import statistics
import tempfile
import threading

import machine
import processes
from processes import stop_all
from report import print_table
from streams import Daemon


def ask(daemon, connection, method, path, body=None):
    connection.request(method, path, body and json.dumps(body), {"Authorization": "Bearer " + daemon.token,
                                                                 "Content-Type": "application/json"})
    answer = connection.getresponse()
    raw = answer.read()
    if answer.status >= 300:
        raise SystemExit("%s %s: %d %s" % (method, path, answer.status, raw))
    return raw


class Scraper(threading.Thread):
    """Reads once a second until it is told to end."""

    def __init__(self, daemon):
        super().__init__()
        self.daemon_ = daemon
        self.over = threading.Event()
        self.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", int(self.daemon_.port))
        while True:
            ask(self.daemon_, connection, "GET", "/metrics")
            if self.over.wait(1):
                break
        connection.close()

    def end(self):
        self.over.set()
        self.join()


def create_us(daemon, connection, n):
    """CPU of a create, over N of them."""
    cpu = machine.cpu_s(daemon.process.pid)
    for _ in range(n):
        ask(daemon, connection, "POST", "/v1/calls", {"peer": "@sandbox_group", "if_exists": "replace"})
    return (machine.cpu_s(daemon.process.pid) - cpu) / n * 1e6


def read_us(daemon, connection, n=1000):
    cpu = machine.cpu_s(daemon.process.pid)
    for _ in range(n):
        raw = ask(daemon, connection, "GET", "/metrics")
    return (machine.cpu_s(daemon.process.pid) - cpu) / n * 1e6, len(raw)


def measure(daemon, rounds, creates):
    connection = http.client.HTTPConnection("127.0.0.1", int(daemon.port))
    create_us(daemon, connection, creates)
    without, scraped = [], []
    # Each pair the other way round: what the sandbox remembers of calls grows from one to the next.
    for i in range(2 * rounds):
        if i % 4 in (0, 3):
            without.append(create_us(daemon, connection, creates))
            continue
        scraper = Scraper(daemon)
        scraped.append(create_us(daemon, connection, creates))
        scraper.end()
    a, b = statistics.median(without), statistics.median(scraped)
    us, size = read_us(daemon, connection)
    print_table(["", "us CPU", "more, %"], [["a create (with the sandbox)", "%.1f" % a, ""],
                                            ["the same, a read a second", "%.1f" % b, "%.1f" % (100 * (b / a - 1))],
                                            ["a read of %d KB" % (size // 1024), "%.0f" % us, ""]])
    print("\nfrom %.1f to %.1f without, from %.1f to %.1f with" % (min(without), max(without), min(scraped), max(scraped)))
    print("a read a second is %.3f %% of a processor; the aim is at most 2 %% more for a create" % (us / 1e4))


def create_and_read(daemon, creates, every):
    """CREATES, and a read after each EVERY of them."""
    connection = http.client.HTTPConnection(daemon.url.removeprefix("http://"))
    for i in range(creates):
        ask(daemon, connection, "POST", "/v1/calls", {"peer": "@sandbox_group", "if_exists": "replace"})
        if every and i % every == every - 1:
            ask(daemon, connection, "GET", "/metrics")
    connection.close()


def count(work, creates, every):
    """By instructions. Reads come far more often than once a second, so that what they do to the creates between is seen too."""
    counter = machine.instructions_counter()
    if not counter:
        print("\nneither perf nor callgrind counts instructions here")
        return
    sandbox = processes.Sandbox(work, 1, processes.stores_answers())
    try:
        # Without other things in between: as fast as this machine has it.
        daemon = processes.Daemon(processes.TGCALLD, work, sandbox)
        create_and_read(daemon, creates // 4, 0)
        cpu = machine.cpu_s(daemon.pid)
        create_and_read(daemon, creates, 0)
        a_second = creates / (machine.cpu_s(daemon.pid) - cpu)
        daemon.stop()
        daemon = processes.Daemon(processes.TGCALLD, work, sandbox, behind=counter.PREFIX)
        create_and_read(daemon, creates // 4, every)
        a = counter.count(daemon.pid, lambda: create_and_read(daemon, creates, 0)) / creates
        both = counter.count(daemon.pid, lambda: create_and_read(daemon, creates, every)) / creates
        b = counter.count(daemon.pid, lambda: create_and_read(daemon, creates, 0)) / creates
        daemon.stop()
    finally:
        counter.close()
        sandbox.stop()
    create = (a + b) / 2
    read = (both - create) * every
    print()
    print_table(["", "instructions"], [["a create", "%.0f" % a], ["the same again, later", "%.0f" % b],
                                       ["a read, and what it does to the creates beside it", "%.0f" % read]])
    print("\na processor that does nothing else makes %.0f creates a second; a read in it is %.3f %% more instructions, where the aim is"
          " at most 2 %%;\nof fewer than %.0f creates a second it is more than that" % (
              a_second, 100 * read / (create * a_second), read / create / 0.02))


def main():
    parser = argparse.ArgumentParser(description=__doc__, epilog="TGCALLD_BUILDDIR names the build.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--creates", type=int, default=8000, help="of each round; the sandbox has room for 100,000 calls in all")
    parser.add_argument("--counted", type=int, default=4000, help="creates whose instructions are counted")
    parser.add_argument("--every", type=int, default=40, help="of these there is a read after so many")
    args = parser.parse_args()
    work = tempfile.mkdtemp(prefix="tgcalld-scrape-")
    try:
        if args.rounds:
            measure(Daemon(work), args.rounds, args.creates)
        count(work, args.counted, args.every)
    finally:
        stop_all()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
