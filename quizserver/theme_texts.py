"""Texts of the admin's theme that hosts meet.

The theme marks its texts for translation but brings no catalogues. Named here, they are in ours, and gettext gives the
theme's templates what it finds there. Texts the theme shares with Django come from Django's catalogues, but for those
of ``DJANGO_TEXTS``.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

THEME_TEXTS = (
    _("After you've created a user, you’ll be able to edit more user options."),
    _("Apply Filters"),
    _("Choose file to upload"),
    _("Click to cancel"),
    _("Dark"),
    _("Go back"),
    _("Light"),
    _("Return to site"),
    _("Select action to run"),
    _("Select action"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("System"),
    _("This item will be deleted."),
    _("Toggle password visibility"),
    _("Type to search"),
    _("You have been successfully logged out from the administration"),
)

#: What Django translates in a way that teachers misread, or with a slip; ours go before its own.
DJANGO_TEXTS = (
    _("Change history: %s"),
    _("History"),
    _("Save and add another"),
    _("Save and continue editing"),
    _("Save and view"),
    _("The %(name)s “%(obj)s” was deleted successfully."),
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was changed successfully."),
    _("Yes, I’m sure"),
)
