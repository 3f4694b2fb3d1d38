// The server's side of practice: JSON, and the token in a header, where no log has it.

import { BASE } from "../shared/paths.js";

const WAIT_MS = 15_000;

/** The server is not reached, or cannot answer now. `wait`: milliseconds that it asks for; 0 where it asks for none. */
export class Unreachable extends Error {
  /** @param {number} wait */
  constructor(wait = 0) {
    super("the server is not reached");
    this.wait = wait;
  }
}

/** The server answers, and not what was asked for; `message` is for people. */
export class Refused extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {string} token
 * @param {string} method
 * @param {string} path below the API of practice.
 * @param {unknown} [body]
 * @returns {Promise<Response>}
 * @throws {Unreachable | Refused}
 */
export async function call(token, method, path, body) {
  let response;
  try {
    response = await fetch(`${BASE}/practice/api/${path}`, {
      method,
      headers: {
        ...(token ? { Authorization: `Practice ${token}` } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(WAIT_MS),
    });
  } catch {
    throw new Unreachable();
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  // What no server of ours wrote came from a network that wants a sign-in, or from a proxy.
  if (response.status === 429 || response.status >= 500 || !problem) {
    throw new Unreachable(1_000 * (Number(response.headers.get("Retry-After")) || 0));
  }
  throw new Refused(problem.code ?? "", problem.detail ?? "");
}

/** The JSON of a call. @param {string} token @param {string} method @param {string} path @param {unknown} [body] */
export async function json(token, method, path, body) {
  const response = await call(token, method, path, body);
  try {
    return await response.json();
  } catch {
    throw new Unreachable();
  }
}
