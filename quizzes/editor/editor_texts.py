"""What the script of a quiz's page says, by the key its modules use."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.config import CONFIG
from common.plurals import Text, plural_forms
from quizzes.rules import limits


def attachments() -> dict[str, Any]:
    """Where the script of an editor sends pictures and recordings, and how long these may be."""
    return {
        "base": CONFIG.base_path,
        "images": reverse("images"),
        "sounds": reverse("sounds"),
        "worklet": static("host/recorder_worklet.js"),
        "sound_seconds": limits.SOUND_MS_MAX // 1_000,
    }


def attachment_texts() -> dict[str, str]:
    """Texts of the part of a question or a word that has its picture and its recording."""
    return {
        "attachments": _("Picture and recording"),
        "drop_here": _("Drop or paste a picture or a recording here."),
        "choose_file": _("Choose a file"),
        "record": _("Record"),
        "stop_recording": _("Stop (%(seconds)s s)"),
        "remove_picture": _("Remove the picture"),
        "remove_recording": _("Remove the recording"),
        "sending_file": _("Sending …"),
        "not_sent": _("This could not be sent. Please try again."),
        "no_attachment": _("This is neither a picture nor a recording."),
        "mic_refused": _(
            "The browser refuses the microphone to this page. Allow it beside the address, or upload a file."
        ),
        "mic_missing": _("This device has no microphone. You can upload a file."),
        "mic_insecure": _(
            "Browsers give the microphone only to pages with https or on this computer. You can upload a file."
        ),
    }


def editor_texts() -> dict[str, Text]:
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
        "listen": _("Listen"),
        "listen_title": _("Listen, then answer"),
        "gaps_hint": _(
            "Write the text, and put what belongs in a gap in brackets: The [cat] sat on the [mat]. Or mark words in "
            "the text and press the button."
        ),
        "make_gap": _("Make the marked words a gap"),
        "gap_number": _("Gap %(number)s"),
        "also_right": _("Also right in gap %(number)s, with a bar between: %(example)s"),
        "wrong_options": _("Wrong options of gap %(number)s, if players choose, with a bar between: %(example)s"),
        "also_right_short": _("Also right"),
        "wrong_short": _("Wrong options, if players choose"),
        "gap_grading": _("How it is graded"),
        "an_answer": _("Write your answer"),
        "a_number": _("Write a number"),
        "looks_like": _("The answers look like %(language)s. The language decides how typed answers are graded."),
        "take_language": _("Set it to %(language)s"),
        "deleted": plural_forms(
            "count",
            lambda count: ngettext("%(count)s question was deleted.", "%(count)s questions were deleted.", count),
        ),
        "undo": _("Undo"),
        **attachment_texts(),
        "draft_found": _("There is a draft of %(time)s that was not stored."),
        "draft_take": _("Go on with the draft"),
        "draft_drop": _("Throw it away"),
    }
