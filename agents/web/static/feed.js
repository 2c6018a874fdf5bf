// The stream of cards and watchlists: server-sent events that resume where they broke off, whatever broke them: a worker that
// restarted, a network that went away without a word, a page that slept.

const SILENT_MS = 12000; // the server speaks every 3 s
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];
const HIDDEN_MS = 5 * 60000;

export function follow({ card, watch, begin, complete, health, state }) {
  let source = null;
  let after = "";
  let failures = 0;
  let retry = 0;
  let hiding = 0;
  let heard = Date.now();
  let expected = -1;

  function open() {
    clearTimeout(retry);
    source?.close();
    heard = Date.now();
    source = new EventSource(after ? `/events?after=${encodeURIComponent(after)}` : "/events");
    source.onopen = () => { failures = 0; heard = Date.now(); state("live"); };
    source.onerror = () => {
      state("lost");
      expected = -1;
      // A refusal closes the source for good, a broken connection does not always: one way for both.
      source.close();
      retry = setTimeout(open, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
      failures += 1;
    };
    const told = (take) => (message) => {
      heard = Date.now();
      if (message.lastEventId) after = message.lastEventId;
      take(JSON.parse(message.data));
      if (expected > 0 && (expected -= 1) === 0) complete();
    };
    source.onmessage = told(card);
    source.addEventListener("watch", told(watch));
    source.addEventListener("begin", (message) => {
      heard = Date.now();
      const { cards, watches } = JSON.parse(message.data);
      expected = cards + watches;
      begin();
      if (message.lastEventId) after = message.lastEventId;
      if (expected === 0) complete();
    });
    source.addEventListener("health", (message) => { heard = Date.now(); health(JSON.parse(message.data)); });
  }

  function pause() {
    source?.close();
    source = null;
    clearTimeout(retry);
    state("asleep");
  }

  // A machine that slept wakes with a connection that looks open and is not.
  function check() {
    if (source && Date.now() - heard > SILENT_MS) {
      state("lost");
      open();
    }
  }

  setInterval(check, 3000);
  addEventListener("online", open);
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(pause, HIDDEN_MS);
    else if (!source) open();
    else check();
  });
  open();
}
