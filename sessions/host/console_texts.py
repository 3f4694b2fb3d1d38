"""What the console's script says, by the key its modules use; see :mod:`sessions.pages.texts`."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def console_texts() -> dict[str, str]:
    """Texts of the host's console."""
    return {
        # Doing something
        "start_session": _("Start the session"),
        "first_question": _("Open the first question"),
        "close_question": _("Close the question"),
        "next_question": _("Next question"),
        "finish": _("Show the podium and end"),
        "go_on": _("Go on"),
        "end_session": _("End the session"),
        "see_results": _("See the results"),
        "end_question": _("End the session for everybody?"),
        "remove_question": _("Remove %(name)s? They cannot come back into this session."),
        "remove": _("Remove"),
        "remove_name": _("Remove %(name)s"),
        "rename_name": _("Rename %(name)s"),
        "name_empty": _("Enter a name."),
        "name_long": _("This name is too long."),
        "name_characters": _("This name has characters that cannot be shown."),
        "name_offensive": _("This name could hurt somebody. Please choose another one."),
        "name_taken": _("Another player has this name."),
        # What happened
        "renamed": _("%(name)s is now called %(new_name)s."),
        "removed": _("%(name)s was removed."),
        "told_started": _("The session has started."),
        "told_paused": _("The session is paused."),
        "told_resumed": _("The session goes on."),
        "told_more_time": _("There is more time for this question."),
        "told_locked": _("Nobody new is let in."),
        "told_unlocked": _("New players are let in."),
        "told_opened": _("Question %(number)s is open."),
        "told_closed": _("The question is closed."),
        "told_ended": _("The session is over."),
        "told_accepted": _("Everybody who gave this answer has its points."),
        "moved_on": _("The session had moved on already; nothing was done twice."),
        # What went wrong
        "does_not_fit": _("That does not fit how the session stands."),
        "signed_out": _("You are signed out. Sign in again in another tab, then go on here."),
        "not_now": _("The server could not do that just now. Please try again."),
        "unreachable": _("The server cannot be reached. Please try again."),
        "refused": _("The server does not let this page in as host. Reload it, and sign in again if it asks you to."),
        # How the session stands
        "phase_lobby": pgettext("session", "waiting for players"),
        "phase_ready": pgettext("session", "started"),
        "phase_playing": pgettext("session", "running"),
        "phase_open": pgettext("session", "question open"),
        "phase_closed": pgettext("session", "question closed"),
        "phase_ended": pgettext("session", "ended"),
        "paused": pgettext("session", "paused"),
        "locked": pgettext("session", "locked"),
        "lobby_open": _("The lobby is open"),
        "all_ready": _("Everything is ready for the first question"),
        "on_their_own": _("Players are working on their own"),
        "session_over": _("The session is over"),
        "online": pgettext("connection", "online"),
        "streaming": _("online, without WebSockets: this network blocks them"),
        "connecting": pgettext("connection", "connecting"),
        # The question
        "question_of": _("Question %(number)s of %(total)s"),
        "seconds": _("%(seconds)s s"),
        "true": _("True"),
        "false": _("False"),
        "answered_of": _("%(answered)s of %(players)s have answered"),
        "right": pgettext("answer", "right"),
        "almost": pgettext("answer", "almost right"),
        "wrong": pgettext("answer", "wrong"),
        "accept": _("Accept this too"),
        "answers": _("Answers"),
        "answered_right": _("answered: %(answered)s, right: %(correct)s"),
        # Players
        "all_answered": _("Everybody has answered."),
        "not_yet": _("Not yet: %(names)s"),
        "not_yet_more": _("Not yet: %(names)s, and others: %(more)s"),
        "more_players": _("More players: %(count)s. Search to find them."),
        "here": pgettext("player", "here"),
        "away": pgettext("player", "away"),
        "left": pgettext("player", "left"),
        "thinking": pgettext("player", "thinking"),
        "answered": pgettext("player", "answered"),
    }
