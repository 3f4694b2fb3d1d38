"""On PostgreSQL, answers lie in eight partitions by the hash of their session.

A session's answers stay together, each index is an eighth of the size, and vacuum works on one part at a time. SQLite
has no partitions; the model is the same on both.
"""

from __future__ import annotations

from django.db import migrations

PARTITIONS = 8

_KEYS = """
ALTER TABLE answer_submissions ADD PRIMARY KEY (session_id, id);
ALTER TABLE answer_submissions ADD CONSTRAINT answer_once UNIQUE (session_id, user_id, question_id);
ALTER TABLE answer_submissions ADD CONSTRAINT answer_session FOREIGN KEY (session_id) REFERENCES quiz_sessions (id)
    DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX answer_by_question ON answer_submissions (session_id, question_id);
CREATE INDEX answer_by_user ON answer_submissions (user_id);
"""


def _rebuild(schema_editor, partitioned):
    if schema_editor.connection.vendor != "postgresql":
        return
    parts = "\n".join(
        f"CREATE TABLE answer_submissions_{number} PARTITION OF answer_submissions "
        f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number});"
        for number in range(PARTITIONS)
    )
    schema_editor.execute(
        f"""
        ALTER TABLE answer_submissions RENAME TO answer_submissions_before;
        CREATE TABLE answer_submissions (LIKE answer_submissions_before INCLUDING DEFAULTS)
            {"PARTITION BY HASH (session_id)" if partitioned else ""};
        {parts if partitioned else ""}
        INSERT INTO answer_submissions SELECT * FROM answer_submissions_before;
        DROP TABLE answer_submissions_before;
        {_KEYS}
        """
    )


def partition(apps, schema_editor):
    _rebuild(schema_editor, partitioned=True)


def gather(apps, schema_editor):
    _rebuild(schema_editor, partitioned=False)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial")]

    operations = [migrations.RunPython(partition, gather)]
