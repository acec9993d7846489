"""Writes the rows of a store into another by SQLite alone, and prints how many seconds the insertion of all took, and
how many it took to write them a second time, changed."""

import sqlite3
import sys
import time

store, copy, names, batch = sys.argv[1:]
batch = int(batch)
source = sqlite3.connect(store)
tables = {}
for table, key in (("machine", "name"), ("license", "machine")):
    cursor = source.execute(f"SELECT * FROM {table}")
    columns = [column[0] for column in cursor.description]
    rows = {}
    for row in cursor:
        rows.setdefault(row[columns.index(key)], []).append(row)
    tables[table] = (columns, rows)
with open(names, encoding="ascii") as file:
    names = file.read().split()

target = sqlite3.connect(copy, isolation_level=None)
for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -16000"):
    target.execute(f"PRAGMA {pragma}")
for (sql,) in source.execute("SELECT sql FROM sqlite_master WHERE type <> 'view' AND tbl_name IN ('machine', 'license') AND sql NOT NULL"):
    target.execute(sql)


def changed(table, row):
    """The row as of a day later."""
    columns = tables[table][0]
    later = list(row)
    for column in ("reported_at", "received_at", "status_at", "expires_at", "last_renewed_at", "overdue_since"):
        if column in columns and later[columns.index(column)] is not None:
            later[columns.index(column)] += 86400
    return tuple(later)


def statement(table, key):
    columns = tables[table][0]
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT ({', '.join(key)}) DO UPDATE SET {updates}"


statements = {"machine": statement("machine", ["name"]), "license": statement("license", ["machine", "license_id"])}


def write_all(batches):
    begun = time.monotonic()
    for rows_of in batches:
        target.execute("BEGIN IMMEDIATE")
        for table, rows in rows_of.items():
            target.executemany(statements[table], rows)
        target.execute("COMMIT")
    return time.monotonic() - begun


starts = range(0, len(names), batch)
first = [
    {table: [row for name in names[start : start + batch] for row in rows[name]] for table, (_, rows) in tables.items()}
    for start in starts
]
later = [{table: [changed(table, row) for row in rows] for table, rows in rows_of.items()} for rows_of in first]
print(write_all(first), write_all(later))
