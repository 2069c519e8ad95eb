"""The page's style: system fonts, light and dark, paper, and 360 pixels."""

STYLE = """
:root{color-scheme:light dark;--text:#1c2330;--back:#fff;--soft:#f2f4f8;--line:#c9d0dc;--link:#0b57b0;
--good:#17663a;--care:#8a5200;--bad:#a61b1b;--unknown:#4a5568}
@media (prefers-color-scheme:dark){:root{--text:#e6e9ef;--back:#12161d;--soft:#1c222c;--line:#3a4454;
--link:#8ab8ff;--good:#6fd49a;--care:#f0b860;--bad:#ff9a9a;--unknown:#aab4c4}}
*{box-sizing:border-box}
body{margin:0;color:var(--text);background:var(--back);line-height:1.5;
font-family:system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
header,main{max-width:70rem;margin:0 auto;padding:0 1rem}
h1{font-size:1.5rem}h2{border-top:2px solid var(--line);padding-top:1rem}
h1,h2,li,p,td,code{overflow-wrap:anywhere}
a{color:var(--link)}a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;list-style:none}
.answers li,.findings li{background:var(--soft);border-left:.3rem solid var(--unknown);
padding:.5rem .75rem;margin:.5rem 0}
.answers{padding-left:1.5rem}.findings{padding:0;list-style:none}
.answers .good{border-color:var(--good)}.answers .care,.findings .warning{border-color:var(--care)}
.answers .bad,.findings .error{border-color:var(--bad)}
.state{font-size:.85rem;border:1px solid currentColor;border-radius:1rem;padding:0 .5rem;white-space:nowrap}
.good .state{color:var(--good)}.care .state{color:var(--care)}.bad .state{color:var(--bad)}
.flow{display:grid;grid-template-columns:1fr auto 1fr;gap:1rem;align-items:center}
.flow>div{border:1px solid var(--line);border-radius:.5rem;padding:.5rem 1rem;min-width:0}
.flow>.middle{border:0;text-align:center}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{min-width:3.6rem;border-bottom:1px solid var(--line);
padding:.35rem .5rem;text-align:left;vertical-align:top}
.tree,.tree ul{border-left:1px solid var(--line)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media (max-width:40rem){.flow{grid-template-columns:1fr}
table,tbody,tr,td{display:block;width:100%}thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
tr{border-bottom:2px solid var(--line);padding:.4rem 0}td{border:0;padding:.1rem 0}
td::before{content:attr(data-label) ": ";font-weight:600}}
@media print{:root{--text:#000;--back:#fff;--soft:#fff;--link:#000}nav{display:none}
section,li,tr{break-inside:avoid}}
"""
