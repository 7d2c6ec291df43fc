// The ops page alive: progress of runs as it happens. Everything on the page also works without this.
"use strict";
(() => {
  const running = (job) => job.dataset.status === "queued" || job.dataset.status === "running";

  function follow(job) {
    const bar = job.querySelector("progress"), stage = job.querySelector(".stage");
    const source = new EventSource(`/api/jobs/${encodeURIComponent(job.dataset.job)}/events`);
    source.addEventListener("progress", (event) => {
      const { stage: words, done, total, status } = JSON.parse(event.data);
      job.dataset.status = status || "running";
      if (total) bar.value = (100 * done) / total;
      stage.textContent = [words || (status === "queued" ? "waiting for its turn" : "starting"), total ? `${done} of ${total}` : ""].filter(Boolean).join(", ");
    });
    source.addEventListener("done", () => {
      source.close();
      refresh();
    });
  }

  async function fetched() {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" }).catch(() => null);
    return answer?.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  }

  const put = (fresh, old) => fresh && old && old.replaceWith(document.adoptNode(fresh));

  // runs that have ended, and what they found
  async function refresh() {
    const page = await fetched();
    if (!page) return;
    for (const job of page.querySelectorAll(".job")) {
      const old = [...document.querySelectorAll(".job")].find((each) => each.dataset.job === job.dataset.job);
      if (!running(job)) put(job, old);
    }
    put(page.getElementById("verdict"), document.getElementById("verdict"));
  }

  // where the reps are, once a minute while somebody looks and nothing is being filled in
  setInterval(async () => {
    if (document.hidden || document.querySelector("#today details[open], #today :focus")) return;
    put((await fetched())?.getElementById("today"), document.getElementById("today"));
  }, 60000);

  document.querySelectorAll(".job").forEach((job) => running(job) && follow(job));
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      button.textContent = "Copied";
    });
  }
})();
