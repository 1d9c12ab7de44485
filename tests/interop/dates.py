#!/usr/bin/python3
"""Recurrences and time zones beside python3-dateutil and Python's zoneinfo: not one difference. TAP on stdout.
usage: dates.py [--rules N] [--seed N]"""
import argparse
import datetime
import os
import random
import subprocess
import sys
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("TGCALLD_BUILDDIR", ".")
PROGRAM = os.path.join(BUILD, "tests/interop/dates/occurrences")
sys.path[:0] = [os.path.join(HERE, "dates"), os.path.join(HERE, "../lint")]
try:
    import dateutil
except ImportError:
    print("1..0 # SKIP the Debian package python3-dateutil is needed")
    sys.exit(0)
import reference
import rules
from tap import Tap

# Daylight saving of every kind: half hours, negative, by Ramadan, given up, taken up, a day left out, quarters of an hour.
ZONES = """Europe/Berlin America/New_York America/Sao_Paulo Australia/Sydney Australia/Lord_Howe Asia/Tehran Asia/Kathmandu
Pacific/Apia Africa/Casablanca Europe/Moscow Europe/Istanbul Pacific/Chatham America/St_Johns Europe/Dublin Asia/Kolkata
Asia/Pyongyang America/Caracas Africa/Cairo Asia/Gaza America/Santiago Antarctica/Troll Pacific/Kiritimati Asia/Amman
America/Nuuk Africa/Juba Europe/Volgograd UTC""".split()
# The files list changes up to 2037; what comes after is by the rules in their footers.
FIRST_YEAR, END_YEAR = 2006, 2046
SHOWN = 40
EPOCH = datetime.datetime(1970, 1, 1)
# Local times that come to instants in another order lie closer together: clocks go forward by two hours at most, but in Samoa.
SLACK = datetime.timedelta(hours=3)
SLACK_OF = {"Pacific/Apia": datetime.timedelta(hours=25), "UTC": datetime.timedelta(0)}
FIELDS = "%Y-%m-%dT%H:%M:%S %z %Z %a %A %b %B %j %V %G %U %W %I %p %e %y %u %w"


def ask(lines):
    """The program's line for each of ours."""
    done = subprocess.run([PROGRAM], input="".join(line + "\n" for line in lines), capture_output=True, text=True)
    answers = done.stdout.splitlines()
    if done.returncode != 0 or len(answers) != len(lines):
        raise RuntimeError(f"status {done.returncode} after {len(answers)} of {len(lines)} lines\n{done.stderr[-4000:]}")
    return answers


def seconds(local):
    return int((local - EPOCH).total_seconds())


def rule_line(start, zone, rule, after, n):
    return f"{start.isoformat()}\t{zone}\t{rule}\t{after}\t{n}"


class Judge:
    """Differences as they are found, and how much there was to find them in."""

    def __init__(self):
        self.faults = []
        self.rules = self.occurrences = self.empty = 0

    def look(self, line, got, expected, known):
        """GOT is the program's line, EXPECTED what it has of times before KNOWN."""
        self.rules += 1
        self.occurrences += len(expected)
        self.empty += not expected
        got = [] if got.startswith("! /rrule no date") else got.split()
        got = [g for g in got if not g.isdigit() or int(g) < known]
        if got != [str(e) for e in expected]:
            self.faults.append(f"{line!r}: {got[:8]}, and not {expected[:8]}")

    def done(self, tap, name):
        tap.check(f"{name}: {self.rules} rules, {self.occurrences} occurrences", self.faults[:SHOWN])
        print(f"# {len(self.faults)} differences; {self.empty} rules had no date in the time that was looked at")


def expect(start, zone, rule, after, end):
    """The first instants after AFTER, and before when these are all: the last ones may come in another order."""
    slack = SLACK_OF.get(zone, SLACK)
    here = datetime.datetime.fromtimestamp(after, zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
    locals_, known = reference.local_times(start, rule, here - slack, here + slack, end, SHOWN)
    known = reference.instant(known - slack, zone) if known < reference.NEVER else sys.maxsize
    until = reference.parts_of(rule).get("UNTIL", "")
    latest = seconds(datetime.datetime.strptime(until, "%Y%m%dT%H%M%SZ")) if until.endswith("Z") else sys.maxsize
    instants = sorted({reference.instant(at, zone) for at in locals_})
    return [at for at in instants if after < at < known and at <= latest][:SHOWN], known


def compare(cases):
    """CASES of (start, zone, rule, after, end)."""
    judge = Judge()
    lines = [rule_line(start, zone, rule, after, SHOWN) for start, zone, rule, after, _ in cases]
    for case, line, got in zip(cases, lines, ask(lines)):
        judge.look(line, got, *expect(*case))
    return judge


def random_cases(chance, n, zones):
    for _ in range(n):
        start = rules.start(chance, 2006, 2036)
        rule = rules.rule(chance, start)
        is_short = rule.startswith(("FREQ=HOURLY", "FREQ=MINUTELY"))
        end = start + datetime.timedelta(days=30 if rule.startswith("FREQ=MINUTELY") else 400 if is_short else 365 * 12)
        after = seconds(start) + chance.choice([-2 * 86400, chance.randint(0, 86400 * (5 if is_short else 1500))])
        yield start, chance.choice(zones), rule, after, end


def change_cases(zones):
    """Around every change of every zone: from a day before to a day after."""
    for zone in zones:
        for at in reference.changes(zone, FIRST_YEAR, END_YEAR):
            middle = EPOCH + datetime.timedelta(seconds=at - at % 86400)
            start = middle - datetime.timedelta(days=1, hours=14)
            for rule in ("FREQ=DAILY;BYHOUR=0,1,2,3,23;BYMINUTE=15,45", "FREQ=MINUTELY;INTERVAL=50"):
                yield start, zone, rule, at - 20 * 3600, middle + datetime.timedelta(days=4)


def title_faults(chance, zones, n):
    asked = [(chance.choice(zones), chance.randint(0, 4102444800)) for _ in range(n)]
    asked += [(zone, at + by) for zone in zones for at in reference.changes(zone, FIRST_YEAR, END_YEAR) for by in (-1, 0)]
    parts = FIELDS.split(" ")
    lines = [f"{' '.join(parts[i:i + 5])}\t{zone}\t{at}" for zone, at in asked for i in range(0, len(parts), 5)]
    expected = [datetime.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(zone)).strftime(" ".join(parts[i:i + 5]))
                for zone, at in asked for i in range(0, len(parts), 5)]
    for line, got, wanted in zip(lines, ask(lines), expected):
        if got != wanted:
            yield f"{line!r}: {got}, and not {wanted}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rules", type=int, default=300, help="random rules, half of them in UTC, half in the zones")
    parser.add_argument("--seed", type=int, default=5545)
    args = parser.parse_args()
    chance, tap = random.Random(args.seed), Tap()
    compare(list(random_cases(chance, args.rules // 2, ["UTC"]))).done(tap, "local times are dateutil's")
    compare(list(random_cases(chance, args.rules // 2, ZONES))).done(tap, "instants are zoneinfo's and dateutil's")
    compare(list(change_cases(ZONES))).done(tap, f"over every change of {len(ZONES)} zones from {FIRST_YEAR} to {END_YEAR - 1}")
    tap.check("fields of titles are as zoneinfo and strftime() fill them", list(title_faults(chance, ZONES, 300))[:SHOWN])
    tap.end()


main()
