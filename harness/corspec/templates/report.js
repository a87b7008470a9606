// The page reads without this. It opens what a link points at and what a filter leaves, and finds cases by name.
(() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    target.scrollIntoView();
  };
  const find = document.getElementById("find");
  const started = new Map(all("details.s").map(suite => [suite, suite.open]));
  const apply = () => {
    const wanted = find.value.trim().toLowerCase();
    const filtered = wanted !== "" || !document.getElementById("f-all").checked;
    for (const [suite, open] of started) {
      let left = false;
      for (const c of suite.querySelectorAll(":scope > .c")) {
        c.hidden = !c.id.toLowerCase().includes(wanted);
        left ||= !c.hidden;
      }
      suite.hidden = !left;
      suite.open = filtered ? left : open;
    }
    for (const server of all(".server")) server.hidden = wanted !== "" && !server.querySelector(".s:not([hidden])");
  };
  find.closest("label").hidden = false;
  document.getElementById("filter").addEventListener("input", apply);
  // A browser restores the choice when it comes back to the page.
  addEventListener("pageshow", apply);
  addEventListener("hashchange", reveal);
  reveal();
})();
