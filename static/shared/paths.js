// Where the server lives: below the root of its host, or below a path.

/** Empty, or a path with a slash in front and none at its end. These scripts lie two folders below it. */
export const BASE = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
