"""The style sheet of the page: what is always in it, and the places that this page needs.

Views and periods are chosen by `:target`: the address says what is shown, so that back, bookmarks and the keyboard work
as everywhere. A browser that does not know `:has` shows everything, one below the other. Nothing moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LIGHT = (
    "--p:#f5f6f8;--c:#fff;--i:#1b1f24;--q:#545d68;--l:#d5dae0;--a:#0b57a4;--g:#eef0f3;"
    "--b:#1f5fae;--bt:#e3edf9;--t:#3f76b5;--tt:#f1f6fc;--o:#7b2d8b;--ot:#f5e9f7;--w:#0f6b63;--wt:#e2f4f1;"
    "--f:#8b949e;--ft:#fff"
)
_DARK = (
    "--p:#0e1217;--c:#161b22;--i:#e6e9ee;--q:#a3adb9;--l:#303843;--a:#7db7ff;--g:#10151b;"
    "--b:#6aa8f5;--bt:#18324f;--t:#7fa9d8;--tt:#18232f;--o:#d08ce0;--ot:#3a2040;--w:#4fc3b5;--wt:#12362f;"
    "--f:#7d8793;--ft:#161b22"
)

_BASE = """
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--p);color:var(--i);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",
"Liberation Sans",sans-serif}
body>*{max-width:76rem;margin:0 auto;padding:0 1.25rem}
a{color:var(--a)}
a:focus-visible,summary:focus-visible,.g:focus-visible{outline:3px solid var(--a);outline-offset:2px;border-radius:3px}
h1{margin:0;font-size:1.9rem;line-height:1.2;letter-spacing:-.01em}
h2{margin:0;font-size:1.35rem;line-height:1.25}
h3{margin:1.6rem 0 .4rem;font-size:1rem}
ul,ol{margin:0;padding:0;list-style:none}
b,p,dd,summary,li{overflow-wrap:anywhere;unicode-bidi:isolate}
i{font-style:normal}
abbr{text-decoration:none}
small{color:var(--q);font-size:.85em;font-weight:400}
.h{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem;top:.5rem;background:var(--c);padding:.5rem 1rem;z-index:9}
.skip:focus{left:.5rem}
"""
_HEAD = """
body>header{padding-top:2rem;padding-bottom:1.25rem}
body>header p{margin:.3rem 0 0;color:var(--q)}
body>header .z{color:var(--i);font-weight:600}
.u{display:flex;flex-wrap:wrap;gap:.6rem;margin-top:1rem}
.u a{padding:.45rem .95rem;border:1px solid var(--a);border-radius:.5rem;text-decoration:none;font-weight:600;
background:var(--c)}
.u a:first-child{background:var(--a);color:var(--c)}
.k0{display:flex;flex-wrap:wrap;gap:.35rem 1.2rem;margin-top:1.1rem;font-size:.875rem;color:var(--q)}
.k0 li::before{content:"";display:inline-block;width:1.7rem;height:1.1rem;margin-right:.45rem;vertical-align:-.2rem;
border-left:5px var(--s,solid) var(--k,var(--l));box-shadow:inset 0 0 0 1px var(--l);background:var(--kt,var(--g))}
body>footer{padding-top:1.5rem;padding-bottom:2.5rem;color:var(--q);font-size:.875rem}
body>footer p{margin:0}
main>section{background:var(--c);border:1px solid var(--l);border-radius:.75rem;padding:1rem 1.1rem 1.2rem;
margin:0 0 1.25rem;scroll-margin-top:100vh}
section>header{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem .9rem;margin-bottom:.8rem}
.p,.v{display:flex}
.p{order:-1;gap:.3rem}
.p>*{width:2.25rem;height:2.25rem;line-height:2rem;text-align:center;font-size:1.3rem;text-decoration:none;
border:1px solid var(--l);border-radius:.5rem;color:var(--i)}
.p>span{color:var(--l)}
.p .j{width:auto;padding:0 .8rem;font-size:1rem;line-height:2.15rem}
.v{margin-left:auto;border:1px solid var(--l);border-radius:.5rem;overflow:hidden}
.v a{padding:.4rem .9rem;text-decoration:none;color:var(--i)}
.v a+a{border-left:1px solid var(--l)}
.v a:focus-visible{outline-offset:-3px}
.v a[aria-current]{background:var(--a);color:var(--c);font-weight:600}
.p a:hover,.v a:hover:not([aria-current]){background:var(--g)}
"""
_STATUS = """
.b{--k:var(--b);--kt:var(--bt)}
.t{--k:var(--t);--kt:var(--tt);--s:dashed}
.o{--k:var(--o);--kt:var(--ot);--s:double}
.w{--k:var(--w);--kt:var(--wt);--s:dotted}
.f{--k:var(--f);--kt:var(--ft)}
"""
_GRIDS = """
table{width:100%;border-collapse:collapse;table-layout:fixed}
thead th{padding:.35rem .3rem;font-size:.85rem;font-weight:600;color:var(--q);text-align:left}
td{border:1px solid var(--l);vertical-align:top;padding:0;position:relative}
td.r,td.x{background:var(--g)}
.M td{height:7.1rem;padding:.25rem}
.M td>a,.M td>span{display:inline-block;min-width:1.7rem;padding:0 .3rem;line-height:1.7rem;border-radius:1rem;
text-align:center;font-size:.875rem;color:var(--i);text-decoration:none}
.M td>span{color:var(--q)}
.M td>a{font-weight:600}
.M td>a::after{content:"";position:absolute;inset:0}
.M td>a:hover::after{box-shadow:inset 0 0 0 2px var(--a)}
.M td>a:focus-visible{outline:0}
.M td>a:focus-visible::after{outline:3px solid var(--a);outline-offset:-3px}
.M .n>a,.M .n>span,.W .n b{background:var(--a);color:var(--c);font-weight:700}
.M li{margin-top:2px;padding:0 .3rem;border-left:4px var(--s,solid) var(--k);border-radius:3px;font-size:.75rem;
line-height:1.25rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.M li b{font-weight:400}
.M li.k b,.W li b{font-weight:600}
.k{background:var(--kt)}
.M li i{color:var(--q)}
.M li.m{border-color:transparent;color:var(--q)}
.g{overflow-x:auto}
.g table{min-width:44rem}
.W thead td,.W tbody th{width:4rem;border:0}
.W thead th a,.W thead th{color:var(--i)}
.W thead th abbr{color:var(--q);font-weight:400}
.W thead th b{display:inline-block;min-width:1.8rem;line-height:1.8rem;padding:0 .3rem;border-radius:1rem;
text-align:center;font-size:1rem}
.W .n{border:0}
.W tbody th{padding:.25rem .5rem 0 0;font-size:.75rem;font-weight:400;color:var(--q);text-align:right;
vertical-align:top}
.y td{padding:1px 2px 3px}
.y li{margin-top:2px;padding:.1rem .35rem;border-left:5px var(--s,solid) var(--k);border-radius:3px;font-size:.8rem}
.q td,.q th{position:relative}
.q ol li{height:3rem;line-height:1rem}
.W .q th{padding:0 .5rem 0 0}
.q ol li:not(:first-child){position:relative;top:-.5rem}
.q td{background-image:repeating-linear-gradient(var(--l) 0 1px,transparent 1px 3rem)}
.q .e{position:absolute;left:0;right:0;margin:0;background:var(--g);opacity:.75}
.q td ul{position:absolute;inset:0}
.q td li{position:absolute;left:0;width:100%;overflow:hidden;padding:0 .3rem;background:var(--kt);
border:1px solid var(--c);border-left:5px var(--s,solid) var(--k);border-radius:4px;font-size:.78rem;
line-height:1.05rem}
.q td li b{display:-webkit-box;-webkit-box-orient:vertical;overflow:hidden;overflow-wrap:normal;hyphens:auto}
.q td li i{display:block;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;font-size:.74rem}
.q td li.s{line-height:.95rem;white-space:nowrap;text-overflow:ellipsis;font-size:.74rem}
.q td li.d{display:flex;flex-direction:row-reverse;justify-content:flex-end;padding:.2rem 0}
.q td li.d b,.q td li.d i{display:block;writing-mode:vertical-rl;white-space:nowrap;text-overflow:ellipsis}
.q td li.s b,.q td li.s i{display:inline}
"""
_LISTS = """
.A li{display:grid;grid-template-columns:11rem 1fr;gap:.1rem 1rem;padding:.45rem .8rem;
border-left:6px var(--s,solid) var(--k);margin-bottom:3px;background:linear-gradient(90deg,var(--kt),transparent 11rem)}
.A ul{border-top:1px solid var(--l);padding-top:3px}
.A li i{color:var(--q);font-variant-numeric:tabular-nums}
.A li p{margin:0}
.A>div{scroll-margin-top:.5rem}
.A>div:target h3,.A div:target>dl{text-decoration:none;box-shadow:-.6rem 0 0 var(--c),-.9rem 0 0 var(--a)}
summary{cursor:pointer}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0;font-size:.9rem}
dt{color:var(--q)}
dd{margin:0}
.A details p{margin:.5rem 0;font-size:.9rem}
"""
_SHOWN = """
@supports selector(:has(a)){
main>section{display:none}
main>section:target,main>section:has(:target),main:not(:has(:target))>.M.F{display:block}
}
"""
_NARROW = """
@media (max-width:40rem){
body>*{padding-left:.8rem;padding-right:.8rem}
body>header{padding-top:1.2rem}
h1{font-size:1.5rem}
main>section{padding:.7rem .6rem .9rem}
main>section{margin-left:-.3rem;margin-right:-.3rem}
section>header h2{flex:1;order:-2;font-size:1.2rem}
.p>*{width:2.1rem}
.p .j{padding:0 .5rem}
.v{margin:0;width:100%}
.v a{flex:1;text-align:center}
.M thead th{text-align:center;padding:.2rem 0;font-size:.75rem}
.M td{height:3.9rem;padding:.1rem;text-align:center}
.M li{height:.45rem;margin:2px .15rem 0;padding:0;font-size:0;line-height:0;background:var(--kt);border-left-width:6px}
.M li.m{height:auto;background:none;font-size:.65rem;line-height:1rem;border:0;margin:0;overflow:visible}
.A li{grid-template-columns:1fr}
dl{grid-template-columns:1fr}
dt{margin-top:.3rem}
.g{margin:0 -.6rem -.9rem;padding-left:.6rem}
@supports selector(:has(a)){
main:not(:has(:target))>.M.F{display:none}
main:not(:has(:target))>.A.F{display:block}
}
}
"""
_PRINT = """
@media print{
@page{margin:12mm}
html{font-size:13px}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{background:#fff;font-size:1rem}
body>*{max-width:none;padding:0}
body>header{padding:0 0 .8rem}
.p,.v,.u,.skip{display:none}
main>section{border:0;padding:0;border-radius:0}
.M td{height:5.5rem}
.M li{white-space:normal;font-size:.72rem;line-height:1rem;max-height:2rem}
.g{overflow:visible}
.g table{min-width:0}
.M tr,.A li,.A>div>h3{break-inside:avoid}
h2,h3{break-after:avoid}
details:not([open])::details-content{content-visibility:visible;display:block}
}
"""
_FORCED = """
@media (forced-colors:active){.M .n>a,.M .n>span,.W .n b,.v a[aria-current]{outline:2px solid}}
"""
_TOP, _SIZE = re.compile(r"t(\d+)"), re.compile(r"z(\d+)")
_LANE = re.compile(r"l(\d+)-(\d+)-(\d+)")
_STEPS_IN_REM = 4
"""Steps of the grid in a rem: an hour, of twelve steps, is three high."""


def style_sheet(places: Iterable[str]) -> str:
    """The whole style sheet; `places` are the classes of position that the page uses."""
    parts = (
        f":root{{{_LIGHT}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{_DARK}}}}}",
        *(_BASE, _HEAD, _STATUS, _GRIDS, _LISTS, _SHOWN, _NARROW, _PRINT, _FORCED),
        "".join(map(_rule, sorted(places))),
    )
    return re.sub(r"\n\n+", "\n", "\n".join(parts)).strip()


def _rule(place: str) -> str:
    if match := _TOP.fullmatch(place):
        return f".q .{place}{{top:{_rem(int(match[1]))}}}\n"
    if match := _SIZE.fullmatch(place):
        steps = int(match[1])
        return f".q .{place}{{height:{_rem(steps)}}}.{place} b{{-webkit-line-clamp:{_title_lines(steps)}}}\n"
    if match := _LANE.fullmatch(place):
        number, count, width = (int(match[group]) for group in (1, 2, 3))
        return f".q td li.{place}{{left:{_percent(number, count)};width:{_percent(width, count)}}}\n"
    raise ValueError(place)


def _title_lines(steps: int) -> int:
    """Lines that the title of a block may have, so that the time below it still has its own."""
    return max(1, int((steps / _STEPS_IN_REM - 0.1) / 1.05) - 1)


def _rem(steps: int) -> str:
    return f"{steps / _STEPS_IN_REM:g}rem"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.4g}%"
