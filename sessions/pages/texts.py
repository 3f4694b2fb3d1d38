"""What the pages' scripts say. Each page carries its texts as JSON, in the visitor's language.

A browser needs no catalogue then. Of a text in which a number meets a noun it gets all plural forms
(:mod:`common.plurals`); most are worded so that they need none.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from common.plurals import Text, plural_forms


def _points(count: int) -> str:
    return ngettext("%(points)s point", "%(points)s points", count)


def sound_texts() -> dict[str, Text]:
    """What the switch for sounds says while nothing is heard."""
    return {
        "sound_refused": _("For the sound, click here once or press a key."),
        "sound_still": _("No sound: this device asks for less motion."),
        "sound_none": _("This browser makes no sounds."),
        "sound_elsewhere": _("The big screen in this browser has the sound."),
    }


def gap_texts() -> dict[str, Text]:
    """What pages say of texts with gaps."""
    return {
        "gaps_title": _("Fill the gaps"),
        "gap_of": _("Gap %(number)s of %(total)s"),
        "gap_correct": pgettext("answer", "right"),
        "gap_almost": pgettext("answer", "almost right"),
        "gap_wrong": pgettext("answer", "wrong"),
        "gap_open": _("left empty"),
    }


def player_texts() -> dict[str, Text]:
    """Texts of the player's page, by the key its modules use."""
    return {
        # Joining
        "no_such_code": _("There is no game with this code. Check it on the big screen."),
        "code_short": _("Enter the code from the big screen."),
        "session_over": _("This game is over."),
        "session_full": _("This game is full. Tell your host."),
        "session_locked": _("The host lets nobody new in at the moment."),
        "removed_before": _("The host has removed you from this game."),
        "name_taken": _("Somebody in this game has this name. How about this one?"),
        "name_empty": _("Enter a name."),
        "name_long": _("This name is too long."),
        "name_characters": _("This name has characters that cannot be shown."),
        "name_offensive": _("This name could hurt somebody. Please choose another one."),
        "name_reserved": _("This name is the host’s. Please choose another one."),
        "name_suggested": _("Here everybody plays under a name of their own. What is yours?"),
        "token_refused": _("This game does not know you any more. Join again."),
        "pupil_taken": _("Somebody plays under this name. If it is yours, tell your host."),
        "card_needed": _("Here you need your card: scan it to play."),
        "card_unknown": _("This card is not good here. If you have a newer one, use that; else tell your host."),
        "class_deleted": _("Your class is not here any more. You can join as a guest."),
        "card_hello": _("Hello, %(name)s!"),
        "card_none": _("No quiz is open for your class at the moment."),
        "card_choose": _("Choose your quiz."),
        "look_again": _("Look again"),
        "place_code_refused": _("This code is not right, or not any more. Ask your host for a new one."),
        "try_again": _("That did not work. Please try again."),
        "back_to": _("Back to “%(title)s” as %(name)s"),
        "resuming": _("Taking you back into the game"),
        # Connection
        "reconnecting": _("Connection lost. Reconnecting …"),
        "streaming": _("This network blocks WebSockets. The game goes on over ordinary requests, a little slower."),
        "reconnecting_with_answer": _("Connection lost. Your answer is kept and will be sent."),
        "elsewhere_title": _("You are playing elsewhere"),
        "elsewhere": _("The game is open in another tab or on another device."),
        "play_here": _("Play here instead"),
        "removed_title": _("You were removed"),
        "removed": _("The host has removed you from this game."),
        "too_fast_title": _("Too many messages"),
        "too_fast": _("This page sent too much at once, so the server closed the connection."),
        "cut_off_title": _("The server closed the connection"),
        "cut_off": _("It gave no reason. You can connect again."),
        "connect_again": _("Connect again"),
        "to_start": _("To the start page"),
        "renamed": _("Your host has given you another name: %(name)s"),
        # Waiting
        "you_are_in": _("You are in, as"),
        "scoring_speed": _(
            "Fast answers count: 5 points more within 2 seconds, one less every 2 seconds after, none after 10."
        ),
        "scoring_scaled": _(
            "Fast answers count: up to 5 points more, one less after each fifth of the question’s time."
        ),
        "scoring_flat": _("Take your time: speed does not count."),
        "lobby_wait": _("The game begins when your host starts it."),
        "players_here": _("Players here: %(count)s"),
        "team": pgettext("team", "Team %(number)s"),
        "members": pgettext("team", "Members: %(count)s"),
        "average": _("Average of the members"),
        "goal": _("Our goal"),
        "goal_points": _("%(reached)s of %(amount)s points, all together"),
        "goal_right": _("%(reached)s of %(amount)s right answers, all together"),
        "goal_done": _("Reached: %(reached)s, of %(amount)s that were wanted"),
        "your_team": pgettext("team", "You are in team %(number)s"),
        "choose_team": _("Choose your team"),
        "team_changed": pgettext("team", "You are in team %(number)s now."),
        # Homework
        "opens_on": _("It opens by itself: %(time)s. You may close this page and come back with this device."),
        "open_until": _("Open until %(time)s"),
        "closing_moved": _("New end: %(time)s"),
        "homework_done": _("Your answers are in. You may close this page."),
        "homework_closed_title": _("The time is over"),
        "homework_closed": _("This homework is closed. What you answered counts."),
        "homework_closed_later": _("What you answered counts. The solutions come when nobody has time left."),
        "attempt_of": _("Attempt %(one)s of %(all)s"),
        "do_it_again": _("Do it again"),
        "best_counts": _("Your best attempt counts."),
        "last_counts": _("Your last attempt counts, from when you begin it."),
        "counts": _("Points that count"),
        "how_to_keys": _("On a keyboard: 1 to 9 choose, Enter confirms."),
        "leave": _("Leave the game"),
        "get_ready": _("Get ready"),
        "get_ready_lead": _("The first question is about to come."),
        "next_soon": _("Well timed"),
        "next_soon_lead": _("The next question comes when your host opens it."),
        # Questions
        "question_of": _("Question %(index)s of %(total)s"),
        "once_more": _("asked again"),
        "asked_again": _("Questions that come back: %(count)s. Here is another chance."),
        "worth": plural_forms("points", _points),
        "progress": _("Progress"),
        "time_left": _("Time left"),
        "seconds_left": plural_forms(
            "seconds", lambda count: ngettext("%(seconds)s second left", "%(seconds)s seconds left", count)
        ),
        "time_up": _("Time is up."),
        "true": _("True"),
        "false": _("False"),
        "hint_multi": _("Choose all that are right, then lock in."),
        "hint_order": _("Tap them in the right order. Tap again to take one back."),
        "hint_gaps": _("Each gap counts for itself. One left empty earns nothing."),
        **gap_texts(),
        "your_order": _("Your order"),
        "placed": _("%(option)s: place %(place)s of %(total)s"),
        "taken_back": _("%(option)s: taken back"),
        "lock_in": _("Lock in"),
        "skip": _("Skip for now"),
        "bad_answer": _("This answer cannot be taken. Please change it."),
        # Heard
        "listen": _("Listen"),
        "listen_title": _("Listen, then answer"),
        "plays_left": _("You may still listen: %(count)s"),
        "no_plays": _("You have listened as often as this game allows."),
        "no_voice": _("This device has no voice for this language: %(language)s."),
        "host_plays": _("Your host plays this one."),
        "sound_failed": _("The recording could not be played. Try again."),
        "press_listen": _("The browser plays nothing before a click: press Listen."),
        # Locked in
        "sending_title": _("Sending …"),
        "sending_lead": _("Your answer is kept on this device until it has arrived."),
        "locked_title": _("Locked in"),
        "locked_lead": _("Your answer has arrived. The result comes when the question closes."),
        "late_lead": _("The question had closed when your answer arrived."),
        "told_at_close": _("The solution comes when the question closes."),
        "answered_of": _("Answered: %(done)s of %(all)s"),
        # Results
        "correct_title": _("Correct"),
        "almost_title": _("Almost"),
        "wrong_title": _("Not this time"),
        "late_title": _("Too late"),
        "unanswered_title": _("No answer"),
        "poll_title": _("Thank you"),
        "points_speed": _("%(base)s + %(speed)s for speed"),
        "points_plain": _("%(base)s for the right answer"),
        "points_almost": _("%(points)s for an almost right answer"),
        "points_slow": _("%(base)s for the right answer, too late for speed points"),
        "points_wrong": _("No points: the answer is not right"),
        "points_warm_up": _("No points: this question has none"),
        "points_unanswered": _("No points without an answer in time"),
        "points_poll": _("Your vote counts; a poll has no points"),
        "counts_now": plural_forms(
            "points",
            lambda count: ngettext(
                "Your host accepts “%(answer)s”: %(points)s more point for you.",
                "Your host accepts “%(answer)s”: %(points)s more points for you.",
                count,
            ),
        ),
        "your_answer": _("Your answer"),
        "your_answer_was": _("Your answer: %(answer)s"),
        "right_answer": _("Right answer"),
        "compared": _("Letter by letter"),
        "letters_missing": _("missing or different: %(letters)s"),
        "letters_extra": _("too much or different: %(letters)s"),
        "letters": _("Letters of this language"),
        "rank_of": _("Rank %(rank)s of %(total)s"),
        "places_up": _("up by %(places)s"),
        "places_down": _("down by %(places)s"),
        "points_behind": _("Points behind %(name)s: %(points)s"),
        "last_one": _("That was the last question. The final result comes next."),
        "options_in": _("Options in %(seconds)s s"),
        "goes_on": _("Goes on in %(seconds)s s"),
        "next": _("Next question"),
        "see_result": _("See your result"),
        "go_on": _("Go on"),
        # The end
        "finished_title": _("All answered"),
        "finished_lead": _("You can stay and watch your rank until the game ends."),
        "game_over": _("The game is over"),
        "won": _("You have won!"),
        "on_podium": _("You are on the podium!"),
        "best_players": _("Best players"),
        "points": _("Points"),
        "rank": _("Rank"),
        "right": _("Right"),
        "of": _("%(one)s of %(all)s"),
        "missed_words": _("To practise"),
        "nothing_missed": _("Nothing to practise: you had everything right."),
        "right_ones": _("What you knew"),
        "no_answer": _("none"),
        "another_game": _("Join another game"),
        "practise_home": _("Practise at home"),
        "practise_lead": _("The words you missed first, for as long as you like. Without an account."),
        "practise_open": _("Open the practice"),
        "practise_other": _("For another device: scan this code. The link is yours alone, so keep it to yourself."),
        **sound_texts(),
    }


def screen_texts() -> dict[str, Text]:
    """Texts of the big screen, by the key its modules use."""
    return {
        "reconnecting": _("Connection lost. Reconnecting …"),
        "streaming": _("This network blocks WebSockets. The game goes on over ordinary requests, a little slower."),
        "no_such_code": _("There is no game with this code."),
        "cut_off": _("The server closed the connection. Reload this page."),
        "team": pgettext("team", "Team %(number)s"),
        "members": pgettext("team", "Members: %(count)s"),
        "average": _("Average of the members"),
        "teams": _("Teams"),
        "goal": _("Our goal"),
        "goal_points": _("%(reached)s of %(amount)s points, all together"),
        "goal_right": _("%(reached)s of %(amount)s right answers, all together"),
        "goal_done": _("Reached: %(reached)s, of %(amount)s that were wanted"),
        "goal_won": _("We did it!"),
        "players_here": _("Players here: %(count)s"),
        "and_more": _("and %(count)s more"),
        "lobby_empty": _("Waiting for the first player"),
        "open_until": _("Open until %(time)s"),
        "get_ready": _("Get ready"),
        "question_of": _("Question %(index)s of %(total)s"),
        "once_more": _("asked again"),
        "asked_again": _("Questions that come back: %(count)s"),
        "answered_of": _("Answered: %(done)s of %(all)s"),
        "time_left": _("Time left"),
        "true": _("True"),
        "false": _("False"),
        "paused": _("Paused"),
        "locked": _("Closed to new players"),
        "options_in": _("Options in %(seconds)s s"),
        "goes_on": _("Goes on in %(seconds)s s"),
        "write_answer": _("Write your answer"),
        "write_number": _("Write a number"),
        "gaps_title": _("Fill the gaps"),
        "listen": _("Listen"),
        "listen_title": _("Listen, then answer"),
        "plays_left": _("You may still listen: %(count)s"),
        "no_plays": _("You have listened as often as this game allows."),
        "no_voice": _("This device has no voice for this language: %(language)s."),
        "host_plays": _("Your host plays this one."),
        "sound_failed": _("The recording could not be played. Try again."),
        "press_listen": _("The browser plays nothing before a click: press Listen."),
        "right_answer": _("Right answer"),
        "other_answers": _("Other answers"),
        "leaderboard": _("Leaderboard"),
        "own_pace": _("Everybody plays at their own speed"),
        "final": _("Final result"),
        "points_of": plural_forms("points", _points),
        "nobody": _("Nobody played this time."),
        "own_places": _("The game is over. Your place is on your own device."),
        **sound_texts(),
    }


def suggested_names() -> list[str]:
    """Friendly names for players who have none in mind; each is translated as a whole, so that its words agree."""
    return [
        _("Brave Otter"),
        _("Calm Whale"),
        _("Clever Fox"),
        _("Curious Cat"),
        _("Dancing Bear"),
        _("Daring Hedgehog"),
        _("Gentle Giraffe"),
        _("Golden Owl"),
        _("Happy Panda"),
        _("Jolly Penguin"),
        _("Kind Koala"),
        _("Lively Squirrel"),
        _("Lucky Ladybird"),
        _("Merry Dolphin"),
        _("Mighty Mouse"),
        _("Nimble Gazelle"),
        _("Patient Tortoise"),
        _("Playful Puffin"),
        _("Proud Peacock"),
        _("Quick Rabbit"),
        _("Quiet Deer"),
        _("Shining Firefly"),
        _("Singing Robin"),
        _("Smiling Seal"),
        _("Speedy Snail"),
        _("Swift Swallow"),
        _("Tiny Elephant"),
        _("Wandering Camel"),
        _("Wild Goose"),
        _("Wise Raven"),
    ]
