#include "adapter/portal/style.h"

// Six colors with a meaning each, never alone; one column; targets of 44 px; no font, no picture
// and no script from anywhere.
const std::string_view consultd::portal::style_sheet = R"css(
:root{
  --paper:#fff; --wash:#f4f5f2; --ink:#1b2327; --ink-2:#4e5a60; --rule:#d8dcd8; --edge:#6f7b78; --focus:#ffd84d;
  --link:#0f4c63; --red:#a0262b; --amber:#7c4a03; --green:#1f6242;
  --sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;
  --serif:ui-serif,Charter,"Iowan Old Style",Georgia,"Noto Serif","Liberation Serif",serif;
}
@media (prefers-color-scheme:dark){@media screen{:root{
  --paper:#14191b; --wash:#1d2426; --ink:#e8ebe8; --ink-2:#adb7b6; --rule:#333c3e; --edge:#7d8a8a;
  --link:#8cc7dc; --red:#f19a93; --amber:#e3b56b; --green:#8fcba6; color-scheme:dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--wash);color:var(--ink);font:1.125rem/1.5 var(--sans);font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2,p,ul,ol,dl,dd,fieldset{margin:0}
a{color:var(--link);text-underline-offset:.18em}
:focus-visible{outline:3px solid var(--ink);outline-offset:0;box-shadow:0 0 0 6px var(--focus)}
.screen{max-inline-size:46rem;margin-inline:auto;background:var(--paper);border:1px solid var(--rule);min-block-size:100vh;display:flex;flex-direction:column}
.top{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;justify-content:space-between;align-items:center;border-block-end:3px solid var(--link);padding:.4rem clamp(1rem,5vw,2.5rem)}
.top b{font-size:1.125rem}
.top nav{display:flex;flex-wrap:wrap;gap:0 1.2rem}
.top a,.back{display:inline-flex;align-items:center;min-block-size:2.75rem;font-size:1rem}
.in{padding:.8rem clamp(1rem,5vw,2.5rem) 2.4rem;flex:1}
.foot{border-block-start:1px solid var(--rule);padding:.9rem clamp(1rem,5vw,2.5rem) 1.1rem;font-size:1rem;color:var(--ink-2);display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;align-items:center}
h1{font-size:clamp(1.6rem,5.2vw,2.125rem);line-height:1.18;letter-spacing:-.012em;font-weight:680;margin-block:.6rem .9rem;text-wrap:balance}
h2{font-size:1.1875rem;line-height:1.3;margin-block:1.6rem .4rem;font-weight:650}
p+p,p+ul,ul+p,ol+p,p+form{margin-block-start:.8rem}
ul.b,ol.b{padding-inline-start:1.3rem;margin-block:.5rem} .b li+li{margin-block-start:.3rem}
.btn,button.btn{display:inline-block;background:var(--link);color:var(--paper);text-decoration:none;font:inherit;font-weight:650;border:2px solid var(--link);padding:.62rem 1.3rem;margin-block-start:1.6rem;min-block-size:2.75rem;cursor:pointer;border-radius:3px}
.btn:hover{background:var(--ink);border-color:var(--ink);color:var(--paper)}
.btn.two{background:none;color:var(--link)} .btn.two:hover{background:var(--wash);color:var(--ink)}
.btn.stop{background:var(--red);border-color:var(--red)}
.qr{display:block;inline-size:min(100%,24rem);block-size:auto;margin-block:1rem .4rem}
.row{display:flex;flex-wrap:wrap;gap:0 .9rem;align-items:center}
.hint{color:var(--ink-2);font-size:1rem;display:block} label{display:block}
.find{font:1.125rem/1.4 var(--sans);color:inherit;background:var(--paper);border:2px solid var(--edge);border-radius:2px;padding:.5rem .65rem;inline-size:100%;min-block-size:2.75rem;margin-block-start:.4rem}
.find+.btn{margin-block-start:.9rem}
textarea{font:1.1875rem/1.45 var(--serif);color:inherit;background:var(--paper);border:2px solid var(--edge);border-radius:2px;padding:.5rem .65rem;inline-size:100%;min-block-size:9.5rem;margin-block-start:.4rem}
fieldset{border:0;margin-block-start:1.4rem;padding:0;min-inline-size:0} legend{font-weight:650;font-size:1.1875rem;padding:0}
.opt{display:grid;grid-template-columns:2.75rem minmax(0,1fr);align-items:start;padding-block:.55rem;border-block-start:1px solid var(--rule);cursor:pointer;min-block-size:2.75rem}
.opt input{inline-size:1.75rem;block-size:1.75rem;margin:0;accent-color:var(--link);cursor:pointer}
.opt b{display:block;font-weight:600} .opt .n{color:var(--ink-2);font-weight:400;white-space:nowrap}
.single{margin-block:0 .6rem;padding-inline-start:2.75rem}
.acting{border-inline-start:4px solid var(--link);background:var(--wash);padding:.45rem .8rem;font-weight:600}
.quiet{background:var(--wash);padding:.9rem 1.1rem;margin-block:1.2rem;border-inline-start:4px solid var(--edge)} .quiet.warn{border-color:var(--amber)} .quiet.bad{border-color:var(--red)} .ends{position:sticky;inset-block-start:0;z-index:1;margin:0} .ends .btn{margin-block-start:.6rem}
.sum{margin-block-start:.4rem} .sum>div{display:grid;grid-template-columns:9.5rem minmax(0,1fr) auto;gap:0 1rem;padding-block:.65rem;border-block-start:1px solid var(--rule)} .sum>div:last-child{border-block-end:1px solid var(--rule)} .sum dt{font-weight:600} .sum .q{font-family:var(--serif);white-space:pre-line}
.steps{list-style:none;padding:0;margin-block-start:1rem} .steps li{display:grid;grid-template-columns:2.1rem minmax(0,1fr) auto;gap:0 .7rem;padding-block:.6rem;border-block-start:1px solid var(--rule)}
.dot{inline-size:1.55rem;block-size:1.55rem;border-radius:50%;border:2px solid var(--edge);display:grid;place-items:center;font-size:.95rem} .done .dot{background:var(--green);border-color:var(--green);color:var(--paper)} .now .dot{border:5px solid var(--link)} .now b{color:var(--link)}
.steps .d{color:var(--ink-2);font-size:1rem}
.items{list-style:none;padding:0;margin-block-start:.4rem} .items li{display:flex;flex-wrap:wrap;gap:0 1rem;justify-content:space-between;padding-block:.55rem;border-block-start:1px solid var(--rule)} .items li:last-child{border-block-end:1px solid var(--rule)}
.sent{border:3px solid var(--green);padding:1rem clamp(1rem,4vw,1.6rem);margin-block:1rem 1.6rem} .sent h1{color:var(--green);margin-block-start:0}
.card{border-block-start:1px solid var(--rule);padding-block:.9rem} .card .row{gap:0 1.4rem} .card a{display:inline-flex;align-items:center;min-block-size:2.75rem}
.said,.letter{font-family:var(--serif)} .said{border-inline-start:4px solid var(--rule);padding-inline-start:1rem;margin-block:.8rem} .letter{border:1px solid var(--rule);padding:1rem 1.1rem;margin-block:1rem} h3{font-size:1.125rem;font-weight:650;margin-block:1.2rem .3rem}
.mono{font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em;overflow-wrap:anywhere}
.vh{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.link{background:none;border:0;padding:0;font:inherit;font-size:1rem;color:var(--link);text-decoration:underline;text-underline-offset:.18em;cursor:pointer;min-block-size:2.75rem}
details{margin-block-start:1.2rem} summary{display:inline-flex;align-items:center;min-block-size:2.75rem;font-size:1rem;color:var(--link);text-decoration:underline;text-underline-offset:.18em;cursor:pointer}
@media (max-width:34rem){.sum>div{grid-template-columns:minmax(0,1fr) auto} .sum dd{grid-column:1} .sum dt{grid-column:1} .sum .ch{grid-column:2;grid-row:1} .btn{inline-size:100%;text-align:center} .screen{border:0}}
@media print{body{background:none;font-size:11pt} .screen{border:0;min-block-size:0} .btn,.back,.top nav,.foot form{display:none}}
)css";

const std::string_view consultd::portal::script_text = R"js(
addEventListener("click", event => {
  const link = event.target.closest('a[href="/portal/exit"]');
  if (!link) return;
  event.preventDefault();
  location.replace(link.href);
});
// Shown as it was once, out of the browser's memory: it may not be so any more.
addEventListener("pageshow", event => {
  if (!event.persisted) return;
  document.documentElement.hidden = true;
  location.replace(document.querySelector("main").dataset.at);
});
// What is said aloud is one element that stays, and changes at most every 10 seconds; what has not
// changed stays too, with the focus that may be in it.
let told = 0;
const change = (shown, next) => {
  const now = [...shown.children], then = [...next.children];
  if (now.length !== then.length || now.some((one, i) => one.tagName !== then[i].tagName))
    return shown.replaceWith(next);
  now.forEach((one, i) => {
    if (one.outerHTML === then[i].outerHTML) return;
    if (!one.hasAttribute("aria-live")) return one.replaceWith(then[i]);
    if (Date.now() - told < 10000) return;
    told = Date.now();
    one.replaceChildren(...then[i].childNodes);
  });
};
const lookAgain = () => setTimeout(async () => {
  const shown = document.querySelector("main");
  if (!shown.hasAttribute("data-looks-again")) return;
  const answer = await fetch("/portal/look").catch(() => null);
  if (answer && answer.redirected) return location.replace(answer.url);
  if (answer) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("main");
    if (next) change(shown, next);
  }
  lookAgain();
}, 2000);
lookAgain();
// Two minutes before the session ends this says so; when it has ended, nothing stays to be read.
const warning = document.querySelector(".ends");
let timer;
const watch = async () => {
  clearTimeout(timer);
  const answer = await fetch("/portal/left").catch(() => null);
  if (!answer || !answer.ok) return timer = setTimeout(watch, 60000);
  const left = Number(await answer.text());
  if (left <= 0) return location.replace("/portal/over");
  warning.hidden = left > 120;
  timer = setTimeout(watch, (left > 120 ? left - 120 : left + 1) * 1000);
};
if (warning) {
  timer = setTimeout(watch, 13 * 60000);
  document.addEventListener("visibilitychange", () => document.hidden || watch());
  warning.querySelector("button").addEventListener("click", async () => {
    await fetch("/portal/stay").catch(() => null);
    watch();
  });
}
)js";
