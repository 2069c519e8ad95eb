"""The page's style: system fonts, light and dark, paper, and 360 pixels."""

STYLE = """
:root{color-scheme:light dark;--text:#1c2330;--back:#fff;--soft:#f3f5f9;--line:#cfd6e1;--link:#0b57b0;
--good:#17663a;--care:#8a5200;--bad:#a61b1b;--unknown:#4a5568;--out:#0b57b0;--in:#17663a}
@media (prefers-color-scheme:dark){:root{--text:#e6e9ef;--back:#12161d;--soft:#1c222c;--line:#3a4454;
--link:#8ab8ff;--good:#6fd49a;--care:#f0b860;--bad:#ff9a9a;--unknown:#aab4c4;--out:#8ab8ff;--in:#6fd49a}}
*{box-sizing:border-box}
body{margin:0;color:var(--text);background:var(--back);line-height:1.55;
font-family:system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
header,main,footer{max-width:70rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
footer{color:var(--unknown);font-size:.85rem;border-top:1px solid var(--line);margin-top:3rem}
h1{font-size:1.6rem;margin:0 0 1rem;line-height:1.25}
h2{border-top:3px solid var(--line);padding-top:1.25rem;margin:2.5rem 0 0;font-size:1.5rem}
h3{font-size:1.2rem;margin:2.25rem 0 .75rem}h4{margin:1.75rem 0 .5rem}
h1,h2,li,p,td,code,figcaption{overflow-wrap:anywhere}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono CJK SC",monospace;font-size:.92em}
a{color:var(--link)}a:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:.2rem}
.skip{position:absolute;left:-100vw;top:0;background:var(--back);padding:.5rem 1rem;z-index:1}
.skip:focus{left:0}
nav ul{display:flex;flex-wrap:wrap;gap:.4rem;padding:0;margin:.75rem 0;list-style:none}
nav a{display:block;border:1px solid var(--line);border-radius:1rem;padding:.15rem .8rem;text-decoration:none;
font-size:.92rem}nav a:hover{border-color:var(--link)}
.answers,.findings{padding:0;margin:0;list-style:none;display:grid;gap:.6rem}
.answers{counter-reset:n}
.answers li,.findings li{background:var(--soft);border-left:.3rem solid var(--unknown);
border-radius:.4rem;padding:.7rem 1rem;min-width:0}
.answers li{counter-increment:n}.answers strong::before{content:counter(n) ". "}
.answers p,.findings p{margin:.25rem 0 0}.findings p{max-width:60rem}
.good{border-color:var(--good)}.answers .care,.findings .warning{border-color:var(--care)}
.answers .good{border-color:var(--good)}.answers .bad,.findings .error{border-color:var(--bad)}
.chip{display:inline-block;font-size:.8rem;line-height:1.4;border:1px solid currentColor;border-radius:1rem;
padding:0 .55rem;white-space:nowrap;color:var(--unknown)}
.chip.good,.chip.pass{color:var(--good)}.chip.care,.chip.warning,.chip.warn{color:var(--care)}
.chip.bad,.chip.error,.chip.fail{color:var(--bad)}
.chip.type{border-radius:.3rem;font-family:ui-monospace,Menlo,Consolas,monospace}
.drawing{margin:1rem 0;padding:1rem;background:var(--soft);border-radius:.6rem;--flow:var(--out)}
.drawing.in{--flow:var(--in)}.drawing figcaption{font-weight:600;margin-bottom:.5rem}
.lane{display:grid;grid-template-columns:minmax(0,1fr) 4rem minmax(0,.8fr) 4rem minmax(0,1fr)}
.column{display:flex;flex-direction:column;min-width:0}
.column>p{margin:0;height:1.6rem;font-size:.85rem;color:var(--unknown)}
.column ul{list-style:none;margin:0;padding:0;flex:1;display:grid;grid-auto-rows:1fr}
.column li{display:flex;align-items:center;padding:.25rem 0;min-width:0}
.card{width:100%;background:var(--back);border:1px solid var(--line);border-top:.2rem solid var(--flow);
border-radius:.5rem;padding:.4rem .75rem;min-width:0}
.card b,.card span{display:block;overflow-wrap:anywhere}.card span{font-size:.88rem;color:var(--unknown)}
.lines{width:100%;height:calc(100% - 1.6rem);margin-top:1.6rem;overflow:visible}
.lines path{fill:none;stroke:var(--flow);stroke-width:2px;vector-effect:non-scaling-stroke;opacity:.75}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{min-width:5rem;border-bottom:1px solid var(--line);
padding:.45rem .6rem;text-align:left;vertical-align:top}
th{color:var(--unknown);font-weight:600;border-bottom-width:2px}td span{display:block}
td span.chip{display:inline-block}
.gauge{display:flex;gap:.25rem;max-width:22rem;margin:.5rem 0;--fill:var(--good)}
.gauge.near{--fill:var(--care)}.gauge.over{--fill:var(--bad)}
.gauge i{flex:1;height:.7rem;border:1px solid var(--fill);border-radius:.2rem}
.gauge .on{background:var(--fill);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.tree,.tree ul{list-style:none;margin:.2rem 0;padding-left:1.25rem}.tree{padding-left:0}
.tree ul{border-left:2px solid var(--line)}.tree li{padding:.1rem 0}
.cost{color:var(--unknown);font-size:.88rem}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media (max-width:40rem){.lane{grid-template-columns:minmax(0,1fr)}.lines{display:none}
.column+.lines+.column{padding-top:.6rem}
.column+.lines+.column::before{content:"↓" / "";color:var(--flow);text-align:center;font-size:1.3rem;
line-height:1}
table,tbody,tr,td{display:block;width:100%}
thead{display:block;position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
tr{border-bottom:2px solid var(--line);padding:.5rem 0}
td{border:0;min-width:0;padding:.15rem 0;display:flex;gap:.5rem}
td::before{content:attr(data-label);flex:0 0 5.5rem;color:var(--unknown);font-size:.88rem}
td>div{min-width:0;flex:1}}
@media print{:root{--text:#000;--back:#fff;--soft:#fff;--link:#000;--line:#999;--good:#17663a;--care:#8a5200;
--bad:#a61b1b;--unknown:#444;--out:#0b57b0;--in:#17663a}nav,.skip{display:none}
.drawing,.answers li,.findings li{border:1px solid var(--line)}
.drawing,.card,.answers li,.findings li,tr{break-inside:avoid}h2,h3,h4{break-after:avoid}
article+article{break-before:page}}
"""
