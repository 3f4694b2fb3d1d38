// The service worker of the practice page. It keeps the page with its scripts, as one release made them, and gives them
// out when there is no connection; pictures and recordings the page itself keeps. What the API says is never kept.
//
// `SHELL` stands before this in what the browser fetches: {release, page, files}. Another release, or another language,
// is another worker, which takes over once no page of this one is open: so a page always finds the scripts it came with.

/** @typedef {Event & {waitUntil(what: Promise<unknown>): void}} Lasting */
/** @typedef {Lasting & {request: Request, respondWith(what: Promise<Response>): void}} Fetching */

/**
 * What a worker has around it: this script has no window.
 * @typedef {object} Around
 * @property {{release: string, page: string, files: string[]}} SHELL
 * @property {{claim(): Promise<void>}} clients
 * @property {(kind: string, heard: ((event: Lasting) => void) | ((event: Fetching) => void)) => void} addEventListener
 */

const worker = /** @type {Around} */ (/** @type {unknown} */ (self));
const shell = worker.SHELL;
const CACHE = `practice-shell-${shell.release}`;
const MEDIA = "practice-media";
/** How long the network may take before the page comes from the device. */
const PATIENCE_MS = 4_000;

worker.addEventListener("install", (/** @type {Lasting} */ event) => {
  event.waitUntil(keepShell());
});

async function keepShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll([shell.page, ...shell.files].map((url) => new Request(url, { cache: "no-cache" })));
}

worker.addEventListener("activate", (/** @type {Lasting} */ event) => {
  event.waitUntil(Promise.all([dropOthers(), worker.clients.claim()]));
});

async function dropOthers() {
  const old = (await caches.keys()).filter((name) => name.startsWith("practice-shell-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

worker.addEventListener("fetch", (/** @type {Fetching} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === new URL(shell.page, location.href).pathname) event.respondWith(page(request));
  } else if (/\/(?:images|sounds)\/[^/]+$/.test(url.pathname)) event.respondWith(media(request));
  else if (shell.files.includes(url.pathname)) event.respondWith(file(request));
});

/** The page from the network; from the device where there is none, or a server that cannot answer. @param {Request} request */
async function page(request) {
  const kept = await (await caches.open(CACHE)).match(shell.page, { ignoreVary: true });
  if (!kept) return fetch(request);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return response.status >= 500 ? kept : response;
  } catch {
    return kept;
  }
}

/** @param {Request} request */
async function file(request) {
  const kept = await (await caches.open(CACHE)).match(request.url, { ignoreVary: true });
  return kept ?? fetch(request);
}

/** @param {Request} request */
async function media(request) {
  const kept = await (await caches.open(MEDIA)).match(request.url, { ignoreVary: true });
  if (!kept) return fetch(request);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("Range") ?? "");
  return range ? part(kept, Number(range[1]), range[2]) : kept;
}

/** Players of sounds ask for parts, and some take nothing else. @param {Response} whole @param {number} from @param {string} to */
async function part(whole, from, to) {
  const bytes = await whole.arrayBuffer();
  const end = to ? Math.min(Number(to) + 1, bytes.byteLength) : bytes.byteLength;
  if (from >= end)
    return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${bytes.byteLength}` } });
  const headers = new Headers(whole.headers);
  headers.set("Content-Range", `bytes ${from}-${end - 1}/${bytes.byteLength}`);
  headers.set("Content-Length", String(end - from));
  return new Response(bytes.slice(from, end), { status: 206, headers });
}
