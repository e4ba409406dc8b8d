// The style sheet of packet.html: six colors with a meaning each, system fonts, paper and dark
// screens.
#include "adapter/stages/page/packet_page.h"

namespace consultd {

const StaticText packet_style = R"css(
/* ---- tokens: the same in every page ------------------------------------ */
:root{
  --paper:#fff; --wash:#f4f5f2; --ink:#1b2327; --ink-2:#4e5a60;
  --rule:#d8dcd8; --edge:#7b8784; --band:#e3ebe4; --focus:#ffd84d;
  --link:#0f4c63;   /* things to act on, and the patient's own line */
  --red:#a0262b;    /* outside its band · progression · failed */
  --amber:#7c4a03;  /* missing, old, waiting, needs a person */
  --green:#1f6242;  /* found, response, received */
  --sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;
  --serif:ui-serif,Charter,"Iowan Old Style",Georgia,"Noto Serif","Liberation Serif",serif;
}
@media (prefers-color-scheme:dark){@media screen{:root{
  --paper:#14191b; --wash:#1d2426; --ink:#e8ebe8; --ink-2:#adb7b6;
  --rule:#333c3e; --edge:#7d8a8a; --band:#26352e; --focus:#ffd84d;
  --link:#8cc7dc; --red:#f19a93; --amber:#e3b56b; --green:#8fcba6; color-scheme:dark}}}

*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-block-start:4rem}
body{margin:0;background:var(--paper);color:var(--ink);font-family:var(--sans);font-variant-numeric:tabular-nums;overflow-wrap:break-word}
.nw{white-space:nowrap}
h1,h2,h3,h4,p,ul,ol,dl,dd,figure,blockquote{margin:0}
ul,ol{padding:0;list-style:none}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--ink);outline-offset:0;box-shadow:0 0 0 6px var(--focus)}
summary{cursor:pointer}
time{white-space:nowrap}
svg{display:block;direction:ltr}
svg text{font-family:var(--sans);fill:var(--ink)}
.i{display:inline-block;inline-size:1em;block-size:1em;vertical-align:-.12em;fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.red{color:var(--red)} .amber{color:var(--amber)} .green{color:var(--green)} .dim{color:var(--ink-2)}
.vh{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;inset-inline-start:1rem;inset-block-start:-9rem;background:var(--paper);padding:.5rem 1rem;z-index:9}
.skip:focus{inset-block-start:.5rem}
dd,td,blockquote,figcaption span{unicode-bidi:plaintext} /* a value keeps its own direction in a right-to-left page */

/* ---- charts: ink for data, a quiet band for the reference range --------- */
.band{fill:var(--band)} .be{stroke:var(--edge);stroke-width:.7;fill:none}
.ln{fill:none;stroke:var(--ink);stroke-width:1.1;stroke-linejoin:round}
.pt{stroke:var(--ink);stroke-width:3.4;stroke-linecap:round;fill:none}
.out{fill:var(--red)} .last{fill:none;stroke:var(--link);stroke-width:1.4}
.tick{stroke:var(--edge);stroke-width:1} .mk{stroke:var(--edge);stroke-width:1;stroke-dasharray:1.5 2.5;fill:none}
.brk{stroke:var(--ink);stroke-width:1;fill:none} .ev{stroke:var(--link);stroke-width:1.6}
svg .ax,svg .bl,svg .mkl{font-size:11px;fill:var(--ink-2)} svg .mkl{font-weight:600}

/* ---- the packet --------------------------------------------------------- */
body{font-size:.9375rem;line-height:1.45}
.page{max-inline-size:75rem;margin-inline:auto;padding-inline:clamp(1rem,3vw,2rem)}
.serif{font-family:var(--serif)}
.top{display:flex;flex-wrap:wrap;gap:0 1.5rem;justify-content:space-between;font-size:.8125rem;color:var(--ink-2);padding-block:.6rem}
.who{border-block-start:3px solid var(--ink);padding-block:.7rem .8rem;display:flex;flex-wrap:wrap;gap:.1rem 2.5rem;align-items:baseline}
.who h1{font-size:1.75rem;line-height:1.15;font-weight:650;letter-spacing:-.01em}
.who dl{display:flex;flex-wrap:wrap;gap:.1rem 1.4rem}
.who dt,.who dd{display:inline} .who dt{color:var(--ink-2)} .who dt::after{content:" "}
nav.bar{position:sticky;inset-block-start:0;z-index:2;background:var(--paper);border-block:1px solid var(--rule);font-size:.8125rem}
nav.bar .page{display:flex;gap:0 1.1rem;align-items:baseline;flex-wrap:wrap;padding-block:.1rem}
nav.bar a{display:inline-block;padding-block:.4rem;text-decoration:none} nav.bar a:hover{text-decoration:underline}
nav.bar b{margin-inline-end:.5rem}
.ask{padding-block:1rem .9rem}
.ask h2,.k{font-size:.8125rem;font-weight:650;color:var(--ink-2);letter-spacing:.01em}
.ask h2 b{color:var(--link)}
.ask blockquote{font-family:var(--serif);font-size:1.375rem;line-height:1.36;margin-block:.25rem .35rem;border-inline-start:3px solid var(--link);padding-inline-start:.9rem;max-inline-size:62rem;text-wrap:pretty}
.route{display:grid;grid-template-columns:1fr 1fr 1fr;gap:.4rem 2rem;margin-block-start:.8rem} .route dt{font-size:.8125rem;color:var(--ink-2)} .route dd b{font-weight:650} .route dd span{font-size:.8125rem;color:var(--ink-2)}
.two{display:grid;grid-template-columns:minmax(0,1fr) 24.5rem;gap:0 2.5rem;align-items:start;border-block-start:1px solid var(--rule);padding-block:1rem 1.5rem}
.two h2,section>h2{font-size:1.1875rem;line-height:1.25;font-weight:650}
.note{font-size:.8125rem;color:var(--ink-2);max-inline-size:48rem}
.facts{margin-block-start:.4rem}
.facts>div{display:grid;grid-template-columns:8.6rem minmax(0,1fr);gap:0 .9rem;padding-block:.28rem;border-block-start:1px solid var(--rule)}
.facts dt{color:var(--ink-2)} .facts dd b{font-weight:650}
a.s{font-size:.6875rem;text-decoration:none;color:var(--ink-2);vertical-align:.32em;line-height:1;padding:.25rem .14rem;margin-inline-start:.06rem;border-radius:2px}
a.s:hover,a.s:focus{background:var(--wash);text-decoration:underline}
.miss>li{display:grid;grid-template-columns:1.1rem minmax(0,1fr) auto;gap:0 .5rem;padding-block:.42rem;border-block-start:1px solid var(--rule)}
.miss .st{font-size:.8125rem} .miss .do{font-size:.8125rem;white-space:nowrap;padding-inline-start:.4rem}
.miss{margin-block:.4rem .6rem}
.box{border:1px solid var(--edge);padding:.7rem .9rem;margin-block-start:.9rem}
.box h3{font-size:.9375rem;margin-block-end:.15rem}
.box.seal{border-inline-start:4px solid var(--link)}
.box p+p{margin-block-start:.35rem}
.receipt{border-block:1px solid var(--rule);font-size:.8125rem;color:var(--ink-2);padding-block:.55rem;display:flex;flex-wrap:wrap;gap:.1rem 1.6rem}
.receipt b{color:var(--ink);font-weight:600}
section{border-block-start:2px solid var(--ink);margin-block-start:2.2rem;padding-block-start:.6rem}
section>header{margin-block-end:.7rem}
section>header h2{font-size:1.1875rem;line-height:1.25;font-weight:650}
h3{font-size:1rem;font-weight:650;line-height:1.3}
@media (min-width:64rem){
  section.side{display:grid;grid-template-columns:10.5rem minmax(0,1fr);gap:0 2rem}
  section.side>header{position:sticky;inset-block-start:3rem;align-self:start}
}
table{border-collapse:collapse;inline-size:100%;font-size:.875rem;line-height:1.38}
th{font-weight:600;text-align:start;color:var(--ink-2);font-size:.8125rem;vertical-align:bottom;padding:.2rem .9rem .3rem 0}
td{vertical-align:top;padding:.38rem .9rem .38rem 0;border-block-start:1px solid var(--rule)}
[dir=rtl] td,[dir=rtl] th{padding:.38rem 0 .38rem .9rem}
td.n,th.n{text-align:end;white-space:nowrap} td b,th b{font-weight:650} td:last-child,th:last-child{padding-inline-end:0}
tbody th{color:var(--ink);font-size:inherit;vertical-align:top;padding-block:.38rem;border-block-start:1px solid var(--rule);font-weight:650}
caption{text-align:start;font-weight:650;padding-block-end:.3rem}
.scroll{overflow-x:auto} .scroll:focus-visible{outline-offset:2px}
.multi figure{display:flex;flex-direction:column} .multi figcaption{flex:1;align-content:flex-start} figcaption .m{flex:0 0 100%} figcaption .v{margin-inline-start:auto;white-space:nowrap} .multi  .multi .note{line-height:1.3} .note+.multi{margin-block-start:.8rem}
.now{stroke:var(--link);stroke-width:1.2;fill:none} h3.gap{margin-block:1.4rem .4rem} .file{font-family:var(--sans);font-size:.8125rem;color:var(--ink-2)}
.hist ul{font-size:.8125rem;margin-block-start:.2rem} .hist li{padding-block:.06rem} .hist summary,.more summary,details.p summary{padding-block:.22rem;white-space:nowrap} .val{font-weight:650} .act{fill:var(--edge)} .vague{stroke:var(--ink);stroke-width:1.2;fill:none}
.rep{padding-block:.9rem 1rem;border-block-start:1px solid var(--rule)} .rep:first-of-type{border-block-start:0;padding-block-start:0}
.rep>header{display:flex;flex-wrap:wrap;gap:0 1rem;justify-content:space-between;align-items:baseline;margin-block-end:.4rem}
.rep>header p{font-size:.8125rem;color:var(--ink-2)}
.rep .body{font-family:var(--serif);font-size:.96875rem;line-height:1.5;max-inline-size:46rem}
.rep .body p+p{margin-block-start:.45rem} .rep .body b{font-family:var(--sans);font-size:.8125rem;font-weight:650;color:var(--ink-2);display:block}
@media (min-width:64rem){.rep .body.cols{columns:2;column-gap:2.2rem;max-inline-size:none} .rep .body.cols p{break-inside:avoid}}
.docs li{display:grid;grid-template-columns:9rem minmax(0,1fr);gap:.1rem 1.2rem;padding-block:.6rem;border-block-start:1px solid var(--rule)}
.docs li:first-child{border-block-start:0;padding-block-start:0} .docs blockquote{font-family:var(--serif);max-inline-size:44rem;margin-block-start:.15rem} .docs .dim{font-size:.8125rem}
.tl svg{inline-size:100%;min-inline-size:58rem;block-size:auto}
.tl svg text{font-size:12px} .tl svg .sm{font-size:11px;fill:var(--ink-2)} .tl svg .b{font-weight:650}
.tl svg .rowl{fill:var(--ink-2);font-size:12px}
.l-io{fill:var(--band);stroke:var(--ink);stroke-width:1} .l-tt{fill:var(--link)} .l-sup{fill:var(--edge)}
.dose{stroke:var(--ink);stroke-width:1.6} .grid{stroke:var(--rule);stroke-width:1;fill:none} .ax0{stroke:var(--edge);stroke-width:1;fill:none}
.f-red{fill:var(--red)} .f-green{fill:var(--green)} .f-ink2{fill:var(--ink-2)} .f-paper{fill:var(--paper)} svg .t-red{fill:var(--red)} svg .t-green{fill:var(--green)} svg .t-amber{fill:var(--amber)}
.s-ink{stroke:var(--ink);stroke-width:1.4;fill:var(--paper)}
.multi{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15.5rem,100%),1fr));gap:1.1rem 1.6rem}
.multi figcaption{display:flex;flex-wrap:wrap;gap:0 .6rem;align-items:baseline;font-size:.8125rem;border-block-start:1px solid var(--ink);padding-block-start:.25rem}
.multi figcaption b{font-size:.9375rem;font-weight:650} .multi .v{font-size:.9375rem;font-weight:650;text-align:end} .multi .m:not(.red){color:var(--ink-2)}
.multi figure{min-inline-size:0} .multi svg{inline-size:100%;max-inline-size:24rem;block-size:auto}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;font-size:.8125rem;color:var(--ink-2);margin-block:.3rem .9rem}
.key svg{display:inline-block;vertical-align:-.15em;margin-inline-end:.3rem}
details.p summary{font-size:.8125rem;color:var(--link)} details.p li{font-size:.8125rem;padding-block:.15rem}
.was{overflow-wrap:anywhere;font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace;font-size:.92em}
.letter{border:1px solid var(--rule);padding:.9rem 1.1rem;font-family:var(--serif);max-inline-size:44rem;margin-block-start:.6rem} .letter p+p{margin-block-start:.5rem} .letter h3{font-family:var(--sans);margin-block-end:.4rem}
.srcs tr:target,.rep:target,.letter:target{outline:3px solid var(--focus)}
.end{color:var(--ink-2);font-size:.8125rem;padding-block:1.2rem 2.5rem;border-block-start:1px solid var(--rule);margin-block-start:2.2rem}
@media (max-width:52rem){nav.bar{position:static} nav.bar .page{flex-wrap:nowrap;overflow-x:auto;white-space:nowrap} .two{grid-template-columns:minmax(0,1fr);gap:1.2rem} .ask blockquote{font-size:1.1875rem} .who h1{font-size:1.5rem}}
@media (max-width:40rem){
  .route{grid-template-columns:minmax(0,1fr)} .facts>div{grid-template-columns:minmax(0,1fr)} .docs li{grid-template-columns:minmax(0,1fr)}
  table.stack,.stack tbody,.stack tr,.stack td,.stack tbody th{display:block} .stack thead{display:none}
  .stack tr{border-block-start:1px solid var(--rule);padding-block:.5rem} .stack tr.more{border:0;margin-block-start:-.4rem;padding-block:0 .4rem} .stack td,.stack tbody th{border:0;padding:0 0 .12rem} .stack td.n{text-align:start}
  .stack td[data-l]::before{content:attr(data-l) " ";color:var(--ink-2);font-size:.8125rem}
}
@media print{
  @page{margin:13mm 11mm 12mm;@top-left{content:var(--page-who);font:8pt sans-serif}@top-right{content:var(--page-id);font:8pt sans-serif}@bottom-right{content:"page " counter(page) " of " counter(pages);font:8pt sans-serif}@bottom-left{content:"Confidential health record";font:8pt sans-serif}}
  @page:first{@top-left{content:""}@top-right{content:""}}
  html{font-size:10.2pt} body{font-size:.85rem;line-height:1.33;print-color-adjust:exact;-webkit-print-color-adjust:exact}
  nav.bar,.skip{display:none} .page{max-inline-size:none;padding:0} .top{padding-block-start:0}
  a{color:inherit;text-decoration:none} .miss .do a{font-size:0} .miss .do a::after{content:attr(data-p);font-size:.8rem} a.s{color:var(--ink-2)}
  .ask{padding-block:.5rem .4rem} .ask blockquote{font-size:1.14rem;line-height:1.3} .route{margin-block-start:.4rem} .note,.receipt,.miss .st,.route dd span{font-size:.76rem} .two .note+*{margin-block-start:.2rem}
  .two{grid-template-columns:minmax(0,1fr) 19rem;font-size:.8rem;gap:0 1.4rem;padding-block:.5rem} .facts>div{grid-template-columns:6.6rem minmax(0,1fr);padding-block:.14rem} .miss>li{padding-block:.22rem}
  .box{padding:.4rem .6rem;margin-block-start:.5rem} .route{columns:1} .route dd{margin-block-end:.2rem}
  section{margin-block-start:1.3rem} section.side{display:block} .scroll{overflow:visible}
  .newpage{break-before:page} .tl svg{min-inline-size:0} .multi{grid-template-columns:repeat(3,1fr);gap:.7rem 1.1rem}
  tr,table:not(:has(tbody tr:nth-child(9))),figure,.docs li,.miss li,.facts>div,.box,.letter{break-inside:avoid} h2,h3,header,caption{break-after:avoid} thead{display:table-header-group}
  details::details-content{content-visibility:visible;block-size:auto} details:not([open])>summary{list-style:none}
  tr:has(details){break-inside:auto} tr.more{break-before:avoid} header{break-inside:avoid} td,tbody th{padding-block:.1rem}
  td .hist ul{columns:10.6rem;column-gap:.9rem;font-size:.66rem;line-height:1.22} .hist{margin-block:-.15rem 0} tr.more summary{display:none} tr.more td{padding-block:0 .12rem}
  .srcs{font-size:.66rem;line-height:1.25} .srcs tr.more{display:none} .rep{padding-block:.35rem} .rep>header{margin-block-end:.1rem}
  .rep .body,.rep .body.cols{columns:2;column-gap:1.4rem;max-inline-size:none;font-size:.72rem;line-height:1.28} .rep .body p+p{margin-block-start:.15rem}
  .multi svg{max-block-size:6rem} .multi figcaption{font-size:.72rem} .multi figcaption b,.multi .v{font-size:.82rem} .multi .note{font-size:.7rem;line-height:1.22} .offpaper{display:none}
  .srcs col:nth-child(2){inline-size:33%!important} .srcs col:nth-child(3){inline-size:17%!important} .srcs col:nth-child(4){inline-size:15%!important} .srcs col:nth-child(5){inline-size:22%!important} .srcs td,.srcs tbody th{padding-block:.06rem;padding-inline-end:.5rem}
  .long,.rep .long .body,.rep .long .body.cols{font-size:.66rem;line-height:1.22;columns:auto} .long{max-block-size:1.22em;overflow:hidden} .long p,.long .file,.long .body{display:inline} .long>.onpaper{float:inline-end;padding-inline-start:.5rem;font-family:var(--sans);color:var(--ink-2)}
  .rep.brief{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 .8rem;padding-block:.06rem;break-inside:avoid;font-size:.66rem;line-height:1.22} .rep.brief>header{display:block;margin:0} .rep.brief h3,.rep.brief>header p{display:inline;font-size:.66rem} .rep.brief h3::after{content:" "} .rep.brief a.s,tr:has(.long) a.s{padding:0;vertical-align:baseline}
  tr:has(.long){font-size:.66rem;line-height:1.22} tr:has(.long) th{min-inline-size:7rem}
}
@media screen{.onpaper{display:none} .long{display:contents}} .quiet{font-weight:400;color:var(--ink-2)}
td details>summary,section details>summary{font-size:.8125rem;color:var(--link)}
.more{margin-block-start:.6rem} tr.more td{border:0;padding-block:0 .4rem} .hist ul{columns:17rem;column-gap:1.8rem} .hist li{break-inside:avoid} .hist{margin-block:-.3rem 0} .multi svg{overflow:visible;margin-block-start:.3rem}
.wide{display:none} @media screen and (max-width:60rem){.wide{display:block}}
.found{font-size:.8125rem;color:var(--ink-2);max-inline-size:30rem} .words p+p{margin-block-start:.35rem}
h2.k{margin-block-end:.2rem} .facts ul>li+li{margin-block-start:.12rem}
)css";

}  // namespace consultd
