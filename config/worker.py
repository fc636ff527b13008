#!/usr/bin/python3
"""A worker for an inbox with `apply: { store: true }`: worker.py CONNINFO INBOX

Start as many as you like.
"""
import sys
import time

import psycopg2


def apply(cursor, key, payload):
    if payload is None:  # a tombstone
        cursor.execute("DELETE FROM product WHERE id = %s", (key,))
        return
    cursor.execute(
        "INSERT INTO product (id, body) VALUES (%s, %s)"
        " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        (key, bytes(payload).decode()),
    )


def work(connection, inbox):
    """One transaction: the messages, what they change, and that they are done."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, key, payload FROM postbox.take(%s, 100)", (inbox,))
        messages = cursor.fetchall()
        for _, key, payload in messages:
            apply(cursor, key, payload)
        cursor.execute("SELECT postbox.done(%s::bigint[])", ([m[0] for m in messages],))
    return len(messages)


if __name__ == "__main__":
    conninfo, inbox = sys.argv[1:]
    connection = psycopg2.connect(conninfo)
    while True:
        if work(connection, inbox) == 0:
            time.sleep(0.1)
