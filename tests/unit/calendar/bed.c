#include "tests/unit/calendar/bed.h"

#include <string.h>

#include "daemon/base/time_text.h"

int64_t bed_at(const char *text)
{
    int64_t v;

    ck_assert_msg(time_rfc3339_parse(text, strlen(text), &v) == 0, "%s", text);
    return v;
}

struct calendar_rule *bed_rule(const char *start, const char *zone, const char *rrule)
{
    struct calendar_rule *r;
    struct fault fault;
    int err = calendar_rule_new(start, zone, rrule, &r, &fault);

    ck_assert_msg(err == 0, "%s in %s: %s %s", rrule, zone, fault.path, fault.text);
    return r;
}
