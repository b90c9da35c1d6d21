"""What else people would ask: DuckDB and ClickHouse, in this process, over the same events.

peers.py ENGINE EVENTS DIRECTORY: loads a CSV of events into the engine and asks it the questions of PeerBenchmark.swift,
each three times. Prints a line for each: its name, the least time in milliseconds, and a file with the answer. A first
line has the seconds that loading took, and the bytes on disk.
"""

import os
import sys
import time

THREADS = 2

# For each engine: a day, a day in Kathmandu, the hour of the week, the week of a day, and percentiles of durations.
WORDS = {
    "duckdb": {
        "day": "date_trunc('day', timestamp)::DATE",
        "kathmandu": "date_trunc('day', timestamp + INTERVAL '345 minutes')::DATE",
        "hour": "isodow(timestamp), hour(timestamp)",
        "week": "date_trunc('week', timestamp)::DATE",
        "percentiles": "quantile_cont(duration_ms, [0.5, 0.95, 0.99])",
        "minus": "day - INTERVAL 29 DAY",
        "weeks": "date_diff('week', f.week, s.week)",
    },
    "clickhouse": {
        "day": "toDate(timestamp, 'UTC')",
        "kathmandu": "toDate(timestamp, 'Asia/Kathmandu')",
        "hour": "toDayOfWeek(timestamp, 0, 'UTC'), toHour(timestamp, 'UTC')",
        "week": "toMonday(timestamp, 'UTC')",
        "percentiles": "quantiles(0.5, 0.95, 0.99)(duration_ms)",
        "minus": "day - 29",
        "weeks": "dateDiff('week', f.week, s.week)",
    },
}

# Each row begins with dates and counts, which have to be equal in all engines.
QUESTIONS = {
    "events by type and day": "SELECT {day} AS day, event_type, count(*) FROM events GROUP BY 1, 2",
    "users by day": "SELECT {day} AS day, count(DISTINCT user_id) FROM events WHERE user_id IS NOT NULL GROUP BY 1",
    "users by day in Kathmandu":
        "SELECT {kathmandu} AS day, count(DISTINCT user_id) FROM events WHERE user_id IS NOT NULL GROUP BY 1",
    "users of 30 days, for each day": """
        WITH seen AS (SELECT DISTINCT {day} AS day, user_id FROM events WHERE user_id IS NOT NULL),
             days AS (SELECT DISTINCT day FROM seen)
        SELECT d.day, count(DISTINCT s.user_id) FROM days AS d, seen AS s
        WHERE s.day >= d.{minus} AND s.day <= d.day GROUP BY 1""",
    "latency by day": """
        SELECT {day} AS day, count(*), {percentiles} FROM events WHERE event_type = 'api_request' GROUP BY 1""",
    "latency by endpoint and day": """
        SELECT {day} AS day, service, endpoint, method, count(*), {percentiles} FROM events
        WHERE event_type = 'api_request' GROUP BY 1, 2, 3, 4""",
    "hours of the week": """
        SELECT {hour}, count(DISTINCT user_id) FROM events WHERE user_id IS NOT NULL GROUP BY 1, 2""",
    "retention by week": """
        WITH seen AS (SELECT DISTINCT user_id, {week} AS week FROM events WHERE user_id IS NOT NULL),
             first AS (SELECT user_id, min(week) AS week FROM seen GROUP BY user_id)
        SELECT f.week, {weeks} AS later, count(*) FROM first AS f JOIN seen AS s ON s.user_id = f.user_id
        GROUP BY 1, 2""",
}


def size(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(root, name)) for root, _, names in os.walk(path) for name in names)


class DuckDB:
    def __init__(self, directory):
        import duckdb

        self.path = os.path.join(directory, "events.duckdb")
        self.connection = duckdb.connect(self.path)
        self.connection.execute(f"SET threads = {THREADS}; SET TimeZone = 'UTC'")

    def load(self, events):
        types = "timestamp TIMESTAMP, event_type VARCHAR, service VARCHAR, user_id UUID, endpoint VARCHAR, " \
            "method VARCHAR, duration_ms BIGINT"
        self.connection.execute(f"CREATE TABLE events ({types})")
        self.connection.execute(f"COPY events FROM '{events}' (FORMAT csv, HEADER false)")
        self.connection.execute("CHECKPOINT")

    def ask(self, sql):
        return self.connection.execute(sql).fetchall()


class ClickHouse:
    def __init__(self, directory):
        from chdb.session import Session

        self.path = os.path.join(directory, "clickhouse")
        self.session = Session(self.path)
        self.settings = f"SETTINGS max_threads = {THREADS}"

    def load(self, events):
        self.session.query("CREATE DATABASE IF NOT EXISTS peers ENGINE = Atomic")
        self.session.query("""
            CREATE TABLE peers.events (
                timestamp DateTime64(6, 'UTC'), event_type LowCardinality(String), service LowCardinality(String),
                user_id Nullable(UUID), endpoint LowCardinality(Nullable(String)),
                method LowCardinality(Nullable(String)), duration_ms Nullable(Int64))
            ENGINE = MergeTree ORDER BY (event_type, timestamp)""")
        types = "timestamp DateTime64(6, \\'UTC\\'), event_type String, service String, user_id Nullable(UUID), " \
            "endpoint Nullable(String), method Nullable(String), duration_ms Nullable(Int64)"
        self.session.query(
            f"INSERT INTO peers.events SELECT * FROM file('{events}', 'CSV', '{types}') {self.settings}")
        self.session.query("OPTIMIZE TABLE peers.events FINAL")

    def ask(self, sql):
        answer = self.session.query(sql.replace("FROM events", "FROM peers.events") + " " + self.settings, "CSV")
        return [line.split(",") for line in str(answer).replace('"', "").splitlines()]


def main():
    engine, events, directory = sys.argv[1:]
    peer = {"duckdb": DuckDB, "clickhouse": ClickHouse}[engine](directory)
    start = time.monotonic()
    peer.load(events)
    print("loaded", round(time.monotonic() - start, 1), size(peer.path), sep="\t", flush=True)
    for number, (name, question) in enumerate(QUESTIONS.items()):
        sql = question.format(**WORDS[engine])
        times = []
        for _ in range(3):
            start = time.monotonic()
            rows = peer.ask(sql)
            times.append((time.monotonic() - start) * 1000)
        path = os.path.join(directory, f"{engine}-{number}")
        with open(path, "w") as file:
            for row in rows:
                file.write(",".join(str(value)[:10] if index == 0 else str(value) for index, value in enumerate(row)) + "\n")
        print(name, round(min(times)), path, sep="\t", flush=True)


main()
