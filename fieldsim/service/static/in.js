// The key stands behind the # of the link, so that no server log ever holds it: send it once, then forget it.
"use strict";
(async () => {
  // whoever stands here is not signed in, or no longer: the routes kept for reading go, what waits to be sent stays
  navigator.serviceWorker?.controller?.postMessage("forget");
  const key = decodeURIComponent(location.hash.slice(1));
  if (!key) return;
  history.replaceState(null, "", "/in");
  const status = document.getElementById("status");
  status.textContent = "Signing in …";
  try {
    const answer = await fetch("/in", { method: "POST", body: new URLSearchParams({ key }), headers: { Accept: "application/json" } });
    if (answer.ok) return location.replace("/");
    status.textContent = answer.status === 429 ? "Too many tries. Wait a minute, then open the link again." : "This link is no longer valid. Ask your sales office for a new one.";
  } catch {
    status.textContent = "No network. Open the link again when you have one.";
  }
})();
