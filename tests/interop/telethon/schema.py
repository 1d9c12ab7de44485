"""TL text from Telethon's classes, which are all of its schema that it ships: what it reads, in its order.

The classes have lost capital letters and underscores of names; ids are taken as they are, and each rebuilt line whose CRC32
is its id is certain. usage: schema.py OUT.tl
"""
import ast
import pathlib
import re
import sys
import zlib

import telethon.tl
from telethon.tl.alltlobjects import LAYER

READS = {
    'read_int': 'int', 'read_long': 'long', 'read_double': 'double', 'tgread_string': 'string', 'tgread_bytes': 'bytes',
    'tgread_date': 'int', 'tgread_bool': 'Bool',
}
# Words that Python or Telethon has taken.
NAMES = {'is_self': 'self', 'from_': 'from'}


class Unreadable(Exception):
    pass


def checksum(line):
    """The id that the schema language gives a line without one."""
    text = re.sub(r' \w+:flags2?\.\d+\?true', '', line)
    text = text.replace(':bytes ', ':string ').replace('?bytes ', '?string ')
    return zlib.crc32(re.sub(r'[{}>]', '', text.replace('<', ' ')).encode())


def is_call(node, name=None):
    """reader.NAME(…), or any call of the reader's."""
    return (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name) and node.func.value.id == 'reader'
            and name in (None, node.func.attr))


def boxed_type(annotation):
    """The TypeX of 'TypeX', Optional['TypeX'], List['TypeX']."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Constant) and str(node.value).startswith('Type'):
            return node.value[4:]
    raise Unreadable('no type in ' + ast.unparse(annotation))


def snake(name):
    name = name[0].lower() + name[1:]
    return re.sub('[A-Z]', lambda found: '_' + found.group().lower(), name)


def bare_item(statement):
    """The class that a vector's items are read by where they have no ids."""
    return snake(statement.names[0].name) if isinstance(statement, ast.ImportFrom) else None


class Fields:
    """The fields of one class, from its from_reader."""

    def __init__(self, annotations, resolve):
        self.annotations = annotations
        self.resolve = resolve
        self.out = []

    def read(self, name, call):
        method = call.func.attr
        if method == 'read_large_int':
            return 'int%d' % call.keywords[0].value.value
        if method == 'tgread_object':
            return self.resolve(boxed_type(self.annotations[name]))
        if method not in READS:
            raise Unreadable(method)
        return READS[method]

    def add(self, name, wire, bit):
        self.out.append('%s:%s%s' % (NAMES.get(name, name), bit, wire))

    def block(self, body, bit=''):
        vector = 'vector'
        for s in body:
            if isinstance(s, ast.Expr) and is_call(s.value, 'read_int'):
                vector = 'Vector'
            elif isinstance(s, ast.If):
                self.block(s.body, condition(s.test))
            elif isinstance(s, ast.For):
                name = s.body[-1].value.func.value.id[1:]
                item = bare_item(s.body[0]) or self.read(name, s.body[0].value)
                self.add(name, '%s<%s>' % (vector, item), bit)
                vector = 'vector'
            elif isinstance(s, ast.Assign):
                self.assign(s.targets[0].id, s.value, bit)
            elif not isinstance(s, ast.Return):
                raise Unreadable(ast.unparse(s))

    def assign(self, target, value, bit):
        if target.startswith('flags'):
            self.out.append(target + ':#')
        elif is_call(value):
            self.add(target[1:], self.read(target[1:], value), bit)
        elif isinstance(value, ast.Call) and value.func.id == 'bool':
            self.add(target[1:], 'true', condition(value.args[0]))
        elif not isinstance(value, ast.List):
            raise Unreadable(ast.unparse(value))


def condition(test):
    """flags & 4 → flags.2?"""
    return '%s.%d?' % (test.left.id, test.right.value.bit_length() - 1)


class Module:
    """One file of classes; SPACE is its namespace with the dot, or ''."""

    def __init__(self, path):
        self.space = '' if path.stem == '__init__' else path.stem + '.'
        self.text = path.read_text()
        self.classes = [c for c in ast.parse(self.text).body if isinstance(c, ast.ClassDef)]


class Types:
    """The names of all types. A class says its own by SUBCLASS_OF_ID alone, the CRC32 of the name, and its fields' without
    the namespace: so every word that is used as a type is tried in every namespace."""

    def __init__(self, modules):
        bare = {n for m in modules for n in re.findall(r'\bType(\w+)', m.text)}
        bare |= {n for m in modules for n in re.findall(r'(?::returns|Constructor for) (?:\w+\.)?(\w+):', m.text)}
        names = {m.space + n for m in modules for n in bare - {'X'}} | {'Bool', 'int', 'long'}
        self.by_id = {zlib.crc32(n.encode()): n for n in names | {'Vector<%s>' % n for n in names}}
        self.full = {}
        for name in sorted({self.of(c) for m in modules for c in m.classes}):
            self.full.setdefault(name.rpartition('.')[2], []).append(name)

    def of(self, c):
        return self.by_id.get(constant(c, 'SUBCLASS_OF_ID'), '')


def constant(c, name):
    return next(s.value.value for s in c.body if isinstance(s, ast.Assign) and s.targets[0].id == name)


def is_method(c):
    return c.bases[0].id == 'TLRequest'


def declarations(m, c, types):
    """Each way to read the class C: for its name and for the namespaces of its fields."""
    parts = {f.name: f for f in c.body if isinstance(f, ast.FunctionDef)}
    init = parts.get('__init__')
    annotations = {a.arg: a.annotation for a in init.args.args} if init else {}
    name = c.name[:-len('Request')] if is_method(c) else c.name
    for choice in range(3):
        def resolve(bare):
            found = types.full.get(bare, [bare])
            return found[min(choice, len(found) - 1)]
        fields = Fields(annotations, resolve)
        fields.block(parts['from_reader'].body)
        for said in name[0].lower() + name[1:], snake(name):
            yield m.space + said, fields.out


def best_line(m, c, types):
    """(line, is it certain) of the class C."""
    result = types.of(c)
    if not result:
        raise Unreadable('no result, or any')
    number = constant(c, 'CONSTRUCTOR_ID')
    best = None
    for name, fields in declarations(m, c, types):
        words = [*fields, '=', result]
        certain = checksum(' '.join([name, *words])) == number
        if certain or not best:
            best = ' '.join(['%s#%08x' % (name, number), *words]) + ';', certain
    return best


def main(out):
    top = pathlib.Path(telethon.tl.__file__).parent
    modules = [Module(p) for kind in ('types', 'functions') for p in sorted((top / kind).glob('*.py'))]
    types = Types(modules)
    lines = {False: ['boolFalse#bc799737 = Bool;', 'boolTrue#997275b5 = Bool;'], True: []}
    uncertain, left = [], []
    for m in modules:
        for c in m.classes:
            try:
                line, certain = best_line(m, c, types)
            except Unreadable as why:
                left.append('%s%s: %s' % (m.space, c.name, why))
                continue
            lines[is_method(c)].append(line)
            if not certain:
                uncertain.append(line)
    text = '// LAYER %d\n\n---types---\n\n%s\n\n---functions---\n\n%s\n'
    pathlib.Path(out).write_text(text % (LAYER, '\n'.join(lines[False]), '\n'.join(lines[True])))
    print('# layer %d from its classes: %d types, %d methods, %d lines with an id that is not their CRC32, %d left out'
          % (LAYER, len(lines[False]), len(lines[True]), len(uncertain), len(left)))
    for text in uncertain + left if '-v' in sys.argv else []:
        print('#', text)


main(sys.argv[1])
