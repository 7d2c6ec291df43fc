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
      stage.textContent = [words || "running", total ? `${done} of ${total}` : ""].filter(Boolean).join(", ");
    });
    source.addEventListener("done", () => {
      source.close();
      refresh();
    });
  }

  // runs and figures as the server sees them now
  async function refresh() {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const job of fresh.querySelectorAll(".job")) {
      const old = [...document.querySelectorAll(".job")].find((each) => each.dataset.job === job.dataset.job);
      if (old && old.dataset.status !== job.dataset.status) old.replaceWith(document.adoptNode(job));
      else if (old && !running(old)) old.replaceWith(document.adoptNode(job));
    }
  }

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
