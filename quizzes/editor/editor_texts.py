"""What the script of a quiz's page says, by the key its modules use."""

from __future__ import annotations

from django.utils.translation import gettext as _


def editor_texts() -> dict[str, str]:
    """Texts of the quiz editor."""
    return {
        "kind": _("What kind of question?"),
        "tick_one": _("Tick the right option."),
        "tick_all": _("Tick all that are right."),
        "is_right": _("Option %(number)s is right"),
        "option_number": _("Option %(number)s"),
        "remove_option": _("Remove option %(number)s"),
        "add_option": _("Add an option"),
        "which_is_right": _("Which of them is right?"),
        "true": _("True"),
        "false": _("False"),
        "remove_answer": _("Remove “%(answer)s”"),
        "right_answer": _("Right answer"),
        "another_answer": _("Another right answer"),
        "typed_hint": _("Press Enter after each answer that is right. Parentheses hold what may be left out."),
        "number_hint": _("Players write a number."),
        "order_hint": _("Write the entries in their right order. Players see them shuffled."),
        "entry_number": _("Entry %(number)s"),
        "remove_entry": _("Remove entry %(number)s"),
        "add_entry": _("Add an entry"),
        "move_up": _("Move entry %(number)s up"),
        "move_down": _("Move entry %(number)s down"),
        "an_answer": _("Write your answer"),
        "a_number": _("Write a number"),
        "looks_like": _("The answers look like %(language)s. The language decides how typed answers are graded."),
        "take_language": _("Set it to %(language)s"),
        "draft_found": _("There is a draft of %(time)s that was not stored."),
        "draft_take": _("Go on with the draft"),
        "draft_drop": _("Throw it away"),
    }
