#!/usr/bin/env python3
"""Holds every #include of the daemon and of its unit tests to the table in layers.txt; no includes run in a circle, and no
name of a struct or enum is given twice."""

import fnmatch
import os
import re

import tap

INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.M)
TAG = re.compile(rb"\b(?:struct|union|enum)[ \t]+(\w+)\s*\{")
TABLE = "tests/lint/layers.txt"


class Row:
    def __init__(self, rank, ours, foreign):
        self.rank, self.ours, self.foreign = rank, ours, foreign


def read_table():
    rows, libraries, circles = {}, {}, []
    for line in tap.read(TABLE).decode().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("library "):
            _, name, *headers = line.split()
            libraries.setdefault(name, []).extend(headers)
        elif line.startswith("circle "):
            circles.append(frozenset(line.split("|")[0].split()[1:]))
        elif line:
            folder, rank, ours, foreign = (cell.strip() for cell in line.split("|"))
            rows[folder] = Row(int(rank), ours.split(), set(foreign.split()))
    return rows, libraries, circles


def table_faults(rows, libraries):
    for folder, row in rows.items():
        for name in row.ours:
            below = rows.get(name) or rows.get(os.path.dirname(name))
            if below is None:
                yield f"{folder}: there is no row for {name}"
            elif below.rank >= row.rank:
                yield f"{folder}: {name} is not below it"
            elif (name == "api" or name.startswith("api/")) and folder != "daemon":
                yield f"{folder}: only the top may include api/"
        for name in row.foreign - libraries.keys():
            yield f"{folder}: no headers are known for {name}"


def includes(path):
    text = tap.read(path)
    for m in INCLUDE.finditer(text):
        line = text.count(b"\n", 0, m.start()) + 1
        ours, foreign = m.groups()
        yield line, (ours or foreign).decode(), ours is not None


def room_of(folder):
    """The folder that a unit test is about; any other folder is about itself."""
    room = folder.removeprefix("tests/unit/")
    if room == "program":
        return "daemon"
    return room if room == folder or room in ("api", "config") else f"daemon/{room}"


def may_include(folder, ours, header):
    """Whether a header of ours is the folder's own or named by its row."""
    home = os.path.dirname(header)
    if home == folder:
        return True
    if header.endswith("_internal.h"):
        return home == room_of(folder) or home.startswith(room_of(folder) + "/") and folder.startswith("tests/")
    return home in ours or header in ours


def library_of(libraries, header):
    for name, patterns in libraries.items():
        if any(fnmatch.fnmatchcase(header, p) for p in patterns):
            return name
    return None


def file_faults(path, folder, ours, foreign, libraries):
    for line, header, is_ours in includes(path):
        if is_ours:
            if header == "config.h":
                continue
            if not os.path.exists(os.path.join(tap.TOP, header)):
                yield f'{path}:{line}: "{header}" is not a path from the top'
            elif not may_include(folder, ours, header):
                yield f'{path}:{line}: {folder} may not include "{header}"'
        else:
            library = library_of(libraries, header)
            if library is None:
                yield f"{path}:{line}: <{header}> belongs to no library of {TABLE}"
            elif library != "libc" and library not in foreign:
                yield f"{path}:{line}: {folder} may not use {library} (<{header}>)"


def all_below(rows, folder):
    """FOLDER, and every folder that it reaches, whole."""
    found, waiting = set(), [folder]
    while waiting:
        name = waiting.pop()
        name = name if name in rows else os.path.dirname(name)
        if name not in found:
            found.add(name)
            waiting.extend(rows[name].ours)
    return found


def unit_test_row(rows, test_folder):
    """What a unit test may include: its room with the folders in it, and all below."""
    folder = room_of(test_folder)
    rooms = [name for name in rows if name == folder or name.startswith(folder + "/")]
    if not rooms:
        return None
    below = set().union(*(all_below(rows, name) for name in rooms))
    foreign = {"check", "jansson"}.union(*(rows[name].foreign for name in below))
    return below | {"tests/support"}, foreign


def rings(graph):
    """The sets of nodes that reach each other, larger than one (Tarjan's)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            ring = set(stack[stack.index(node):])
            del stack[stack.index(node):]
            if len(ring) > 1:
                found.append(frozenset(ring))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def include_graph(paths, name_of):
    """Who includes whom; name_of(path) is the node that a file belongs to."""
    graph = {name_of(path): set() for path in paths}
    for path in paths:
        for _, header, is_ours in includes(path):
            if is_ours and name_of(header) in graph and name_of(header) != name_of(path):
                graph[name_of(path)].add(name_of(header))
    return graph


def is_pair(ring):
    """A header, what implements it, and the state that both share: one concept."""
    return len(ring) == 2 and max(ring) == min(ring) + "_internal"


def circle_faults(paths, known):
    """NAME.c and NAME.h are one node: what a file needs, who includes its header needs too."""
    for ring in rings(include_graph(paths, lambda path: os.path.splitext(path)[0])):
        if not is_pair(ring) and not any(ring <= named for named in known):
            yield "a circle of files: " + " ".join(sorted(ring))
    for ring in rings(include_graph(paths, os.path.dirname)):
        yield "a circle of folders: " + " ".join(sorted(ring))


def tag_faults(paths):
    where = {}
    for path in paths:
        for name in set(TAG.findall(tap.read(path))):
            where.setdefault(name.decode(), []).append(path)
    for name, files in sorted(where.items()):
        if len(files) > 1:
            yield f"{name} is a struct, union or enum in " + ", ".join(files)


def main():
    t = tap.Tap()
    rows, libraries, circles = read_table()
    t.check("the table of layers only points down", table_faults(rows, libraries))

    sources = {}
    for path in tap.source_files():
        if path.endswith((".c", ".h")):
            sources.setdefault(os.path.dirname(path), []).append(path)
    t.check("every folder with code has a row", (
        f"{folder} is not in {TABLE}" for folder in sources if not folder.startswith("tests/") and folder not in rows))
    ours = [path for folder, paths in sorted(sources.items()) if folder in rows for path in paths]
    t.check("no includes run in a circle", circle_faults(ours, circles))
    t.check("no struct or enum has the name of another", tag_faults(ours))
    for folder, paths in sorted(sources.items()):
        if folder in rows:
            row = rows[folder]
            t.check(f"{folder} includes only what its row names", (
                fault for path in paths for fault in file_faults(path, folder, row.ours, row.foreign, libraries)))
        elif folder.startswith("tests/unit/"):
            allowed = unit_test_row(rows, folder)
            if allowed is None:
                t.check(f"{folder} belongs to a room", [f"there is no row for {folder}"])
                continue
            t.check(f"{folder} includes only its own layer and those below", (
                fault for path in paths for fault in file_faults(path, folder, *allowed, libraries)))
    t.end()


main()
