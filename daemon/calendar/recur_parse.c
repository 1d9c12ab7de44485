#include "daemon/calendar/recur.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/civil.h"
#include "daemon/base/limits.h"
#include "daemon/base/time_text.h"
#include "daemon/base/utf8.h"

enum { INTERVAL_MAX = 100000, NAME_MAX_LEN = 10 };

static const char *const weekdays[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

/* A part's value. */
struct span {
    const char *p, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits alone, up to MAX; -1. */
static int64_t take_digits(struct span *s, int64_t max)
{
    int64_t v = 0;

    if (s->p == s->end || !is_digit(*s->p))
        return -1;
    for (; s->p < s->end && is_digit(*s->p); s->p++) {
        v = v * 10 + (*s->p - '0');
        if (v > max)
            return -1;
    }
    return v;
}

/* -1: no weekday. */
static int take_weekday(struct span *s)
{
    for (int i = 0; i < 7 && s->end - s->p >= 2; i++)
        if (strncasecmp(s->p, weekdays[i], 2) == 0) {
            s->p += 2;
            return i;
        }
    return -1;
}

static int sign_of(struct span *s)
{
    if (s->p < s->end && (*s->p == '-' || *s->p == '+'))
        return *s->p++ == '-' ? -1 : 1;
    return 1;
}

bool recur_has(const struct recur_set *s, int number)
{
    unsigned n = (unsigned)(number < 0 ? -number : number);

    return n <= RECUR_NUMBER_MAX && ((number < 0 ? s->below : s->above)[n / 64] >> n % 64 & 1);
}

static void put(struct recur_set *s, int number)
{
    unsigned n = (unsigned)(number < 0 ? -number : number);

    s->is_given = true;
    (number < 0 ? s->below : s->above)[n / 64] |= UINT64_C(1) << n % 64;
}

struct rule_part {
    const char *name;
    int (*read)(struct recur *r, const struct rule_part *part, struct span s, struct fault *fault);
    size_t set; /* for lists of numbers: where they go, from LOW to HIGH, and below zero too */
    int low, high;
    bool may_count_back;
};

static int read_list(struct recur *r, const struct rule_part *part, struct span s, struct fault *fault)
{
    struct recur_set *set = (struct recur_set *)(void *)((char *)r + part->set);

    for (;; s.p++) {
        int sign = sign_of(&s);
        int64_t v = take_digits(&s, part->high);
        if (v < part->low || (sign < 0 && !part->may_count_back))
            return fault_set(fault, TGC_EINVAL, "%s is a list of numbers from %d to %d%s, with commas between them",
                             part->name, part->low, part->high,
                             part->may_count_back ? ", or as many from the end" : "");
        put(set, (int)v * sign);
        if (s.p == s.end)
            return 0;
        if (*s.p != ',')
            return fault_set(fault, TGC_EINVAL, "%s has something other than numbers and commas", part->name);
    }
}

static int read_days(struct recur *r, const struct rule_part *part, struct span s, struct fault *fault)
{
    for (;; s.p++) {
        bool is_plain = s.p < s.end && *s.p != '-' && *s.p != '+' && !is_digit(*s.p);
        int sign = sign_of(&s);
        int64_t n = is_plain ? 0 : take_digits(&s, part->high);
        int weekday = take_weekday(&s);
        if (weekday < 0 || (!is_plain && n < 1) || (s.p < s.end && *s.p != ','))
            return fault_set(fault, TGC_EINVAL,
                             "BYDAY is a list as \"MO,WE\", or with numbers up to 53 as \"1MO,-1FR\"");
        if (is_plain)
            r->weekdays |= (uint8_t)(1 << weekday);
        else
            put(&r->nth_weekdays[weekday], (int)n * sign);
        r->has_nth_weekday |= !is_plain;
        if (s.p == s.end)
            return 0;
    }
}

static int read_frequency(struct recur *r, const struct rule_part *part, struct span s, struct fault *fault)
{
    static const char *const names[] = {"MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    size_t len = (size_t)(s.end - s.p);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (len == strlen(names[i]) && strncasecmp(s.p, names[i], len) == 0) {
            r->frequency = (enum recur_frequency)i;
            return 0;
        }
    if (len == 8 && strncasecmp(s.p, "SECONDLY", len) == 0)
        return fault_set(fault, TGC_EINVAL, "FREQ=SECONDLY is too often: MINUTELY is the most there is");
    return fault_set(fault, TGC_EINVAL, "FREQ is MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY");
}

static int read_number(struct recur *r, const struct rule_part *part, struct span s, struct fault *fault)
{
    int64_t v = take_digits(&s, part->high);

    if (v < part->low || s.p != s.end)
        return fault_set(fault, TGC_EINVAL, "%s is a number from %d to %d", part->name, part->low, part->high);
    *(int64_t *)(void *)((char *)r + part->set) = v;
    return 0;
}

static int read_second(struct recur *r, const struct rule_part *part, struct span s, struct fault *fault)
{
    int64_t v = take_digits(&s, 59);

    if (v < 0 || s.p != s.end)
        return fault_set(fault, TGC_EINVAL,
                         "BYSECOND is one number from 0 to 59: there is one occurrence a minute at most");
    r->second = (int)v;
    return 0;
}

static int read_week_start(struct recur *r, const struct rule_part *part, struct span s, struct fault *fault)
{
    r->week_start = take_weekday(&s);
    if (r->week_start < 0 || s.p != s.end)
        return fault_set(fault, TGC_EINVAL, "WKST is a day of the week: MO, TU, WE, TH, FR, SA or SU");
    return 0;
}

/* "20261224T190000" or the same with a Z; by way of RFC 3339's form. */
static int read_until(struct recur *r, const struct rule_part *part, struct span s, struct fault *fault)
{
    size_t len = (size_t)(s.end - s.p);
    bool is_utc = len == 16 && (s.p[15] == 'Z' || s.p[15] == 'z');
    char text[40];

    if (is_utc || len == 15) {
        snprintf(text, sizeof(text), "%.4s-%.2s-%.2s%.3s:%.2s:%.2sZ", s.p, s.p + 4, s.p + 6, s.p + 8, s.p + 11,
                 s.p + 13);
        r->until_kind = is_utc ? RECUR_UNTIL_UTC : RECUR_UNTIL_LOCAL;
        if (time_rfc3339_parse(text, strlen(text), &r->until) == 0)
            return 0;
    }
    return fault_set(fault, TGC_EINVAL,
                     "UNTIL is a date with its time: \"20261224T190000\" in the zone, or with a Z in UTC");
}

#define LIST(member) read_list, offsetof(struct recur, member)
static const struct rule_part parts[] = {
    {"FREQ", read_frequency, 0, 0, 0, false},
    {"INTERVAL", read_number, offsetof(struct recur, interval), 1, INTERVAL_MAX, false},
    {"COUNT", read_number, offsetof(struct recur, count), 1, LIMIT_RRULE_COUNT, false},
    {"UNTIL", read_until, 0, 0, 0, false},
    {"WKST", read_week_start, 0, 0, 0, false},
    {"BYMONTH", LIST(month), 1, 12, false},
    {"BYWEEKNO", LIST(week), 1, 53, true},
    {"BYYEARDAY", LIST(day_of_year), 1, 366, true},
    {"BYMONTHDAY", LIST(day_of_month), 1, 31, true},
    {"BYDAY", read_days, 0, 1, 53, true},
    {"BYHOUR", LIST(hour), 0, 23, false},
    {"BYMINUTE", LIST(minute), 0, 59, false},
    {"BYSECOND", read_second, 0, 0, 0, false},
    {"BYSETPOS", LIST(position), 1, 366, true},
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };
/* Of the table above. */
enum { PART_COUNT = 2, PART_UNTIL = 3, PART_BY_FIRST = 5, PART_POSITION = PARTS - 1 };

static int read_part(struct recur *r, struct span s, unsigned *seen, struct fault *fault)
{
    /* Properties of their own in RFC 5545, which many write into the rule. */
    static const char *const dates[] = {"EXDATE", "RDATE"};
    enum { SHOWN = 32 };
    const char *equals = memchr(s.p, '=', (size_t)(s.end - s.p));
    size_t len = (size_t)((equals ? equals : s.end) - s.p);

    for (size_t i = 0; equals && i < PARTS; i++) {
        if (len != strlen(parts[i].name) || strncasecmp(s.p, parts[i].name, len) != 0)
            continue;
        if (*seen >> i & 1)
            return fault_set(fault, TGC_EINVAL, "%s is there twice: give it once", parts[i].name);
        *seen |= 1U << i;
        return parts[i].read(r, &parts[i], (struct span){equals + 1, s.end}, fault);
    }
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
        if (len == strlen(dates[i]) && strncasecmp(s.p, dates[i], len) == 0)
            return fault_set(fault, TGC_EINVAL, "%s is no part of a rule: a single date is left out by a skip of it",
                             dates[i]);
    if (!utf8_is_valid(s.p, len))
        return fault_set(fault, TGC_EINVAL, "a rule is UTF-8");
    return fault_set(fault, TGC_EINVAL, "a rule is made of parts as \"FREQ=WEEKLY;BYDAY=MO\": \"%.*s\" is none",
                     (int)utf8_cut(s.p, len < SHOWN ? len : SHOWN), s.p);
}

/* Which parts go together (RFC 5545, 3.3.10). */
static int judge(const struct recur *r, unsigned seen, struct fault *fault)
{
    bool has_by = (seen & ~(1U << PART_POSITION)) >> PART_BY_FIRST;
    bool is_middle = r->frequency == RECUR_DAILY || r->frequency == RECUR_WEEKLY || r->frequency == RECUR_MONTHLY;
    const char *wrong = NULL;

    if (!(seen & 1))
        wrong = "FREQ is missing: begin with one as \"FREQ=WEEKLY\"";
    else if (seen >> PART_COUNT & 1 && seen >> PART_UNTIL & 1)
        wrong = "give COUNT or UNTIL, not both";
    else if (r->week.is_given && r->frequency != RECUR_YEARLY)
        wrong = "BYWEEKNO goes with FREQ=YEARLY alone";
    else if (r->day_of_year.is_given && is_middle)
        wrong = "BYYEARDAY does not go with DAILY, WEEKLY or MONTHLY: take FREQ=YEARLY";
    else if (r->day_of_month.is_given && r->frequency == RECUR_WEEKLY)
        wrong = "BYMONTHDAY does not go with FREQ=WEEKLY: take MONTHLY or DAILY";
    else if (r->has_nth_weekday && r->frequency < RECUR_MONTHLY)
        wrong = "BYDAY has numbers with MONTHLY and YEARLY alone";
    else if (r->has_nth_weekday && r->week.is_given)
        wrong = "BYDAY has no numbers beside BYWEEKNO";
    else if (r->position.is_given && !has_by)
        wrong = "BYSETPOS chooses among what other BY parts say: give one of them";
    return wrong ? fault_set(fault, TGC_EINVAL, "%s", wrong) : 0;
}

/* What the rule leaves open is as it is at the start. */
static void complete(struct recur *r)
{
    int64_t days = floor_div(r->start, CIVIL_DAY_S), minute = floor_mod(r->start, CIVIL_DAY_S) / 60;
    struct civil date = civil_of_days(days);
    bool has_day = r->weekdays || r->has_nth_weekday;

    if (!r->hour.is_given && r->frequency >= RECUR_DAILY)
        put(&r->hour, (int)(minute / 60));
    if (!r->minute.is_given && r->frequency >= RECUR_HOURLY)
        put(&r->minute, (int)(minute % 60));
    if (has_day || r->day_of_month.is_given || r->day_of_year.is_given || r->frequency <= RECUR_DAILY)
        return;
    if (r->frequency == RECUR_WEEKLY || r->week.is_given) {
        r->weekdays = (uint8_t)(1 << civil_weekday(days));
        return;
    }
    put(&r->day_of_month, date.day);
    if (r->frequency == RECUR_YEARLY && !r->month.is_given)
        put(&r->month, date.month);
}

int recur_parse(const char *text, int64_t start, struct recur *ret, struct fault *fault)
{
    struct recur r = {.start = start, .interval = 1, .second = (int)floor_mod(start, 60)};
    struct span s = {text, text + strlen(text)};
    unsigned seen = 0;

    if (s.end - s.p > LIMIT_RRULE)
        return fault_set(fault, TGC_EINVAL, "a rule has at most %d bytes", LIMIT_RRULE);
    if (strncasecmp(s.p, "RRULE:", 6) == 0)
        s.p += 6;
    for (;;) {
        const char *next = memchr(s.p, ';', (size_t)(s.end - s.p));
        int err = read_part(&r, (struct span){s.p, next ? next : s.end}, &seen, fault);
        if (err)
            return err;
        if (!next)
            break;
        s.p = next + 1;
    }
    int err = judge(&r, seen, fault);
    if (err)
        return err;
    complete(&r);
    *ret = r;
    return 0;
}
