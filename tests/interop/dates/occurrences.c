/* Lines of "START\tZONE\tRRULE\tAFTER\tHOW MANY" → the rule's first occurrences after AFTER, as Unix seconds with
 * spaces between; lines of "%TITLE\tZONE\tAT" → the title. "! PATH TEXT" where it is refused. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calendar/rule.h"
#include "daemon/calendar/title.h"

enum { LINE_MAX_BYTES = 8192, FIELDS = 5 };

static void refuse(const struct fault *fault)
{
    printf("! %s %s\n", fault->path, fault->text);
}

static void say_occurrences(char *const f[static FIELDS])
{
    struct calendar_rule *rule;
    struct fault fault = {0};
    int64_t at = strtoll(f[3], NULL, 10);

    if (calendar_rule_new(f[0], f[1], f[2], &rule, &fault) != 0) {
        refuse(&fault);
        return;
    }
    for (long n = strtol(f[4], NULL, 10); n > 0 && calendar_rule_next(rule, at, &at); n--)
        printf("%" PRId64 " ", at);
    printf("\n");
    calendar_rule_free(rule);
}

static void say_title(char *const f[static FIELDS])
{
    char text[CALENDAR_TITLE_SIZE];
    struct fault fault = {0};

    if (calendar_title(f[0], f[1], strtoll(f[2], NULL, 10), text, &fault) == 0)
        printf("%s\n", text);
    else
        refuse(&fault);
}

int main(void)
{
    static char line[LINE_MAX_BYTES], nothing[1];

    while (fgets(line, sizeof(line), stdin)) {
        char *f[FIELDS], *rest = line;
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < FIELDS; i++) {
            char *field = strsep(&rest, "\t");
            f[i] = field ? field : nothing;
        }
        if (f[0][0] == '%')
            say_title(f);
        else
            say_occurrences(f);
        fflush(stdout);
    }
    return 0;
}
