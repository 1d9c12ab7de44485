"""The tables of a run, and how far tgcalld is from its aims."""
from subjects import MANY, MOST

FLOOR, HOP = "bare libmicrohttpd", "a bare hop"


def print_table(head, rows):
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    for number, row in enumerate([head, *rows]):
        print("| " + " | ".join(str(cell).rjust(width) if i else str(cell).ljust(width)
                                for i, (cell, width) in enumerate(zip(row, widths))) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def number(value, form="%.0f"):
    return "not counted" if value is None else form % value


def costs(subjects):
    floor = next((s for s in subjects if s.name == FLOOR), subjects[0])
    rows = []
    for callers in (1, MANY, MOST):
        for s in subjects:
            if callers in s.levels:
                r = s.result(callers)
                base = floor.result(callers)["cpu_us"] if callers in floor.levels else None
                rows.append(["%s, %d at a time" % (s.name, callers), *("%.0f" % r[k] for k in ("rate", "p50_us", "p99_us")),
                             "%.1f" % r["cpu_us"], number(base and r["cpu_us"] / base, "%.2f"), number(r["system_calls"], "%.1f"),
                             "%.1f" % r["switches"], "" if r["sandbox_us"] is None else "%.1f" % r["sandbox_us"]])
    print_table(["", "calls/s", "p50 us", "p99 us", "CPU us a call", "ratio", "system calls", "switches", "sandbox us"], rows)
    print("\nEach is the median of its rounds, by CPU; the rounds of all take turns. Ratio: to %s. CPU, system calls and context"
          " switches\nare a call's and of the one process, all its threads; wrk's and the sandbox's run beside it. System calls are"
          " counted in a round\nof their own." % floor.name)


def memories(subjects):
    print()
    print_table(["", "private KB, idle", "after", "resident KB, idle", "after", "ready ms"], [
        [s.name, s.idle["anon_kb"], s.after["anon_kb"], s.idle["rss_kb"], s.after["rss_kb"], "%.0f" % s.ready_ms] for s in subjects])
    print("\nReady: from the start until a call can be made.")


def aims(subjects, gateways, true):
    """TRUE: tgcalld before a sandbox that truly answers, or None."""
    of = {s.name: s for s in subjects}
    tgcalld, floor = of.get("tgcalld"), of.get(FLOOR)
    if not tgcalld:
        return
    lines = []

    def aim(what, value, form, bound):
        if value is not None:
            lines.append("%-48s %8s   aim: %s" % (what, form % value, bound))

    for callers, ratio, calls in ((MANY, "<= 2.0", "<= 3"), (1, "<= 2.2", "<= 8")):
        if callers not in tgcalld.levels:
            continue
        mine = tgcalld.result(callers)
        if floor:
            aim("tgcalld / bare libmicrohttpd, %d at a time" % callers, mine["cpu_us"] / floor.result(callers)["cpu_us"], "%.2f", ratio)
        if HOP in of:
            aim("tgcalld / a bare hop, %d at a time" % callers, mine["cpu_us"] / of[HOP].result(callers)["cpu_us"], "%.2f", "none")
        best = min((of[name].result(callers)["cpu_us"] for name in gateways if name in of), default=None)
        aim("the best gateway / tgcalld, %d at a time" % callers, best and best / mine["cpu_us"], "%.1f", ">= 10")
        aim("system calls a call, %d at a time" % callers, mine["system_calls"], "%.1f", calls)
    aim("private KB, idle", tgcalld.idle["anon_kb"], "%d", "<= 4096")
    for s in (tgcalld, true):
        if s and MANY in s.levels:
            kind, bound = ("stored", "none") if s.stored else ("true", "<= 25")
            aim("sandbox us a call, %d at a time, %s answers" % (MANY, kind), s.result(MANY)["sandbox_us"], "%.1f", bound)
    print("\n" + "\n".join(lines))
