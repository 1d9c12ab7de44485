#include "daemon/ctl/account_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/base/utf8.h"
#include "daemon/ctl/say.h"

#include <string.h>

enum { NAME_SIZE = 512 };

const char *account_member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static void full_name(const json_t *user, char out[static NAME_SIZE])
{
    const char *first = account_member(user, "first_name"), *last = account_member(user, "last_name");

    snprintf(out, NAME_SIZE, "%s%s%s", first, *first && *last ? " " : "", last);
    out[utf8_cut(out, strlen(out))] = '\0';
}

void account_user_text(const json_t *account, char *out, size_t size)
{
    const json_t *user = json_object_get(account, "user");
    const char *username = account_member(user, "username");
    char name[NAME_SIZE];

    out[0] = '\0';
    if (!user)
        return;
    full_name(user, name);
    snprintf(out, size, "%s (%s%s%sid %s)", name, *username ? "@" : "", username, *username ? ", " : "",
             account_member(user, "id"));
    out[utf8_cut(out, strlen(out))] = '\0';
}

void account_say_row(const json_t *account)
{
    const json_t *user = json_object_get(account, "user");
    char name[NAME_SIZE], dc[24];

    full_name(user, name);
    snprintf(dc, sizeof(dc), "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(account, "dc")));
    const char *fields[] = {account_member(account, "name"),
                            account_member(account, "state"),
                            account_member(user, "id"),
                            account_member(user, "username"),
                            name,
                            dc,
                            account_member(json_object_get(account, "connection"), "state")};
    say_row(fields, sizeof(fields) / sizeof(fields[0]));
}
