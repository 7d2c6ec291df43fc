// The queue of changes on the phone. A change is written down here, with its key, before anything is sent; it leaves only
// when the server has said yes, or when the rep takes out one that was refused. Reloads and new versions never touch it.
"use strict";
const Outbox = (() => {
  const TIMEOUT = 15000, RETRY = 10000, LATER = new Set([408, 425, 429, 500, 502, 503, 504]);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("outbox") : null;
  const listeners = new Set();
  let database = null, timer = 0, sending = false, wanted = false, signedOut = false;

  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  function open() {
    database ||= new Promise((resolve, reject) => {
      const request = indexedDB.open("fieldsim", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("outbox", { keyPath: "n", autoIncrement: true });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return database;
  }

  // one step of work in one transaction; resolves when it is on the disk, not before
  async function step(mode, work) {
    const transaction = (await open()).transaction("outbox", mode, { durability: "strict" });
    const answer = work(transaction.objectStore("outbox"));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    return answer;
  }

  const all = () => step("readonly", (store) => done(store.getAll()));
  const remove = (n) => step("readwrite", (store) => done(store.delete(n))).then(tell);

  // read, change and write back in one transaction, so that two tabs cannot cross
  const edit = (n, change) => step("readwrite", async (store) => {
    const entry = await done(store.get(n));
    if (!entry) return null;
    const next = change(entry);
    if (next) store.put(next);
    else store.delete(n);
    return entry;
  });

  function key() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function add(entry) {
    await step("readwrite", (store) => done(store.add({ ...entry, key: key(), made: Date.now(), tried: 0, refused: null })));
    tell();
    // a phone that knows it has no network does not try at once, so that undo can still take the entry out
    if (navigator.onLine === false) again();
    else send();
  }

  // take back the last change of a day if it has never left the phone
  async function takeBack(rep, date) {
    const mine = (await all()).filter((each) => each.rep === rep && each.date === date && !each.refused);
    const last = mine[mine.length - 1];
    if (!last || last.tried) return false;
    let untouched = false;
    await edit(last.n, (entry) => ((untouched = !entry.tried) ? null : entry));
    tell();
    return untouched;
  }

  function tell() {
    channel?.postMessage("changed");
    listeners.forEach((each) => each());
  }

  async function send() {
    wanted = sending;
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    try {
      // where the browser knows locks only one tab sends; without them the keys make a second sending harmless
      if (navigator.locks) await navigator.locks.request("outbox", { ifAvailable: true }, (lock) => (lock ? sendAll() : again()));
      else await sendAll();
    } catch {
      again();
    } finally {
      sending = false;
      if (wanted) send();
    }
  }

  async function sendAll() {
    const rep = document.querySelector("main[data-rep]")?.dataset.rep;
    let sent = 0;
    for (;;) {
      const entry = (await all()).find((each) => !each.refused && each.rep === rep);
      if (!entry) break;
      await edit(entry.n, (each) => ({ ...each, tried: each.tried + 1 }));
      const outcome = await post(entry);
      if (outcome === "later") { again(); break; }
      if (outcome === "sign in") { signedOut = true; break; }
      signedOut = false;
      if (outcome === "yes") { await remove(entry.n); sent += 1; }
      else { await edit(entry.n, (each) => ({ ...each, refused: outcome })); sent += 1; }
    }
    tell();
    if (sent) announce();
  }

  // this page and the other tabs may now ask for the new route
  function announce() {
    channel?.postMessage("sent");
    document.dispatchEvent(new CustomEvent("outbox-sent"));
  }

  async function post(entry) {
    const stop = new AbortController(), watch = setTimeout(() => stop.abort(), TIMEOUT);
    try {
      const answer = await fetch(`/api/reps/${encodeURIComponent(entry.rep)}/days/${entry.date}/changes`, {
        method: "POST", body: JSON.stringify(entry.change), signal: stop.signal, credentials: "same-origin",
        headers: { "Content-Type": "application/json", "Idempotency-Key": entry.key },
      });
      if (answer.ok) { await answer.text(); return "yes"; }
      if (LATER.has(answer.status)) return "later";
      if (answer.status === 401) return "sign in";
      const words = await answer.json().catch(() => ({}));
      return { code: words.error?.code || String(answer.status), message: words.error?.message || "The server did not accept this.", hint: words.error?.hint };
    } catch {
      return "later";
    } finally {
      clearTimeout(watch);
    }
  }

  function again() {
    clearTimeout(timer);
    timer = setTimeout(send, RETRY);
  }

  if (channel) channel.onmessage = (event) => {
    listeners.forEach((each) => each());
    if (event.data === "sent") document.dispatchEvent(new CustomEvent("outbox-sent"));
  };
  addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());

  return {
    add, all, remove, send, takeBack, open,
    retry: (n) => edit(n, (each) => ({ ...each, key: key(), tried: 0, refused: null })).then(tell).then(send),
    listen: (each) => listeners.add(each),
    signedOut: () => signedOut,
  };
})();
