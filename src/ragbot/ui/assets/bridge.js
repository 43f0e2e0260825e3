// Clicks, spoken claims, hover text and scrolling of the page's own HTML.
// One set of listeners for the page's life; the latest mounted component carries the actions.
export default function (component) {
  const page = (window.__ragbot ??= start());
  page.component = component;
  component.parentElement.host?.setAttribute("aria-hidden", "true");
  page.look();
  return () => {
    if (page.component === component) page.component = null;
  };
}

function start() {
  const page = { component: null, shown: "", scrolled: new Set(), said: new Set() };
  page.back = page.top = null;
  page.act = (action) => page.component?.setTriggerValue("act", action);
  page.log = corner("log", "polite");
  page.tip = tooltip();
  page.look = () => look(page);
  document.addEventListener("click", (event) => onClick(page, event));
  document.addEventListener("keydown", (event) => onKey(page, event));
  for (const name of ["wheel", "touchmove"]) {
    document.addEventListener(name, () => (page.moved = true), { passive: true });
  }
  for (const name of ["mouseover", "focusin"]) {
    document.addEventListener(name, (event) => showTip(page, event.target));
  }
  for (const name of ["mouseout", "focusout"]) {
    document.addEventListener(name, () => (page.tip.hidden = true));
  }
  showTip(page, document.activeElement); // what was reached while this was still on its way
  page.asker = asker();
  document.addEventListener("selectionchange", () => {
    clearTimeout(page.selecting);
    page.selecting = setTimeout(() => offerToAsk(page), 250);
  });
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      look(page);
    });
  }).observe(document.body, { childList: true, subtree: true });
  return page;
}

// A region that readers of the screen hear; it stays while the page's parts come and go.
function corner(role, live) {
  const region = document.createElement("div");
  region.className = "rb-hidden";
  region.id = "rb-log";
  region.setAttribute("role", role);
  region.setAttribute("aria-live", live);
  region.setAttribute("aria-label", "Answer");
  document.body.append(region);
  return region;
}

function tooltip() {
  const tip = document.createElement("div");
  tip.id = "rb-tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  return tip;
}

// A button beside selected words of the article or an answer, that asks about them.
function asker() {
  const button = document.createElement("button");
  button.id = "rb-asker";
  button.textContent = "Ask about this";
  button.hidden = true;
  button.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
  button.addEventListener("click", () => {
    const words = getSelection().toString().replace(/\s+/g, " ").trim().slice(0, 600);
    button.hidden = true;
    fill(`About “${words}”: `);
  });
  document.body.append(button);
  return button;
}

function offerToAsk(page) {
  const selected = getSelection();
  const from = selected.anchorNode?.parentElement;
  const isText = !selected.isCollapsed && from?.closest(".rb-article, .rb-answer, .rb-panel");
  page.asker.hidden = !isText || !box();
  if (page.asker.hidden) return;
  const at = selected.getRangeAt(0).getBoundingClientRect();
  page.asker.style.left = `${Math.max(8, Math.min(at.left, innerWidth - 150))}px`;
  page.asker.style.top = `${Math.max(8, Math.min(at.bottom + 8, innerHeight - 140))}px`;
}

function say(page, words) {
  const line = document.createElement("p");
  line.textContent = words;
  page.log.append(line);
  while (page.log.children.length > 40) page.log.firstChild.remove();
}

function look(page) {
  for (const claim of document.querySelectorAll("[data-rb-fresh] [data-rb-say]")) {
    const turn = claim.closest("[data-rb-fresh]").getAttribute("data-rb-fresh");
    const words = (claim.closest("li") ?? claim).textContent;
    if (page.said.has(turn + words)) continue;
    page.said.add(turn + words);
    say(page, words);
  }
  for (const turn of document.querySelectorAll("[data-rb-fresh]")) bringUp(page, turn);
  const title = document.querySelector(".rb-title")?.textContent;
  if (title && page.title && title !== page.title) main()?.scrollTo(0, 0); // another page
  page.title = title ?? page.title;
  const isAskable = Boolean(box());
  if (isAskable && !page.isAskable) offerToAsk(page); // words selected while the page still loaded
  page.isAskable = isAskable;
  lookAtPanel(page);
}

// A new question comes to the top once, and once more when its answer is whole.
function bringUp(page, turn) {
  const isWhole = !turn.querySelector(".rb-streaming");
  const name = turn.getAttribute("data-rb-fresh") + (isWhole ? " whole" : "");
  if (page.scrolled.has(name)) return;
  page.scrolled.add(name);
  if (isWhole && page.moved) return; // the reader has gone elsewhere meanwhile
  page.moved = false;
  turn.scrollIntoView({ block: "start", behavior: calm() });
}

function lookAtPanel(page) {
  const panel = document.querySelector("[data-rb-opened]");
  const opened = panel?.getAttribute("data-rb-opened") ?? "";
  showMark(panel?.querySelector(".rb-page"));
  if (opened === page.shown) return;
  page.shown = opened;
  const isElsewhere = !panel && document.activeElement && document.activeElement !== document.body;
  if (isElsewhere) return; // the reader has gone on before the panel was closed
  hold(page);
  if (!panel) {
    if (document.contains(page.back)) page.back.focus({ preventScroll: true });
    page.tip.hidden = true;
    return;
  }
  panel.querySelector("#rb-panel-title")?.focus({ preventScroll: true });
  const passage = panel.querySelector(".rb-original") ?? panel.querySelector("mark");
  const frame = panel.parentElement.closest("[class*='st-key-panel']") ?? panel;
  if (passage) {
    const bar = panel.querySelector(".rb-panel-bar").offsetHeight + 48;
    frame.scrollTop += passage.getBoundingClientRect().top - frame.getBoundingClientRect().top - bar;
  } else {
    frame.scrollTop = 0;
  }
}

// The frame around a page of the original opens where the passage is marked.
function showMark(frame) {
  if (!frame || frame.hasAttribute("data-rb-seen")) return;
  frame.setAttribute("data-rb-seen", "");
  frame.scrollTop = frame.scrollHeight * frame.getAttribute("data-rb-top") - 60;
  frame.scrollLeft = frame.scrollWidth * frame.getAttribute("data-rb-left") - 24;
}

function zoom(button) {
  const frame = button.closest(".rb-original").querySelector(".rb-page");
  const isWhole = frame.classList.toggle("rb-page-whole");
  button.setAttribute("aria-pressed", isWhole);
  frame.removeAttribute("data-rb-seen");
  showMark(frame);
}

// Opening or closing the panel makes lines longer or shorter: what was clicked stays where it was.
function hold(page) {
  const frame = main();
  if (!frame || !document.contains(page.back) || page.top === null) return;
  const sheet = document.querySelector(".st-key-panel")?.getBoundingClientRect();
  const asking = document.querySelector(".st-key-ask")?.getBoundingClientRect().top ?? innerHeight;
  const lowest = (sheet?.left === 0 ? sheet.top : asking) - 60; // either lies over the page
  frame.scrollTop += page.back.getBoundingClientRect().top - Math.min(page.top, lowest);
}

function main() {
  return document.querySelector("[data-testid='stMain']");
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

function onClick(page, event) {
  const target = event.target.closest?.("[data-rb]");
  if (!target || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const kind = target.getAttribute("data-rb");
  if (kind === "jump") {
    event.preventDefault();
    jump(target.getAttribute("href").slice(1));
    foldSidebar();
  } else if (kind === "copy") {
    copy(page, target);
  } else if (kind === "zoom") {
    zoom(target);
  } else if (kind === "print") {
    print();
  } else if (kind === "edit") {
    fill(target.getAttribute("data-question"));
  } else if (page.component) {
    event.preventDefault();
    send(page, kind, target);
  }
}

function send(page, kind, target) {
  if (kind === "cite") page.back = target;
  if (kind === "go") foldSidebar();
  if (document.contains(page.back)) page.top = page.back.getBoundingClientRect().top;
  page.act({
    kind,
    cite: target.getAttribute("data-cite"),
    href: target.getAttribute("href"),
    question: target.getAttribute("data-question"),
    turn: target.getAttribute("data-turn"),
    rating: target.getAttribute("data-rating"),
    n: Date.now(),
  });
}

function onKey(page, event) {
  if (event.key !== "Escape") return;
  if (!page.tip.hidden) page.tip.hidden = true;
  else if (page.shown && !event.target.closest?.("textarea, input")) send(page, "close", event.target);
}

function jump(id) {
  const target = document.getElementById(id);
  if (!target) return;
  target.scrollIntoView({ block: "start", behavior: calm() });
  target.focus({ preventScroll: true });
}

// On a narrow page the sidebar lies over what was just opened.
function foldSidebar() {
  if (innerWidth > 768) return;
  document.querySelector("[data-testid='stSidebarCollapseButton'] button")?.click();
}

async function copy(page, button) {
  const words = button.getAttribute("data-copy");
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const area = document.createElement("textarea");
    area.value = words;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const label = button.textContent;
  button.textContent = "Copied";
  say(page, "Copied");
  setTimeout(() => (button.textContent = label), 1500);
}

// Puts a question into the box, as if it had been typed there.
function fill(words) {
  const area = box();
  if (!area) return;
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, words);
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  area.setSelectionRange(words.length, words.length);
}

function box() {
  return document.querySelector("[data-testid='stChatInput'] textarea");
}

function showTip(page, target) {
  const chip = target?.closest?.("[data-tip]");
  if (!chip) return;
  const box = chip.getBoundingClientRect();
  page.tip.textContent = chip.getAttribute("data-tip");
  page.tip.hidden = false;
  const width = Math.min(320, innerWidth - 16);
  page.tip.style.maxWidth = `${width}px`;
  page.tip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - page.tip.offsetWidth - 8))}px`;
  const above = box.top - page.tip.offsetHeight - 6;
  page.tip.style.top = `${above > 8 ? above : box.bottom + 6}px`;
}
