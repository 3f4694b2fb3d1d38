"""What the scripts of the practice page say, in the visitor's language."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.plurals import Text
from sessions.pages.texts import player_texts

#: What a player knows from the game already.
_AS_IN_THE_GAME: Final = (
    *("true", "false", "hint_multi", "hint_order", "your_order", "placed", "taken_back", "lock_in", "letters"),
    *("listen", "listen_title", "plays_left", "no_plays", "no_voice", "host_plays", "sound_failed", "press_listen"),
    *("your_answer", "right_answer", "compared", "letters_missing", "letters_extra", "sending_title"),
    *("correct_title", "almost_title", "wrong_title", "go_on", "try_again", "to_start"),
)


def practice_texts() -> dict[str, Text]:
    """Texts of the practice page, by the key its modules use."""
    known = player_texts()
    return {
        **{key: known[key] for key in _AS_IN_THE_GAME},
        "practice": _("Practice"),
        # The decks of a device
        "link": _("Practice link"),
        "paste_link": _("Open the link that you got at the end of a game or homework, or paste it here."),
        "open": _("Open"),
        "bad_link": _("This is no practice link."),
        "due": _("Due now: %(count)s"),
        "loading": _("Loading …"),
        "loading_lead": _("Your words are on their way."),
        "gone_title": _("This practice is gone"),
        "gone": _("It was deleted or not used for too long, or the link is not complete."),
        "forget": _("Remove it from this device"),
        # A deck
        "practise": _("Practise"),
        "practise_on": _("Practise all the same"),
        "due_lead": _("First the words you missed, then the rest of the list."),
        "no_cards": _("There are no words here to practise."),
        "comes_next": _("Nothing is due now. The next word comes back: %(time)s"),
        "due_now": pgettext("words to practise", "Due now"),
        "fresh": pgettext("words to practise", "New"),
        "words": pgettext("words to practise", "All words"),
        "done": pgettext("words to practise", "Answered just now"),
        "done_title": _("Done for now"),
        "others": _("Other practice on this device"),
        # Without a connection
        "offline": _("No connection. Go on: your answers are kept here and sent later."),
        "needs_connection": _("This needs a connection. Try again later."),
        "waits": _("Answers that wait to be sent: %(count)s"),
        "copy_of": _("The words are as they were here: %(time)s"),
        "judged_again": _("The server judged these differently"),
        "now_right": _("It counts as right."),
        "now_almost": _("It counts as almost right."),
        "now_wrong": _("It counts as wrong."),
        "not_taken": _("The server did not take these answers"),
        "no_such_card": _("This word is not in the list any more."),
        # A card
        "left": _("Words left: %(count)s"),
        "missed": _("missed in the game"),
        "dont_know": _("I do not know"),
        "stop": _("Stop for now"),
        "compare_title": _("Was that right?"),
        "compare_lead": _("Without a connection you compare it yourself. The server has the last word."),
        "had_right": _("I had it right"),
        "had_wrong": _("I had it wrong"),
        "provisional": _("Judged on this device. The server has the last word."),
        "comes_again": _("Comes back: %(time)s"),
        # What else can be done with it
        "other_device": _("On another device"),
        "other_lead": _("Scan this code or open the link there. Whoever has the link can practise here and delete it."),
        "copy_link": _("Copy the link"),
        "copied": _("Copied."),
        "copy_by_hand": _("Copy it from the field."),
        "anki": _("For Anki"),
        "anki_lead": _("The words you missed, as a package for the Anki app, with their sounds."),
        "anki_get": _("Download the package"),
        "install": _("Install as an app"),
        "install_hint": _("To have this among your apps, choose “Add to home screen” in the browser’s menu."),
        "not_secure": _("This address is not encrypted (https), so practice works with a connection only."),
        # What is kept
        "kept": _("What is kept, and how to delete it"),
        "kept_server": _(
            "On the server: your answers here, and when each word comes back. Your name is not with them."
        ),
        "kept_device": _("On this device: a copy of the words, and answers until they are sent."),
        "kept_nothing": _(
            "This browser lets the page keep nothing: without a connection, answers are lost with the page."
        ),
        "kept_until": _("It is deleted when nobody practises any more, as things are: %(time)s"),
        "kept_with_session": _("It is kept as long as the game it comes from."),
        "counts_for_class": _("What you practise counts for your class %(name)s: your teacher sees it."),
        "counts_for_none": _(
            "It counts for nobody but you. Your teacher sees it only in an export of all that is kept of you."
        ),
        "delete_all": _("Delete it"),
        "delete_sure": _("Delete your answers and all dates, on the server and on this device? It cannot be undone."),
        "delete_now": _("Delete it for good"),
        "keep_it": _("Keep it"),
        "deleted_title": _("Deleted"),
        "deleted": _("Nothing of it is left on the server or on this device."),
    }
