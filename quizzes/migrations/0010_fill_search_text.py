from itertools import islice

from django.db import migrations


def fill(apps, schema_editor):
    for name in ("Quiz", "Question", "WordList", "Word"):
        model = apps.get_model("quizzes", name)
        field = model._meta.get_field("search_text")
        every = model.objects.iterator()
        while rows := list(islice(every, 500)):
            for row in rows:
                field.pre_save(row, add=False)
            model.objects.bulk_update(rows, ["search_text"])


class Migration(migrations.Migration):

    dependencies = [
        ('quizzes', '0009_search_text'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
