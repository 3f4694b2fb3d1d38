// A question on show, as a page holds it. There is nothing here but types: no browser loads it.

/**
 * @typedef {import("./messages.js").QuestionOpened} QuestionOpened
 * @typedef {Omit<QuestionOpened, "options" | "opened_at" | "deadline"> & {options?: string[], opened_at?: string,
 *   deadline?: string | null, options_at?: string | null}} Asked before its options too.
 * @typedef {Asked & {options: string[], opened_at: string}} Open one that can be answered, or could be.
 */
export {};
