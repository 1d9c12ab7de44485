/* api/openapi.json against the table of routes: neither may know what the other does not. */
#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/route.h"

static json_t *description(void)
{
    char path[4096];
    json_error_t error;
    const char *top = getenv("TGCALLD_SRCDIR");

    snprintf(path, sizeof(path), "%s/api/openapi.json", top ? top : ".");
    json_t *o = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(o != NULL, "%s:%d: %s", path, error.line, error.text);
    return o;
}

/* Follows one "$ref" inside the document. */
static const json_t *resolve(const json_t *all, const json_t *node)
{
    const char *ref = json_string_value(json_object_get(node, "$ref"));
    char part[128];

    if (!ref)
        return node;
    ck_assert_int_eq(strncmp(ref, "#/", 2), 0);
    node = all;
    for (ref += 2; *ref; ref += *ref == '/') {
        size_t len = strcspn(ref, "/");
        snprintf(part, sizeof(part), "%.*s", (int)len, ref);
        node = json_object_get(node, part);
        ck_assert_msg(node != NULL, "a reference leads nowhere: %s", part);
        ref += len;
    }
    return node;
}

static void lower(const char *text, char *out)
{
    for (; *text; text++)
        *out++ = (char)(*text | 0x20);
    *out = '\0';
}

static const json_t *operation(const json_t *all, const struct route *r)
{
    char method[16];

    lower(http_method_text(r->method), method);
    return json_object_get(json_object_get(json_object_get(all, "paths"), r->pattern), method);
}

START_TEST(each_route_that_is_built_is_described)
{
    json_t *all = description();

    ck_assert_int_eq(strncmp(unit_json_text(all, "openapi"), "3.1.", 4), 0);
    for (size_t i = 0; i < routes_count; i++) {
        const json_t *o = operation(all, &routes[i]);
        if (routes[i].does == ROUTE_UNBUILT) {
            ck_assert_msg(!o, "%s is described and not there", routes[i].pattern);
            continue;
        }
        ck_assert_msg(o != NULL, "%s %s is not described", http_method_text(routes[i].method), routes[i].pattern);
        ck_assert_str_eq(unit_json_text(o, "summary"), routes[i].summary);
        ck_assert_ptr_nonnull(json_object_get(o, "operationId"));
        ck_assert_uint_gt(json_object_size(json_object_get(o, "responses")), 0);
        /* An empty "security" means that no token is needed. */
        const json_t *security = json_object_get(o, "security");
        ck_assert_msg((security != NULL) == (routes[i].scopes == 0), "%s: security", routes[i].pattern);
    }
    json_decref(all);
}
END_TEST

START_TEST(nothing_else_is_described)
{
    json_t *all = description(), *path, *operations, *ids = json_object();
    const char *pattern, *method;
    char text[16];

    json_object_foreach (json_object_get(all, "paths"), pattern, path) {
        json_object_foreach (path, method, operations) {
            bool found = false;
            for (size_t i = 0; i < routes_count; i++) {
                lower(http_method_text(routes[i].method), text);
                found = found || (strcmp(routes[i].pattern, pattern) == 0 && strcmp(text, method) == 0);
            }
            ck_assert_msg(found, "%s %s is described and no route", method, pattern);
            const char *id = unit_json_text(operations, "operationId");
            ck_assert_msg(!json_object_get(ids, id), "%s is there twice", id);
            json_object_set_new(ids, id, json_true());
        }
    }
    json_decref(ids);
    json_decref(all);
}
END_TEST

static bool is_required(const json_t *schema, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach (json_object_get(schema, "required"), i, item) {
        if (strcmp(json_string_value(item), name) == 0)
            return true;
    }
    return false;
}

/* {"anyOf": [{"required": [NAME]}, {"required": [INSTEAD], "properties": {INSTEAD: {"const": true}}}]} */
static bool is_either(const json_t *schema, const char *name, const char *instead)
{
    const json_t *both = json_object_get(schema, "anyOf"), *other = json_array_get(both, 1);
    const json_t *is = json_object_get(json_object_get(json_object_get(other, "properties"), instead), "const");

    return is_required(json_array_get(both, 0), name) && is_required(other, instead) && json_is_true(is);
}

static void compare_body(const json_t *all, const struct route *r, const json_t *o)
{
    const json_t *body = resolve(all, json_object_get(o, "requestBody"));
    const json_t *schema =
        json_object_get(json_object_get(json_object_get(body, "content"), "application/json"), "schema");
    size_t count = 0;

    if (!r->body && !r->body_any) {
        ck_assert_msg(!body, "%s takes no body", r->pattern);
        return;
    }
    if (r->body_any || !r->body->name)
        return;
    schema = resolve(all, schema);
    ck_assert_msg(schema != NULL, "%s has no schema of its body", r->pattern);
    ck_assert(json_is_false(json_object_get(schema, "additionalProperties")));
    for (const struct field *f = r->body; f->name; f++) {
        const json_t *property = json_object_get(json_object_get(schema, "properties"), f->name);
        ck_assert_msg(property != NULL, "%s: %s", r->pattern, f->name);
        count += property != NULL;
        bool listed = is_required(schema, f->name) || (f->instead && is_either(schema, f->name, f->instead));
        ck_assert_msg(listed == f->required, "%s: %s is required or not", r->pattern, f->name);
    }
    ck_assert_uint_eq(json_object_size(json_object_get(schema, "properties")), count);
}

static void compare_parameters(const json_t *all, const struct route *r, const json_t *o)
{
    const json_t *list = json_object_get(o, "parameters"), *item;
    size_t i, in_query = 0, in_path = 0, fields = 0, braces = 0, headers = 0;
    char braced[64];

    json_array_foreach (list, i, item) {
        const json_t *p = resolve(all, item);
        const char *name = unit_json_text(p, "name");
        if (strcmp(unit_json_text(p, "in"), "query") == 0) {
            bool found = false;
            for (const struct field *f = r->query; f->name; f++)
                found = found || strcmp(f->name, name) == 0;
            ck_assert_msg(found, "%s: no query member %s", r->pattern, name);
            in_query++;
        } else if (strcmp(unit_json_text(p, "in"), "header") == 0) {
            headers++;
        } else {
            snprintf(braced, sizeof(braced), "{%s}", name);
            ck_assert_ptr_nonnull(strstr(r->pattern, braced));
            in_path++;
        }
    }
    for (const struct field *f = r->query; f->name; f++)
        fields++;
    for (const char *p = r->pattern; *p; p++)
        braces += *p == '{';
    ck_assert_msg(in_query == fields, "%s: query members", r->pattern);
    ck_assert_msg(in_path == braces, "%s: path parameters", r->pattern);
    /* A key with every POST, and a preference with those that may become jobs. */
    if (r->method == HTTP_POST)
        ck_assert_msg(headers == 1u + job_asks_telegram(r->job), "%s: headers", r->pattern);
}

START_TEST(members_are_the_same_on_both_sides)
{
    json_t *all = description();

    for (size_t i = 0; i < routes_count; i++) {
        const json_t *o = operation(all, &routes[i]);
        if (!o)
            continue;
        compare_body(all, &routes[i], o);
        compare_parameters(all, &routes[i], o);
    }
    json_decref(all);
}
END_TEST

static void follow(const json_t *all, const json_t *node, int depth)
{
    const char *name;
    json_t *value;
    size_t i;

    ck_assert_int_lt(depth, 64);
    if (json_object_get(node, "$ref"))
        resolve(all, node);
    json_object_foreach ((json_t *)(uintptr_t)node, name, value) {
        follow(all, value, depth + 1);
    }
    json_array_foreach (node, i, value) {
        follow(all, value, depth + 1);
    }
}

START_TEST(every_reference_leads_somewhere)
{
    json_t *all = description();

    follow(all, all, 0);
    json_decref(all);
}
END_TEST

Suite *suite_openapi(void)
{
    Suite *s = suite_create("openapi");
    TCase *t = tcase_create("openapi");

    tcase_add_test(t, each_route_that_is_built_is_described);
    tcase_add_test(t, nothing_else_is_described);
    tcase_add_test(t, members_are_the_same_on_both_sides);
    tcase_add_test(t, every_reference_leads_somewhere);
    suite_add_tcase(s, t);
    return s;
}
