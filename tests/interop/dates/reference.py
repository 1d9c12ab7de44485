"""What python3-dateutil makes of a rule, and how two others than ours come from local times to instants.

dateutil departs from RFC 5545 in these places, so a rule is put to it in other words there:
- YEARLY with BYWEEKNO and no day means the start's day of the week ("information that is not contained in the rule is
  derived from DTSTART"), to dateutil all seven: the day is said.
- With WEEKLY and BYSETPOS it counts the first week's places from the start and not from the week's first day: it is given
  that one as its start, and what lies before the true start is left out.
- Of BYDAY=MO,1FR it takes what is both; the RFC either: it is asked twice.
- Of nonexistent local times it knows nothing: it is asked for local times alone, and these become instants by zoneinfo
  (PEP 495: fold=0 is the offset before the gap, the first of two) and by dateutil's tz and resolve_imaginary().

Where winter has the "daylight saving", and a negative one, dateutil's tz reads the hour after the clocks went back with an
offset that the zone does not have: there zoneinfo alone is asked. After 2037 too, since dateutil knows no footers."""
import datetime
import heapq
import itertools
import zoneinfo

import dateutil.rrule
from dateutil import tz
from dateutil.rrule import rrulestr

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
UTC = datetime.timezone.utc
NEVER = datetime.datetime.max
# Years, months, weeks, days, hours or minutes that dateutil looks at for one rule: where there are no dates, it would go on to
# the year 9999.
PERIODS_MAX = 5000
NEGATIVE = {"Africa/Casablanca", "Europe/Dublin"}
zoneinfo.reset_tzpath(["/usr/share/zoneinfo"])


class Late(Exception):
    """There was too much to look at."""


class Patient(dateutil.rrule._iterinfo):
    """dateutil's view of one period after the other: so many, and no more."""
    left = 0

    def look(self, view, *date):
        Patient.left -= 1
        if Patient.left < 0:
            raise Late
        return view(*date)

    def ydayset(self, *date):
        return self.look(super().ydayset, *date)

    def mdayset(self, *date):
        return self.look(super().mdayset, *date)

    def wdayset(self, *date):
        return self.look(super().wdayset, *date)

    def ddayset(self, *date):
        return self.look(super().ddayset, *date)


dateutil.rrule._iterinfo = Patient


def parts_of(rule):
    return dict(part.split("=") for part in rule.split(";"))


def text_of(parts):
    return ";".join(f"{name}={value}" for name, value in parts.items())


def put_in_its_words(start, parts):
    """The rules to ask dateutil for, and the start it is given."""
    parts = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    if "BYWEEKNO" in parts and not {"BYDAY", "BYMONTHDAY", "BYYEARDAY"} & set(parts):
        parts["BYDAY"] = WEEKDAYS[start.weekday()]
    begin = start
    if parts["FREQ"] == "WEEKLY" and "BYSETPOS" in parts:
        parts.setdefault("BYDAY", WEEKDAYS[start.weekday()])
        begin = start - datetime.timedelta(days=(start.weekday() - WEEKDAYS.index(parts.get("WKST", "MO"))) % 7)
        # The hours of a day may begin before the start's.
        if "BYHOUR" in parts or "BYMINUTE" in parts:
            parts.setdefault("BYHOUR", str(start.hour))
            parts.setdefault("BYMINUTE", str(start.minute))
            begin = begin.replace(hour=0, minute=0)
    days = parts.get("BYDAY", "").split(",")
    plain, counted = [d for d in days if len(d) == 2], [d for d in days if len(d) > 2]
    if plain and counted:
        return [text_of({**parts, "BYDAY": ",".join(half)}) for half in (plain, counted)], begin
    return [text_of(parts)], begin


def local_times(start, rule, since, here, end, enough):
    """Those from SINCE on, ENOUGH of them after HERE, and before when these are all: END at the latest, unless there are no more."""
    parts, found, count, late = parts_of(rule), [], 0, 0
    until = parts.get("UNTIL", "")
    until = datetime.datetime.strptime(until, "%Y%m%dT%H%M%S") if until and until[-1] != "Z" else NEVER
    Patient.left = PERIODS_MAX
    try:
        words, begin = put_in_its_words(start, parts)
        for at, _ in itertools.groupby(heapq.merge(*(rrulestr(w, dtstart=begin) for w in words))):
            if at < start:
                continue
            if at > until or count == int(parts.get("COUNT", count + 1)):
                return found, NEVER
            if at >= end or late == enough:
                return found, min(at, end)
            count += 1
            if at >= since:
                found.append(at)
                late += at > here
    except Late:
        return found, found[-1] if found else start
    except ValueError as e:
        # Of INTERVAL and BYHOUR or BYMINUTE it sees that they never meet.
        if "empty" not in str(e):
            raise
    return found, NEVER


def instant(local, zone):
    """Unix seconds."""
    one = local.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    at = int((one - datetime.datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    if local.year < 2037 and zone not in NEGATIVE:
        other = tz.resolve_imaginary(local.replace(tzinfo=tz.gettz(zone)))
        other = int((other.astimezone(UTC) - datetime.datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
        if at != other:
            raise AssertionError(f"{local} in {zone}: {at} by zoneinfo, {other} by dateutil")
    return at


def changes(zone, first_year, end_year):
    """The instants at which the zone's offset is another than a second before."""
    info = zoneinfo.ZoneInfo(zone)

    def offset(at):
        return datetime.datetime.fromtimestamp(at, info).utcoffset()

    step = 6 * 3600
    at = int(datetime.datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime.datetime(end_year, 1, 1, tzinfo=UTC).timestamp())
    before = offset(at)
    while at < end:
        after = offset(at + step)
        if after != before:
            low, high = at, at + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            yield high
        before, at = after, at + step
