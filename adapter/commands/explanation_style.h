// The style sheet of explain.html: it reads on a screen, dark or bright, and on paper.
#pragma once

#include "fhir/base/result.h"

namespace consultd::commands {

inline constexpr StaticText explanation_style = R"css(
:root{--paper:#fff;--ink:#1b2327;--dim:#4e5a60;--rule:#d8dcd8;--wash:#f4f5f2;--red:#a0262b}
@media (prefers-color-scheme:dark){@media screen{:root{--paper:#14191b;--ink:#e8ebe8;--dim:#adb7b6;--rule:#333c3e;--wash:#1d2426;--red:#f19a93;color-scheme:dark}}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif;overflow-wrap:anywhere}
main{max-inline-size:70rem;margin-inline:auto;padding:1rem clamp(1rem,3vw,2rem) 3rem}
h1{font-size:1.75rem;line-height:1.2;margin:1rem 0 .3rem}
h2{font-size:1.3rem;margin:2.2rem 0 .2rem;border-block-start:3px solid var(--ink);padding-block-start:.6rem}
p{margin:.3rem 0 .8rem}
.warn{border-inline-start:4px solid var(--red);background:var(--wash);padding:.6rem .9rem}
.dim,small{color:var(--dim)}
small{font-size:.85em}
code{font-family:ui-monospace,Consolas,monospace;font-size:.92em}
table{inline-size:100%;border-collapse:collapse;margin:1rem 0;table-layout:fixed}
caption{text-align:start;font-weight:600;padding-block:.3rem}
th,td{text-align:start;vertical-align:top;padding:.4rem .6rem .4rem 0;border-block-end:1px solid var(--rule);font-weight:400}
thead th{font-weight:600;color:var(--dim)}
tbody th{font-weight:600}
tbody th small{font-weight:400}
.sums{inline-size:auto;table-layout:auto}
ul{margin:0;padding:0;list-style:none}
@media print{main{max-inline-size:none;padding:0}tr{break-inside:avoid}thead{display:table-header-group}h2,caption{break-after:avoid}}
summary{font-size:.85em;font-weight:400;color:var(--dim);padding-block:.2rem}
@media print{details::details-content{content-visibility:visible;block-size:auto}}
@media screen and (max-width:40rem){.rows,.rows caption,.rows tbody,.rows tr,.rows tbody th,.rows td{display:block}.rows thead{display:none}.rows tr{border-block-end:1px solid var(--rule);padding-block:.5rem}.rows tbody th,.rows td{border:0;padding:0 0 .2rem}.rows td:empty{display:none}.rows td[data-l]::before{content:attr(data-l) " ";color:var(--dim);font-size:.85em}}
)css";

}  // namespace consultd::commands
