"""Answers have three indexes, each beginning with the session: one more is one more page to write for each answer."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_partition_answers_by_session")]

    operations = [
        migrations.RemoveIndex(model_name="answersubmission", name="answer_by_user"),
        migrations.AlterField(
            model_name="answersubmission",
            name="session",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="answers",
                to="quiz_sessions.quizsession",
            ),
        ),
    ]
