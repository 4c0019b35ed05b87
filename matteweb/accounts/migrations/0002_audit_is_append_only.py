"""The audit log becomes append-only in the database, and people and projects in it stay."""

from django.conf import settings
from django.db import migrations, models

from matteweb.accounts.audit_guard import guard_install, guard_lift


def install(apps, schema_editor):
    guard_install(schema_editor.connection)


def lift(apps, schema_editor):
    guard_lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=models.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="project",
            field=models.ForeignKey(
                null=True, on_delete=models.PROTECT, related_name="audit", to="accounts.project"
            ),
        ),
        migrations.RunPython(install, lift),
    ]
