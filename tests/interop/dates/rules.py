"""Rules of all kinds, by chance from a seed."""
import datetime

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some(chance, low, high, at_most, both_ways):
    numbers = {chance.randint(low, high) * (chance.choice([1, -1]) if both_ways else 1)
               for _ in range(chance.randint(1, at_most))}
    return ",".join(map(str, sorted(numbers)))


def days(chance, parts):
    names = chance.sample(WEEKDAYS, chance.randint(1, 4))
    if parts["FREQ"] not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in parts or chance.random() < 0.5:
        return ",".join(names)
    weeks = 5 if parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts else 53
    counted = [f"{chance.choice([1, -1]) * chance.randint(1, weeks)}{name}" for name in names]
    return ",".join(counted if chance.random() < 0.8 else counted[:1] + names[1:])


def rule(chance, start):
    frequency = chance.choice(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"] * 3 + ["HOURLY", "HOURLY", "MINUTELY"])
    parts = {"FREQ": frequency}
    is_short = frequency in ("HOURLY", "MINUTELY")

    def maybe(share):
        return chance.random() < share

    if maybe(0.5):
        parts["INTERVAL"] = str(chance.choice([1, 2, 3, 4, 5, 6, 7, 11, 13] + ([15, 25, 36, 90, 1439, 1441] if is_short else [])))
    if maybe(0.3):
        parts["BYMONTH"] = some(chance, 1, 12, 5, False)
    if frequency == "YEARLY" and maybe(0.2):
        # At the end of a year dateutil does not see that its last days are the -52nd or -53rd week of the next.
        parts["BYWEEKNO"] = some(chance, 1, 51, 4, True)
    if (frequency == "YEARLY" or is_short) and maybe(0.15):
        parts["BYYEARDAY"] = some(chance, 1, 366, 8, True)
    if frequency != "WEEKLY" and maybe(0.3):
        parts["BYMONTHDAY"] = some(chance, 1, 31, 4, True)
    if maybe(0.45):
        parts["BYDAY"] = days(chance, parts)
    if maybe(0.3):
        parts["BYHOUR"] = some(chance, 0, 23, 4, False)
    if maybe(0.3):
        parts["BYMINUTE"] = some(chance, 0, 59, 3, False)
    if maybe(0.2) and any(name.startswith("BY") for name in parts):
        days_given = parts.get("BYDAY", "").split(",")
        if len({len(d) > 2 for d in days_given}) == 1:
            parts["BYSETPOS"] = some(chance, 1, 3 if is_short else 8, 3, True)
    if maybe(0.3):
        parts["WKST"] = chance.choice(WEEKDAYS)
    if maybe(0.2):
        parts["COUNT"] = str(chance.randint(1, 40))
    elif maybe(0.2):
        until = start + datetime.timedelta(minutes=chance.randint(1, 3_000_000))
        parts["UNTIL"] = until.strftime("%Y%m%dT%H%M%S") + chance.choice(["", "Z"])
    return ";".join(f"{name}={value}" for name, value in parts.items())


def start(chance, first_year, last_year):
    return datetime.datetime(chance.randint(first_year, last_year), 1, 1) + datetime.timedelta(
        days=chance.randint(0, 365), minutes=chance.randint(0, 1439), seconds=chance.choice([0, 0, 0, 30]))
