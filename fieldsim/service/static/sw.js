// Keeps the page's shell and the days last opened, so that they can be read without a network. It never touches the queue.
"use strict";
const VERSION = new URL(location.href).searchParams.get("v") || "0";
const SHELL = `shell-${VERSION}`, PAGES = "pages", DAYS = 14, PATIENCE = 4000;
const FILES = ["app.css", "app.js", "outbox.js"].map((name) => `/static/${name}?v=${VERSION}`);

self.addEventListener("install", (event) => {
  const rest = ["/static/icon.svg", "/static/manifest.webmanifest", "/static/offline.html"];
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll([...FILES, ...rest])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("shell-") && name !== SHELL;
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (old(name)) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(caches.delete(PAGES));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(shell(event.request));
  else if (url.pathname === "/") event.respondWith(page(event.request));
  else if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => caches.match("/static/offline.html")));
});

async function shell(request) {
  // an older page may ask for an older version of a file: the present one serves it when the network does not
  const kept = await caches.match(request);
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { ignoreSearch: true })) || Response.error();
  }
}

async function page(request) {
  const kept = caches.open(PAGES).then((cache) => cache.match(request.url));
  const fresh = fetch(request).then((answer) => keep(request, answer));
  // the page's own script asks for the truth and waits for it
  if (request.headers.has("X-Fresh")) return fresh;
  const slow = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(() => kept);
  try {
    return (await Promise.race([fresh, slow])) || (await fresh);
  } catch {
    return (await kept) || (request.mode === "navigate" && (await caches.match("/static/offline.html"))) || Response.error();
  }
}

async function keep(request, answer) {
  if (answer.status === 200 && answer.type === "basic" && !answer.redirected) {
    const cache = await caches.open(PAGES);
    await cache.put(request.url, answer.clone());
    const known = await cache.keys();
    for (const old of known.slice(0, Math.max(0, known.length - DAYS))) await cache.delete(old);
  }
  return answer;
}
