// The messages of the protocol as types. Made by `manage.py document`; change the code, not this file.
// There is nothing in it but types: no browser loads it.

/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   received_at: string}} AnswerAccepted */
/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   answered_count: number,
 *   participant_count: number}} AnswersProgress */
/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   correct_answers: string[] | null,
 *   correct_count: number | null,
 *   gaps?: GapSolution[]}} AnswersRegraded */
/** @typedef {{
 *   session_id: string,
 *   attempt: number,
 *   attempts: number}} AttemptStarted */
/** @typedef {{
 *   rank: number,
 *   user_id: string,
 *   username: string,
 *   score: number,
 *   place: number,
 *   team?: number}} BoardEntry */
/** @typedef {{
 *   session_id: string,
 *   team: number}} ChooseTeam */
/** @typedef {{
 *   your_answer: string | string[] | null,
 *   is_correct: boolean,
 *   points_earned: number,
 *   reason: string | null,
 *   your_score: number,
 *   rule: "almost" | "poll" | "right" | "right_fast" | "right_slow" | "unanswered" | "warm_up" | "wrong",
 *   difference?: string[][] | null,
 *   your_gaps?: YourGap[] | null}} ClosedForYou */
/** @typedef {{
 *   session_id: string,
 *   closes_at: string,
 *   server_time: string}} ClosingChanged */
/** @typedef {{
 *   your_closes_at: string}} ClosingForYou */
/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   deadline: string,
 *   server_time: string}} DeadlineChanged */
/** @typedef {{
 *   code: "ALREADY_ANSWERED" | "ATTEMPT_REFUSED" | "INTERNAL_ERROR" | "INVALID_ANSWER" | "INVALID_MESSAGE" | "INVALID_PUPIL" | "INVALID_QUESTION" | "INVALID_SESSION" | "INVALID_TEAM" | "INVALID_TOKEN" | "INVALID_USERNAME" | "NOT_JOINED" | "QUESTION_NOT_OPEN" | "RATE_LIMITED" | "REMOVED" | "SERVICE_UNAVAILABLE" | "SESSION_COMPLETED" | "SESSION_FULL" | "SESSION_LOCKED" | "UNKNOWN_TYPE" | "USERNAME_TAKEN",
 *   message: string,
 *   recoverable: boolean,
 *   reply_to?: string | null,
 *   retry_after_ms?: number | null,
 *   reason?: string | null,
 *   result?: StoredResult | null}} Error */
/** @typedef {{
 *   session_id: string,
 *   answered_count: number,
 *   total: number,
 *   your_score: number}} Finished */
/** @typedef {{
 *   correct_answers: string[],
 *   distribution: Record<string, number>}} GapClosed */
/** @typedef {{
 *   options: string[]}} GapShown */
/** @typedef {{
 *   correct_answers: string[]}} GapSolution */
/** @typedef {{
 *   session_id: string,
 *   limit?: number,
 *   offset?: number}} GetLeaderboard */
/** @typedef {{
 *   session_id: string}} GetSummary */
/** @typedef {{
 *   kind: string,
 *   amount: number,
 *   reached: number}} Goal */
/** @typedef {{
 *   session_id: string,
 *   latest_seq: number,
 *   server_time: string}} Heartbeat */
/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   answered_count: number,
 *   correct_count: number,
 *   participant_count: number,
 *   distribution: Record<string, number>,
 *   waiting: WaitingPlayer[] | null}} HostProgress */
/** @typedef {{
 *   session_id: string,
 *   username?: string | null,
 *   name_suggested?: boolean,
 *   session_token?: string | null,
 *   join_key?: string | null,
 *   pupil?: string | null,
 *   card?: string | null,
 *   place_code?: string | null,
 *   last_seq?: number | null,
 *   role?: "host" | "player" | "screen",
 *   leaderboard?: "delta" | "full" | "none"}} JoinSession */
/** @typedef {{
 *   session_id: string,
 *   version: number,
 *   leaderboard: BoardEntry[],
 *   total_participants: number,
 *   delta?: boolean,
 *   base_version?: number | null,
 *   removed?: string[] | null,
 *   offset?: number | null,
 *   teams?: TeamEntry[] | null,
 *   goal?: Goal | null}} LeaderboardUpdated */
/** @typedef {{
 *   session_id: string}} LeaveSession */
/** @typedef {{
 *   session_id: string,
 *   needs: YourNeeds}} NeedsChanged */
/** @typedef {{
 *   session_id: string}} NextQuestion */
/** @typedef {{
 *   options: string[],
 *   shapes?: number[],
 *   gaps?: GapShown[] | null}} OptionsForYou */
/** @typedef {{
 *   your_rank: number | null,
 *   your_score: number | null,
 *   your_place: number | null}} Own */
/** @typedef {{
 *   session_id: string,
 *   joined: number,
 *   left: number,
 *   participant_count: number}} ParticipantsChanged */
/** @typedef {{}} Ping */
/** @typedef {{
 *   server_time: string,
 *   seq: number | null}} Pong */
/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   index: number,
 *   total: number,
 *   kind: string,
 *   text: string,
 *   media: string | null,
 *   points: number,
 *   time_limit_ms: number,
 *   options_at: string,
 *   server_time: string,
 *   again_of: string | null,
 *   listen?: string | null,
 *   sound?: string | null,
 *   listen_language?: string | null}} QuestionAsked */
/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   correct_answers: string[],
 *   explanation: string,
 *   distribution: Record<string, number>,
 *   answered_count: number,
 *   correct_count: number,
 *   advance_at?: string | null,
 *   text?: string | null,
 *   gaps?: GapClosed[]}} QuestionClosed */
/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   index: number,
 *   total: number,
 *   kind: string,
 *   text: string,
 *   options: string[],
 *   media: string | null,
 *   points: number,
 *   time_limit_ms: number,
 *   opened_at: string,
 *   deadline: string | null,
 *   server_time: string,
 *   again_of: string | null,
 *   listen?: string | null,
 *   sound?: string | null,
 *   listen_language?: string | null,
 *   shapes?: number[] | null,
 *   gaps?: GapShown[] | null}} QuestionOpened */
/** @typedef {{
 *   session_id: string,
 *   added: number,
 *   total: number,
 *   server_time: string}} QuestionsAdded */
/** @typedef {{
 *   after_ms: number}} Reconnect */
/** @typedef {{
 *   your_answer?: string | string[] | null,
 *   is_correct?: boolean | null,
 *   points_earned?: number | null,
 *   reason?: string | null,
 *   rule?: "almost" | "poll" | "right" | "right_fast" | "right_slow" | "unanswered" | "warm_up" | "wrong" | null,
 *   new_score?: number | null,
 *   your_gaps?: YourGap[]}} RegradedForYou */
/** @typedef {{
 *   session_id: string,
 *   user_id: string,
 *   new_score: number,
 *   points_earned: number,
 *   is_correct: boolean,
 *   question_id: string,
 *   reason: string,
 *   rule: "almost" | "poll" | "right" | "right_fast" | "right_slow" | "unanswered" | "warm_up" | "wrong",
 *   correct_answers?: string[] | null,
 *   explanation?: string | null,
 *   text?: string | null,
 *   difference?: string[][] | null,
 *   gaps?: GapSolution[] | null,
 *   your_gaps?: YourGap[] | null}} ScoreUpdated */
/** @typedef {{
 *   session_id: string,
 *   leaderboard: BoardEntry[],
 *   total_participants: number,
 *   teams?: TeamEntry[] | null,
 *   goal?: Goal | null}} SessionEnded */
/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   server_time: string}} SessionHeld */
/** @typedef {{
 *   session_id: string,
 *   quiz_id: string,
 *   join_code: string,
 *   title: string,
 *   status: string,
 *   pace: string,
 *   user_id: string,
 *   username: string,
 *   session_token: string | null,
 *   participant_count: number,
 *   your_score: number | null,
 *   your_rank: number | null,
 *   your_place: number | null,
 *   seq: number,
 *   question: QuestionOpened | null,
 *   asked: QuestionAsked | null,
 *   answered: string[],
 *   resumed: boolean,
 *   role: string,
 *   reveal: string,
 *   scoring: "flat" | "scaled" | "speed",
 *   phase: string,
 *   paused: boolean,
 *   locked: boolean,
 *   question_count: number,
 *   language: string,
 *   advance_at: string | null,
 *   held: boolean,
 *   options: SessionOptions,
 *   server_time: string,
 *   opens_at: string | null,
 *   closes_at: string | null,
 *   attempt: number,
 *   your_team?: number | null,
 *   your_needs?: YourNeeds | null}} SessionJoined */
/** @typedef {{
 *   session_id: string}} SessionLeft */
/** @typedef {{
 *   session_id: string,
 *   locked: boolean}} SessionLockChanged */
/** @typedef {{
 *   close_when_all_answered?: boolean,
 *   advance_after_ms?: number,
 *   options_after_ms?: number,
 *   own_order?: boolean,
 *   board?: "end" | "full" | "own" | "top3",
 *   names_on_screen?: boolean,
 *   suggested_names?: boolean,
 *   accent_keys?: boolean,
 *   listen_plays?: number,
 *   listen_speed?: number,
 *   class_id?: string,
 *   cards_only?: boolean,
 *   guests?: boolean,
 *   opens_at?: number,
 *   closes_at?: number,
 *   attempts?: number,
 *   teams?: "chosen" | "drawn" | "host" | "none",
 *   team_count?: number,
 *   goal?: "none" | "points" | "right",
 *   goal_amount?: number,
 *   counts?: "best" | "last"}} SessionOptions */
/** @typedef {{
 *   session_id: string,
 *   server_time: string}} SessionPaused */
/** @typedef {{
 *   session_id: string,
 *   server_time: string,
 *   question_id: string | null,
 *   deadline: string | null,
 *   advance_at?: string | null,
 *   options_at?: string | null}} SessionResumed */
/** @typedef {{
 *   session_id: string,
 *   server_time: string,
 *   closes_at: string | null}} SessionStarted */
/** @typedef {{
 *   session_id: string,
 *   attempt: number}} StartAttempt */
/** @typedef {{
 *   question_id: string,
 *   answer: string | string[],
 *   received_at: string,
 *   is_correct?: boolean | null,
 *   points_earned?: number | null,
 *   reason?: string | null,
 *   rule?: "almost" | "poll" | "right" | "right_fast" | "right_slow" | "unanswered" | "warm_up" | "wrong" | null,
 *   new_score?: number | null}} StoredResult */
/** @typedef {{
 *   session_id: string,
 *   question_id: string,
 *   answer: string | string[],
 *   time_taken_ms?: number | null,
 *   attempt?: number | null}} SubmitAnswer */
/** @typedef {{
 *   session_id: string,
 *   questions: SummaryLine[],
 *   your_rank: number | null,
 *   your_score: number,
 *   your_place: number | null,
 *   total_participants: number}} Summary */
/** @typedef {{
 *   question_id: string,
 *   index: number,
 *   kind: string,
 *   text: string,
 *   points: number,
 *   your_answer: string | string[] | null,
 *   is_correct: boolean,
 *   points_earned: number,
 *   reason: string | null,
 *   rule: "almost" | "poll" | "right" | "right_fast" | "right_slow" | "unanswered" | "warm_up" | "wrong",
 *   correct_answers: string[],
 *   explanation: string,
 *   gaps?: GapSolution[],
 *   your_gaps?: YourGap[]}} SummaryLine */
/** @typedef {{
 *   session_id: string,
 *   user_id: string,
 *   team: number}} TeamChanged */
/** @typedef {{
 *   team: number,
 *   place: number,
 *   average: number,
 *   members: number,
 *   score: number}} TeamEntry */
/** @typedef {{
 *   session_id: string,
 *   user_id: string,
 *   username: string,
 *   participant_count: number}} UserJoined */
/** @typedef {{
 *   session_id: string,
 *   user_id: string,
 *   username: string,
 *   participant_count: number}} UserLeft */
/** @typedef {{
 *   session_id: string,
 *   user_id: string,
 *   username: string}} UserRenamed */
/** @typedef {{
 *   user_id: string,
 *   username: string}} WaitingPlayer */
/** @typedef {{
 *   verdict: string | null,
 *   difference?: string[][] | null}} YourGap */
/** @typedef {{
 *   time: number,
 *   no_speed_loss: boolean,
 *   large_text: boolean,
 *   text_for_sound: boolean,
 *   ignore_accents: boolean}} YourNeeds */
/** What clients send, by type. @typedef {{
 *   JOIN_SESSION: JoinSession,
 *   SUBMIT_ANSWER: SubmitAnswer,
 *   NEXT_QUESTION: NextQuestion,
 *   START_ATTEMPT: StartAttempt,
 *   LEAVE_SESSION: LeaveSession,
 *   GET_LEADERBOARD: GetLeaderboard,
 *   GET_SUMMARY: GetSummary,
 *   CHOOSE_TEAM: ChooseTeam,
 *   PING: Ping}} FromClient */
/** What the server sends, by type. @typedef {{
 *   ANSWERS_PROGRESS: AnswersProgress,
 *   ANSWERS_REGRADED: AnswersRegraded & Partial<RegradedForYou>,
 *   ANSWER_ACCEPTED: AnswerAccepted,
 *   ATTEMPT_STARTED: AttemptStarted,
 *   CLOSING_CHANGED: ClosingChanged & Partial<ClosingForYou>,
 *   DEADLINE_CHANGED: DeadlineChanged,
 *   ERROR: Error,
 *   FINISHED: Finished,
 *   HEARTBEAT: Heartbeat,
 *   HOST_PROGRESS: HostProgress,
 *   LEADERBOARD_UPDATED: LeaderboardUpdated & Partial<Own>,
 *   NEEDS_CHANGED: NeedsChanged,
 *   PARTICIPANTS_CHANGED: ParticipantsChanged,
 *   PONG: Pong,
 *   QUESTIONS_ADDED: QuestionsAdded,
 *   QUESTION_ASKED: QuestionAsked,
 *   QUESTION_CLOSED: QuestionClosed & Partial<ClosedForYou>,
 *   QUESTION_OPENED: QuestionOpened & Partial<OptionsForYou>,
 *   RECONNECT: Reconnect,
 *   SCORE_UPDATED: ScoreUpdated,
 *   SESSION_ENDED: SessionEnded & Partial<Own>,
 *   SESSION_HELD: SessionHeld,
 *   SESSION_JOINED: SessionJoined,
 *   SESSION_LEFT: SessionLeft,
 *   SESSION_LOCK_CHANGED: SessionLockChanged,
 *   SESSION_PAUSED: SessionPaused,
 *   SESSION_RESUMED: SessionResumed,
 *   SESSION_STARTED: SessionStarted,
 *   SUMMARY: Summary,
 *   TEAM_CHANGED: TeamChanged,
 *   USER_JOINED: UserJoined,
 *   USER_LEFT: UserLeft,
 *   USER_RENAMED: UserRenamed}} FromServer */
export {};
