// The rep's page: taps become entries of the outbox, what waits is drawn over the route, and fresh routes replace old ones.
"use strict";
(() => {
  const WORDS = {
    done: "Done", no_show: "No-show", cancelled: "Cancelled", late: "Running late", skip: "Not today", pin: "Agreed time", unpin: "Time given up",
    order: "New order", order_clear: "Order given back", add: "Added", undo: "Undo", keep_mine: "Keep mine",
    location_wrong: "Place is wrong", hours_wrong: "Hours are wrong", note: "Note",
  };
  const REPORTS = new Set(["done", "no_show", "cancelled"]), OUTCOMES = new Set([...REPORTS, "skip"]);
  const box = document.getElementById("outbox");
  const page = () => document.getElementById("day");

  // ── a tap becomes a change ────────────────────────────────────────────────────────────────────────────────────

  function changeOf(form, button) {
    const fields = new FormData(form), take = (name) => (fields.get(name) || "").trim();
    if (button?.name) fields.set(button.name, button.value);
    if (fields.has("up") || fields.has("down")) return moved(fields);
    const change = { kind: take("kind") };
    if (take("account")) change.account = take("account");
    if (REPORTS.has(change.kind)) {
      for (const name of ["note", "next_step"]) if (take(name)) change[name] = take(name);
    }
    if (change.kind === "note") for (const name of ["note", "next_step"]) change[name] = take(name);
    if (change.kind === "late") change.minutes = Number(take("minutes"));
    if (change.kind === "pin") { const [h, m] = take("start").split(":"); change.start_s = 3600 * h + 60 * m; }
    if (change.kind === "hours_wrong" && take("opens")) change.opens = take("opens");
    return { ...change, ...stamp() };
  }

  // the order as it stands on the screen, moves that still wait included
  function moved(fields) {
    const up = fields.has("up"), account = fields.get(up ? "up" : "down");
    const order = [...document.querySelectorAll("#stops > .stop:not([data-pending])")].map((each) => each.dataset.account);
    const at = order.indexOf(account), to = at + (up ? -1 : 1);
    if (at < 0 || to < 0 || to >= order.length) return null;
    [order[at], order[to]] = [order[to], order[at]];
    return { kind: "order", order, ...stamp() };
  }

  // when it happened, by the day's own clock; only where the phone's day is the page's day
  function stamp() {
    const zone = page().dataset.timezone, now = new Date();
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    }).formatToParts(now).map((part) => [part.type, part.value]));
    const today = `${parts.year}-${parts.month}-${parts.day}` === page().dataset.date;
    return today ? { at_s: 3600 * parts.hour + 60 * parts.minute + Number(parts.second) } : {};
  }

  async function take(form, button) {
    const place = button?.hasAttribute("data-here") ? await here() : null;
    const change = changeOf(form, button);
    if (!change) return;
    if (place) Object.assign(change, place);
    const name = form.dataset.name || document.querySelector(`[data-account="${CSS.escape(change.account || "")}"]`)?.dataset.name || "";
    try {
      await queue(change, name);
    } catch {
      // no queue on this phone: nothing was written down, so the plain form sends it
      form.dataset.plain = "yes";
      return form.requestSubmit(button);
    }
    last = REPORTS.has(change.kind) ? { change, name, words: `${WORDS[change.kind]} · ${name}` } : null;
    if (last) toast();
    if (page().dataset.back && navigator.onLine === false) location.assign(page().dataset.back);
  }

  async function queue(change, name) {
    const { rep, date } = page().dataset;
    if (change.kind === "undo" && (await Outbox.takeBack(rep, date))) return restore();
    const words = [WORDS[change.kind], change.kind === "late" ? `${change.minutes} min` : "", change.kind === "pin" ? clock(change.start_s) : "", name];
    await Outbox.add({ rep, date, change, words: words.filter(Boolean).join(" · ") });
    if (change.kind === "undo") restore();
  }

  // one fix of the position, at this tap and never else
  function here() {
    const exact = { enableHighAccuracy: true, timeout: 10000, maximumAge: 0 };
    return new Promise((resolve) => navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: Number(coords.latitude.toFixed(6)), lon: Number(coords.longitude.toFixed(6)) }), () => resolve(null), exact,
    ));
  }

  let pressed = null, tapped = null;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-change]") || form.dataset.plain) return;
    event.preventDefault();
    const button = event.submitter;
    pressed = { account: button?.closest("[data-account]")?.dataset.account, name: button?.name };
    // a second tap of a nervous thumb is the same tap; moving a stop twice is not
    if (button === tapped && form.id !== "moves") return;
    tapped = button;
    setTimeout(() => { if (tapped === button) tapped = null; }, 800);
    take(form, button);
  });

  // ── what waits, said and drawn ────────────────────────────────────────────────────────────────────────────────

  let original = page()?.innerHTML;

  async function draw() {
    const entries = await Outbox.all().catch(() => []);
    const { rep, date } = page().dataset;
    const waiting = entries.filter((each) => !each.refused);
    sayWaiting(waiting, entries.filter((each) => each.refused && each.rep === rep), rep);
    const effective = [];
    for (const { change } of waiting.filter((each) => each.rep === rep && each.date === date)) {
      if (change.kind === "undo") effective.pop();
      else effective.push(change);
    }
    effective.forEach(overlay);
    // what the server last told is no longer the last change
    const notice = document.getElementById("changed");
    if (notice) notice.hidden = effective.length > 0;
    settle();
  }

  function sayWaiting(waiting, refused, rep) {
    const parts = [];
    if (waiting.length) {
      const mine = waiting.filter((each) => each.rep === rep);
      const why = Outbox.signedOut() ? link("/in", "sign in again to send") : mine.length ? "sent when the network is back" : "of another sign-in";
      parts.push(element("details", { className: "waits" }, [
        element("summary", {}, [element("b", {}, [`${waiting.length} waiting`]), " ", element("small", {}, [why])]),
        element("ol", {}, mine.map((each) => element("li", {}, [each.words]))),
        ...(mine.length ? [element("div", { className: "line" }, [button("Undo the last", { kind: "undo" })])] : []),
      ]));
    }
    for (const entry of refused) {
      const again = element("button", { type: "button" }, ["Try again"]), drop = element("button", { type: "button" }, ["Remove"]);
      again.addEventListener("click", () => Outbox.retry(entry.n));
      drop.addEventListener("click", () => Outbox.remove(entry.n));
      parts.push(element("div", { className: "refused" }, [
        element("p", {}, [element("b", {}, ["Not accepted: "]), entry.words]), element("p", {}, [[entry.refused.message, entry.refused.hint].filter(Boolean).join(": ")]), element("div", { className: "line" }, [again, drop]),
      ]));
    }
    const open = box.querySelector("details")?.open;
    box.replaceChildren(...parts);
    if (open && box.querySelector("details")) box.querySelector("details").open = true;
    box.hidden = !parts.length;
  }

  function overlay(change) {
    const stop = change.account && document.querySelector(`#stops > [data-account="${CSS.escape(change.account)}"]`);
    if (stop && OUTCOMES.has(change.kind)) {
      stop.dataset.pending = change.kind;
      mark(stop, `${WORDS[change.kind]}, waiting to be sent`);
      document.querySelector(`[data-spot="${CSS.escape(change.account)}"]`)?.classList.add(change.kind);
    } else if (stop && change.kind === "pin") mark(stop, `Agreed ${clock(change.start_s)}, waiting to be sent`);
    else if (change.kind === "order") reorder(change.order);
  }

  function mark(stop, words) {
    const line = stop.querySelector(".pending");
    line.textContent = words;
    line.hidden = false;
  }

  function reorder(order) {
    const list = document.getElementById("stops");
    for (const account of order) {
      const stop = list.querySelector(`:scope > [data-account="${CSS.escape(account)}"]`);
      if (stop) list.append(stop);
    }
    list.classList.add("moving");
  }

  // which stop is the next one now, and which can still move
  function settle() {
    const left = [...document.querySelectorAll("#stops > .stop:not([data-pending])")];
    document.querySelectorAll("#stops > .stop").forEach((stop) => {
      const next = stop === left[0];
      if (next && !stop.classList.contains("next")) stop.querySelector("details").open = true;
      if (stop.dataset.pending && stop.classList.contains("next")) stop.querySelector("details").open = false;
      stop.classList.toggle("next", next);
    });
    // what is said already waits: the plan is not behind, the network is
    const late = document.querySelector("[data-late]");
    if (late) late.hidden = !!document.querySelector("[data-pending]");
    left.forEach((stop, k) => {
      const [up, down] = ["up", "down"].map((name) => stop.querySelector(`button[name="${name}"]`));
      if (up) up.disabled = k === 0;
      if (down) down.disabled = k === left.length - 1;
    });
    // a calendar app takes over what is called webcal; the address is there to be copied into any other
    document.querySelectorAll("[data-subscribe]").forEach((link) => {
      const address = new URL(link.getAttribute("href").replace(/^webcal:/, "http:"), location.href);
      link.href = `webcal://${address.host}${address.pathname}`;
      link.hidden = false;
    });
    document.querySelectorAll("[data-address]").forEach((field) => { field.value = new URL(field.value, location.href).href; });
    document.querySelectorAll("[data-here]").forEach((button) => { button.hidden = !("geolocation" in navigator && isSecureContext); });
  }

  const clock = (s) => `${String(Math.floor(s / 3600)).padStart(2, "0")}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}`;
  const link = (href, words) => element("a", { href }, [words]);
  function element(name, facts, children) {
    const made = Object.assign(document.createElement(name), facts);
    made.append(...children);
    return made;
  }

  // ── fresh routes ──────────────────────────────────────────────────────────────────────────────────────────────

  // the page as the server drew it, with what is open and where the thumb was kept
  function swap(html) {
    const folds = (stop) => [...stop.querySelectorAll("details")];
    const open = new Map([...document.querySelectorAll("#stops > .stop")].map((each) => [each.dataset.account, folds(each).map((fold) => fold.open)]));
    const typed = [...page().querySelectorAll("textarea, input:not([type=hidden])")].filter((each) => each.value !== each.defaultValue)
      .map((each) => [each.closest("[data-account]")?.dataset.account, each.name, each.value]);
    const nextWas = document.querySelector("#stops > .next")?.dataset.account;
    page().innerHTML = html;
    for (const stop of document.querySelectorAll("#stops > .stop")) {
      const was = stop.dataset.account === nextWas && !stop.classList.contains("next") ? [] : open.get(stop.dataset.account) || [];
      folds(stop).forEach((fold, k) => { fold.open ||= !!was[k]; });
      if (stop.dataset.account === pressed?.account) reopen(stop.querySelector(`[name="${pressed.name}"]:not([disabled])`));
      for (const [account, field, value] of typed) {
        const input = account === stop.dataset.account && stop.querySelector(`[name="${CSS.escape(field)}"]`);
        if (input) input.value = value;
      }
    }
    draw();
  }

  // a button that moves a stop stays under the thumb, or under the keyboard
  function reopen(button) {
    if (!button || !["up", "down"].includes(pressed.name)) return;
    for (let each = button.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
    button.focus({ preventScroll: true });
  }

  const restore = () => swap(original);

  async function refresh() {
    if (page().dataset.back) return location.assign(page().dataset.back);
    const answer = await fetch(location.pathname + location.search, { headers: { "X-Fresh": "1" }, cache: "no-store" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("day");
    if (!fresh) return;
    Object.assign(page().dataset, fresh.dataset);
    original = fresh.innerHTML;
    swap(original);
    toast();
  }

  // ── at the thumb: what the tap did, undo, and a note afterwards ────────────────────────────────────────────────

  let fading = 0, last = null;

  function toast() {
    const open = document.querySelector(".toast details[open]");
    if (open) return;
    const notice = document.querySelector("#changed:not([hidden])"), seen = notice && notice.getBoundingClientRect().bottom > 62;
    if (!last && (!notice || seen)) return dismiss();
    const told = notice?.querySelector("p b")?.textContent;
    const words = element("div", { className: "told" }, [element("p", {}, [element("b", {}, [last ? last.words : told || ""])])]);
    if (last && told) words.append(element("p", { className: "hint" }, [told]));
    const parts = [words];
    const line = element("div", { className: "line" }, [button("Undo", { kind: "undo" })]);
    if (notice?.querySelector('[value="keep_mine"]')) line.append(button("Keep mine", { kind: "keep_mine" }));
    parts.push(line);
    if (last) parts.push(afterthought(last));
    dismiss();
    document.body.append(element("aside", { className: "changed toast", role: "status" }, parts));
    fading = setTimeout(fade, 12000);
  }

  function button(words, change) {
    const made = element("button", { type: "button" }, [words]);
    made.addEventListener("click", () => { dismiss(); last = null; queue(change, ""); });
    return made;
  }

  // a note that comes after the tap: it waits behind the outcome and moves nothing
  function afterthought(outcome) {
    const note = element("textarea", { rows: 2, maxLength: 500 }, []), step = element("input", { maxLength: 200, autocomplete: "off" }, []);
    const save = element("button", { type: "button", className: "good" }, ["Save"]);
    const more = element("details", { className: "more" }, [
      element("summary", {}, ["Add a note or next step"]), element("label", {}, ["Note ", note]), element("label", {}, ["Next step ", step]), element("div", { className: "line" }, [save]),
    ]);
    save.addEventListener("click", async () => {
      const change = { kind: "note", account: outcome.change.account, ...stamp() };
      if (note.value.trim()) change.note = note.value.trim();
      if (step.value.trim()) change.next_step = step.value.trim();
      more.open = false;
      dismiss();
      last = null;
      if (change.note || change.next_step) await queue(change, outcome.name);
    });
    return more;
  }

  function fade() {
    if (document.querySelector(".toast details[open]")) fading = setTimeout(fade, 12000);
    else { dismiss(); last = null; }
  }

  // scrolled back to the notice, the same words need not stand twice
  addEventListener("scroll", () => {
    if (!last && document.querySelector(".toast") && document.querySelector("#changed:not([hidden])")?.getBoundingClientRect().bottom > 62) dismiss();
  }, { passive: true });

  function dismiss() {
    clearTimeout(fading);
    document.querySelector(".toast")?.remove();
  }

  if (page()?.dataset.rep) {
    Outbox.listen(draw);
    document.addEventListener("outbox-sent", refresh);
    Outbox.open().then(draw).then(Outbox.send).catch(() => settle());
  }
  if (location.hash.startsWith("#stop-")) document.querySelector(location.hash)?.querySelector("details")?.setAttribute("open", "");
  addEventListener("hashchange", () => document.querySelector(location.hash || "#day")?.querySelector("details")?.setAttribute("open", ""));
  document.querySelector('form[action="/out"]')?.addEventListener("submit", () => navigator.serviceWorker?.controller?.postMessage("forget"));
  const insecure = document.querySelector("[data-insecure]");
  if (insecure) insecure.hidden = isSecureContext;
  if ("serviceWorker" in navigator) {
    const version = new URL(document.querySelector('script[src*="app.js"]').src).searchParams.get("v");
    navigator.serviceWorker.register(`/sw.js?v=${version}`, { scope: "/" }).catch(() => {});
  }
})();
