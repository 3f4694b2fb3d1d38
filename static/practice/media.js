// Pictures and recordings of the cards, kept for when there is no connection. They never change under their address.

import { BASE } from "../shared/paths.js";

/** @typedef {import("./store.js").Copy} Copy */

/** The worker has the same name for it. */
const CACHE = "practice-media";

/** Addresses of what is ours. @param {Copy} copy */
const addresses = ({ cards }) =>
  cards
    .flatMap((card) => [card.media, card.sound])
    .filter((address) => typeof address === "string" && address.startsWith("/"))
    .map((address) => new URL(BASE + address, location.href).href);

/** Keep what these decks need, and nothing else. @param {Copy[]} copies */
export async function keepMedia(copies) {
  if (!("caches" in globalThis)) return;
  const wanted = new Set(copies.flatMap(addresses));
  const cache = await caches.open(CACHE);
  const there = new Set((await cache.keys()).map((request) => request.url));
  await Promise.allSettled([
    ...[...there].filter((url) => !wanted.has(url)).map((url) => cache.delete(url)),
    ...[...wanted].filter((url) => !there.has(url)).map((url) => cache.add(url)),
  ]);
}
