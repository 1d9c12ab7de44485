"""Holds every answer of the daemon against api/openapi.json: the status, the type and
the body. Of JSON Schema it knows the words that the description uses; another one is a failure. And every problem against what
it is for: it says what to do next, with the names that are meant."""
import re

# "{name}" is for who reads the description; an answer knows the name.
PLACEHOLDER = re.compile(r"\{\w+\}")
IGNORED = {"description", "default", "examples", "format"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}


def is_type(value, name):
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


def texts_for_people(value, name=""):
    """Each sentence in an answer that is ours: details, reasons, remedies."""
    if isinstance(value, dict):
        for inner, v in value.items():
            yield from texts_for_people(v, inner)
    elif isinstance(value, list):
        for v in value:
            yield from texts_for_people(v, name)
    elif name in ("detail", "reason", "remedy"):
        yield value


def check_words(name, answer):
    """Raises where an answer names nobody where it could, or a problem says nothing of what to do."""
    for text in texts_for_people(answer.json):
        if isinstance(text, str) and PLACEHOLDER.search(text):
            raise AssertionError("%s: a placeholder in %r" % (name, text))
    if answer.status >= 400 and isinstance(answer.json, dict) and "type" in answer.json and not answer.json.get("remedy"):
        raise AssertionError("%s: no remedy in %r" % (name, answer))


class Description:
    def __init__(self, document):
        self.document = document
        self.paths = [(re.compile("^" + re.sub(r"\\{[^/}]*\\}", "[^/]+", re.escape(p)) + "$"), p) for p in document.get("paths", {})]

    def resolve(self, node):
        while "$ref" in node:
            rest = {k: v for k, v in node.items() if k != "$ref"}
            target = self.document
            for part in node["$ref"][2:].split("/"):
                target = target[part]
            node = {**target, **rest}
        return node

    def faults(self, value, schema, at=""):
        """What is wrong with VALUE, as sentences."""
        schema = self.resolve(schema)
        for word, want in schema.items():
            if word in IGNORED:
                continue
            yield from getattr(self, "judge_" + word.lstrip("$"))(value, want, schema, at)

    def judge_type(self, value, want, schema, at):
        names = want if isinstance(want, list) else [want]
        if not any(is_type(value, n) for n in names):
            yield "%s is no %s: %r" % (at, "/".join(names), value)

    def judge_const(self, value, want, schema, at):
        if type(value) is not type(want) or value != want:
            yield "%s is %r, not %r" % (at, value, want)

    def judge_enum(self, value, want, schema, at):
        if value not in want:
            yield "%s is %r, none of %r" % (at, value, want)

    def judge_pattern(self, value, want, schema, at):
        if isinstance(value, str) and not re.search(want, value):
            yield "%s is %r, which does not fit %s" % (at, value, want)

    def judge_minimum(self, value, want, schema, at):
        if isinstance(value, int) and value < want:
            yield "%s is below %d: %r" % (at, want, value)

    def judge_maximum(self, value, want, schema, at):
        if isinstance(value, int) and value > want:
            yield "%s is above %d: %r" % (at, want, value)

    def judge_maxLength(self, value, want, schema, at):
        if isinstance(value, str) and len(value) > want:
            yield "%s is longer than %d: %r" % (at, want, value)

    def judge_minLength(self, value, want, schema, at):
        if isinstance(value, str) and len(value) < want:
            yield "%s is shorter than %d: %r" % (at, want, value)

    def judge_minItems(self, value, want, schema, at):
        if isinstance(value, list) and len(value) < want:
            yield "%s has fewer than %d items: %r" % (at, want, value)

    def judge_maxItems(self, value, want, schema, at):
        if isinstance(value, list) and len(value) > want:
            yield "%s has more than %d items: %r" % (at, want, value)

    def judge_minProperties(self, value, want, schema, at):
        if isinstance(value, dict) and len(value) < want:
            yield "%s has fewer than %d members: %r" % (at, want, value)

    def judge_required(self, value, want, schema, at):
        for name in want:
            if isinstance(value, dict) and name not in value:
                yield "%s/%s is missing" % (at, name)

    def judge_properties(self, value, want, schema, at):
        for name, inner in want.items():
            if isinstance(value, dict) and name in value:
                yield from self.faults(value[name], inner, at + "/" + name)

    def judge_additionalProperties(self, value, want, schema, at):
        for name in value if isinstance(value, dict) else ():
            if name not in schema.get("properties", {}):
                yield from ["%s/%s is not described" % (at, name)] if want is False else (
                    [] if want is True else self.faults(value[name], want, at + "/" + name))

    def judge_items(self, value, want, schema, at):
        for i, item in enumerate(value if isinstance(value, list) else ()):
            yield from self.faults(item, want, "%s/%d" % (at, i))

    def judge_anyOf(self, value, want, schema, at):
        if all(list(self.faults(value, s, at)) for s in want):
            yield "%s fits none of what it may be: %r" % (at, value)

    def judge_oneOf(self, value, want, schema, at):
        if [bool(list(self.faults(value, s, at))) for s in want].count(False) != 1:
            yield "%s fits none, or several, of what it may be: %r" % (at, value)

    def judge_not(self, value, want, schema, at):
        if not list(self.faults(value, want, at)):
            yield "%s is what it may not be: %r" % (at, value)

    def judge_allOf(self, value, want, schema, at):
        for part in want:
            yield from self.faults(value, part, at)

    def operation(self, method, path):
        path = path.partition("?")[0]
        fitting = [p for pattern, p in self.paths if p == path] or [p for pattern, p in self.paths if pattern.match(path)]
        methods = self.document["paths"][fitting[0]] if fitting else {}
        return methods.get("get" if method == "HEAD" else method.lower())

    def check_headers(self, name, headers, answer):
        for header, said in headers.items():
            said, value = self.resolve(said), answer.headers.get(header.lower())
            if value is None and said.get("required"):
                raise AssertionError("%s: no %s in %r" % (name, header, answer.headers))
            if value is not None and said["schema"]["type"] == "integer" and not value.isdigit():
                raise AssertionError("%s: %s is %r" % (name, header, value))

    def check(self, method, path, answer):
        """Raises where the answer is not what is described. What is not described at all is not looked at."""
        name = "%s %s: %d" % (method, path, answer.status)
        check_words(name, answer)
        operation = self.operation(method, path)
        if not operation:
            return
        if str(answer.status) not in operation["responses"]:
            raise AssertionError(name + " is not described")
        response = self.resolve(operation["responses"][str(answer.status)])
        self.check_headers(name, response.get("headers", {}), answer)
        content = response.get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if answer.raw and kind not in content:
            raise AssertionError("%s: the body is %r, described is %r" % (name, kind, list(content)))
        value = answer.json if "json" in kind else answer.raw.decode()
        found = list(self.faults(value, content[kind]["schema"])) if answer.raw else []
        if found:
            raise AssertionError("%s: %s in %r" % (name, "; ".join(found), answer))
