#include "api/accept.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/request.h"

#define SPACE " \t"

/* To the next of STOPS outside of quotation marks, or the end. */
static const char *skip_to(const char *text, const char *stops)
{
    bool quoted = false;

    for (; *text && (quoted || !strchr(stops, *text)); text++) {
        if (quoted && *text == '\\' && text[1])
            text++;
        else if (*text == '"')
            quoted = !quoted;
    }
    return text;
}

/* How well the range of LEN bytes fits TYPE. */
static int rank_of(const char *range, size_t len, const char *type)
{
    size_t slash = strcspn(type, "/") + 1;

    if (len == strlen(type) && strncasecmp(range, type, len) == 0)
        return 3;
    if (len == slash + 1 && range[slash] == '*' && strncasecmp(range, type, slash) == 0)
        return 2;
    return len == 3 && memcmp(range, "*/*", 3) == 0;
}

/* "0.5" → 500; −1: RFC 9110, 12.4.2 has no such weight. */
static int weight_of(const char *text, size_t len)
{
    int n = 0;

    if (len == 0 || len > 5 || (text[0] != '0' && text[0] != '1') || (len > 1 && text[1] != '.'))
        return -1;
    for (size_t i = 0; i < 5; i++) {
        if (i == 1)
            continue;
        char c = i < len ? text[i] : '0';
        if (c < '0' || c > '9')
            return -1;
        n = n * 10 + c - '0';
    }
    return n <= 1000 ? n : -1;
}

/* The weight among the parameters from TEXT, which is at a ';', to END. */
static int find_weight(const char *text, const char *end)
{
    while (text < end) {
        text++;
        text += strspn(text, SPACE);
        const char *next = skip_to(text, ";,");
        const char *last = next;
        while (last > text && strchr(SPACE, last[-1]))
            last--;
        if (last - text >= 2 && (text[0] | 0x20) == 'q' && text[1] == '=')
            return weight_of(text + 2, (size_t)(last - text) - 2);
        text = next;
    }
    return 1000;
}

void accept_read(const char *line, struct accept_wish *wish)
{
    while (*line) {
        line += strspn(line, SPACE ",");
        size_t len = strcspn(line, SPACE ",;");
        const char *end = skip_to(line, ",");
        const char *parameters = skip_to(line + len, ";,");
        int rank = rank_of(line, len, wish->type);
        int weight = find_weight(parameters, end);
        if (weight >= 0 && rank > wish->rank) {
            wish->rank = rank;
            wish->thousandths = weight;
        }
        line = end;
    }
}

static enum MHD_Result look_at_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct accept_wish *wishes = ctx;

    if (strcasecmp(name, "Accept") == 0 && value) {
        accept_read(value, &wishes[0]);
        accept_read(value, &wishes[1]);
    }
    return MHD_YES;
}

bool accept_prefers(const struct request *r, const char *type, const char *than)
{
    struct accept_wish wishes[2] = {{.type = type}, {.type = than}};

    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, look_at_header, wishes);
    return wishes[0].thousandths > wishes[1].thousandths;
}
