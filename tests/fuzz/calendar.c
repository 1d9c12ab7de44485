/* What comes again, and when: the first byte says whether the rest is a rule, a zone's file, the rule in one, or a
 * title. Of a rule and a title the second byte chooses the zone. A rule may have its start before it: "START\nRRULE".
 */
#include <string.h>

#include "daemon/base/utf8.h"
#include "daemon/calendar/rule.h"
#include "daemon/calendar/title.h"
#include "daemon/calendar/zone_internal.h"
#include "tests/fuzz/fuzz.h"

static const char *const zones[] = {"Europe/Berlin",  "America/New_York",  "Pacific/Apia", "Australia/Lord_Howe",
                                    "Europe/Dublin",  "Africa/Casablanca", "Asia/Gaza",    "UTC",
                                    "Europe/Nowhere", "../zoneinfo/UTC"};
enum { ZONES = sizeof(zones) / sizeof(zones[0]), OCCURRENCES = 20 };

/* They come in their order, none is missed from wherever one looks, and no two come within a minute. */
static void check_rule(struct feed *f)
{
    const char *zone = zones[feed_u8(f) % ZONES];
    char *start = feed_text(f), *rrule = strchr(start, '\n');
    struct calendar_rule *r;
    struct fault fault;
    int64_t at = INT64_MIN, next, again;

    if (rrule)
        *rrule++ = '\0';
    int err = calendar_rule_new(rrule ? start : "2026-01-31T02:30:00", zone, rrule ? rrule : start, &r, &fault);
    if (err) {
        FUZZ_CHECK(err == TGC_EINVAL && fault.text[0] && fault.path[0] == '/');
        FUZZ_CHECK(utf8_is_valid(fault.text, strlen(fault.text)));
    } else {
        FUZZ_CHECK(calendar_rule_next(r, at, &next));
        for (int i = 0; i < OCCURRENCES && calendar_rule_next(r, at, &next); i++, at = next) {
            FUZZ_CHECK(at == INT64_MIN || next >= at + 60);
            FUZZ_CHECK(calendar_rule_next(r, next - 1, &again) && again == next);
        }
        calendar_rule_free(r);
    }
    free(start);
}

/* What holds at an instant holds from its beginning to its end, and a local time's instant is shown as that time,
 * unless the clocks went over it. */
static void check_zone(const struct zone *z)
{
    for (int64_t at = -INT64_C(3000000000); at < INT64_C(9000000000); at += 500000003) {
        struct zone_span span, shown;
        int32_t min, max;

        zone_at(z, at, &span);
        FUZZ_CHECK(span.begin <= at && at < span.end);
        zone_offsets(z, at, &min, &max);
        FUZZ_CHECK(min <= span.offset && span.offset <= max);
        int64_t first = zone_instant(z, at + span.offset);
        FUZZ_CHECK(first <= at);
        zone_at(z, first, &shown);
        FUZZ_CHECK(first + shown.offset == at + span.offset);
    }
}

static void check_file(struct feed *f)
{
    struct zone *z = calloc(1, sizeof(*z));
    struct fault fault;

    if (z && zone_parse(f->at, feed_left(f), z, &fault) == 0)
        check_zone(z);
    zone_close(z);
}

static void check_footer(struct feed *f)
{
    struct zone_rule rule;
    struct zone_span span;

    if (zone_rule_parse((const char *)f->at, feed_left(f), &rule) != 0)
        return;
    for (int64_t at = -INT64_C(3000000000); at < INT64_C(9000000000); at += 500000003) {
        zone_rule_at(&rule, at, &span);
        FUZZ_CHECK(span.begin <= at && at < span.end);
    }
}

static void check_title(struct feed *f)
{
    const char *zone = zones[feed_u8(f) % ZONES];
    char *title = feed_text(f), text[CALENDAR_TITLE_SIZE];
    struct fault fault;

    if (calendar_title(title, zone, 1774746000, text, &fault) == 0) {
        FUZZ_CHECK(utf8_is_valid(text, strlen(text)));
        FUZZ_CHECK(utf8_count(text, strlen(text)) <= LIMIT_CALL_TITLE);
    }
    free(title);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static void (*const checks[])(struct feed *) = {check_rule, check_file, check_footer, check_title};
    struct feed f = {data, data + len};

    fuzz_begin();
    checks[feed_u8(&f) % 4](&f);
    return 0;
}
