/// The page's look: one column of text, tables and plots; light, dark and print.
///
/// Colours of bounds are those of Okabe and Ito, "Color Universal Design" (2008), which people
/// with colour-blindness tell apart, a little lighter in the dark.
enum Stylesheet {
  /// All rules.
  static let text = colors + base + tables + plots + GraphStyle.text + print

  private static let colors = """
    :root{--page:#f7f7f5;--surface:#ffffff;--ink:#1c1c1a;--quiet:#65645f;--line:#e4e3de;--soft:#f1f0ec;
    --memory:#0072b2;--core:#d55e00;--balanced:#009e73;--latency:#b8569a;--frontend:#56b4e9;
    --bad-speculation:#c99700;--unknown:#8b8a84;--good:#14803f;--bad:#c42b2b;--accent:#0072b2;
    --heat:#f2952f;--efficient:#3fae8a}
    @media screen and (prefers-color-scheme:dark){:root{--page:#131312;--surface:#1c1c1a;
    --ink:#efeeea;--quiet:#a09f98;--line:#32312e;--soft:#262623;--memory:#4aa3df;--core:#f0803c;
    --balanced:#2fb98d;--latency:#d987bd;--frontend:#8fd0f5;--bad-speculation:#e0b32f;
    --unknown:#8b8a84;--good:#4cc27a;--bad:#f0716c;--accent:#4aa3df;--heat:#b35f0e;
    --efficient:#1c7d5f}}

    """

  private static let base = """
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:1240px;padding:40px 28px 64px;background:var(--page);
    color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",
    "DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
    header{margin-bottom:24px}
    .eyebrow{margin:0;color:var(--quiet);font-size:12px;letter-spacing:.08em;
    text-transform:uppercase}
    h1{margin:2px 0 6px;font-size:32px;line-height:1.2;font-weight:650;letter-spacing:-.015em;
    overflow-wrap:anywhere}
    h2{margin:0 0 12px;font-size:18px;font-weight:600;letter-spacing:-.005em}
    h3{margin:0;font-size:12.5px;font-weight:500;color:var(--quiet)}
    .lead{margin:0;color:var(--quiet);overflow-wrap:anywhere}
    section{margin:36px 0 0}
    main>section:not(.callout),.pair>section{content-visibility:auto;contain-intrinsic-size:auto 480px}
    .remark{margin:-6px 0 12px;color:var(--quiet);font-size:13px;max-width:85ch}
    .remark.below{margin:10px 0 0}
    code{font:.92em ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
    .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:12px;margin:0}
    .card{background:var(--surface);border:1px solid var(--line);border-radius:10px;
    padding:14px}
    .figure{margin:4px 0 2px;font-size:23px;font-weight:620;letter-spacing:-.015em;line-height:1.2;
    white-space:nowrap;font-variant-numeric:tabular-nums}
    .figure small{font-size:.62em;font-weight:550;letter-spacing:0}
    .note{margin:0;color:var(--quiet);font-size:12.5px;overflow-wrap:anywhere}
    .card.good .figure,.good{color:var(--good)}.card.bad .figure,.bad{color:var(--bad)}
    .quiet{color:var(--quiet)}
    .callout{margin-top:16px;background:var(--surface);border:1px solid var(--line);
    border-left:4px solid var(--accent);border-radius:10px;padding:14px 18px}
    .callout.warn{border-left-color:var(--core)}.callout.stop{border-left-color:var(--bad)}
    .callout h2{font-size:14px;margin-bottom:4px}
    .callout ul{margin:0;padding-left:18px}.callout li{margin:2px 0;max-width:100ch}
    .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(460px,1fr));gap:20px}
    .pair>*{min-width:0}.pair section{margin-top:36px}
    .panel{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:16px}
    .facts{margin:0;background:var(--surface);border:1px solid var(--line);border-radius:10px;
    padding:6px 16px}
    .facts div{display:flex;gap:16px;padding:6px 0;border-top:1px solid var(--line)}
    .facts div:first-child{border-top:0}
    .facts dt{flex:0 0 34%;color:var(--quiet)}.facts dd{margin:0;overflow-wrap:anywhere;min-width:0}
    footer{margin-top:44px;padding-top:14px;border-top:1px solid var(--line);color:var(--quiet);
    font-size:12.5px}
    footer p{margin:2px 0;max-width:100ch;overflow-wrap:anywhere}

    """

  private static let tables = """
    .scroll{overflow-x:auto;background:var(--surface);border:1px solid var(--line);
    border-radius:10px}
    table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
    th,td{padding:6px 7px;text-align:right;white-space:nowrap;vertical-align:top}
    th:first-child,td:first-child{padding-left:16px}th:last-child,td:last-child{padding-right:16px}
    .l{text-align:left}td.impl,th.impl{padding-left:21px}
    thead th{padding-top:10px;border-bottom:1px solid var(--line);color:var(--quiet);
    font-weight:500;vertical-align:bottom;background:var(--surface)}
    thead small{display:block;font-size:11px;font-weight:400;min-height:1.4em}
    thead button{all:unset;cursor:pointer;display:block;width:100%;box-sizing:border-box}
    thead button:hover{color:var(--ink)}
    thead button:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
    th[aria-sort]{color:var(--ink)}
    th[aria-sort=descending] button::after{content:" ↓"}
    th[aria-sort=ascending] button::after{content:" ↑"}
    tbody td,tbody th{border-bottom:1px solid var(--line)}tbody tr:last-child>*{border-bottom:0}
    tbody th{font-weight:600;text-align:left;white-space:normal;overflow-wrap:break-word;
    min-width:7em}
    tbody th small{display:block;font-size:12px;font-weight:400;color:var(--quiet);
    max-width:30em}
    tbody th a{color:inherit;text-decoration-color:var(--line)}
    td.why{white-space:normal;min-width:20em}.why ul{margin:0;padding-left:16px}
    tbody tr:hover{background:var(--soft)}
    tfoot td,tfoot th{border-top:1px solid var(--line);color:var(--quiet);font-weight:500}
    tfoot tr+tr td,tfoot tr+tr th{border-top:0}
    tfoot tr:last-child td,tfoot tr:last-child th{color:var(--ink);font-weight:600}
    tfoot th{text-align:left}
    .share{display:inline-flex;align-items:center;gap:8px;justify-content:flex-end}
    .share i{flex:none;width:56px;height:8px;border-radius:2px;background:var(--soft);
    overflow:hidden}
    .share b{display:block;height:100%;background:var(--c)}
    .chip{display:inline-flex;align-items:center;gap:6px}
    .chip::before,.legend span::before{content:"";width:9px;height:9px;border-radius:2px;
    background:var(--c);flex:none}
    .tools{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin:0 0 10px;
    font-size:13.5px;color:var(--quiet)}
    .tools input,.tools button,.choose select{font:inherit;padding:5px 10px;max-width:100%;
    color:var(--ink);background:var(--surface);border:1px solid var(--line);border-radius:7px}
    .tools input{width:220px}.tools button{cursor:pointer}
    .tools button:hover{border-color:var(--quiet)}
    tr:target>*{background:var(--soft);box-shadow:inset 0 2px var(--accent),inset 0 -2px var(--accent)}
    .scroll.short{max-height:420px;overflow:auto}.scroll.long{max-height:88vh;overflow:auto}
    .scroll.short thead th,.scroll.long thead th{position:sticky;top:0;z-index:1;
    box-shadow:inset 0 -1px var(--line)}
    .scroll.long tr{scroll-margin:5em}
    details ul{margin:0 0 6px;padding-left:18px;color:var(--quiet);font-size:12.5px}
    details summary{cursor:pointer;list-style-position:outside}
    details[open] summary{margin-bottom:4px}
    details p{margin:0 0 4px;color:var(--quiet);font-size:12.5px;white-space:normal;
    min-width:24em}
    .b-memory{--c:var(--memory)}.b-core{--c:var(--core)}.b-balanced{--c:var(--balanced)}
    .b-latency{--c:var(--latency)}.b-frontend{--c:var(--frontend)}
    .b-bad-speculation{--c:var(--bad-speculation)}.b-unknown{--c:var(--unknown)}
    .v-faster{--c:var(--good)}.v-slower{--c:var(--bad)}.v-equivalent,.v-undecided,.v-not-measured{--c:var(--quiet)}
    .v-added,.v-removed{--c:var(--core)}

    """

  private static let plots = """
    .strip{display:flex;height:44px;border-radius:7px;overflow:hidden;background:var(--soft)}
    .strip span{background:var(--c);color:#fff;font-size:12px;line-height:44px;overflow:hidden;
    white-space:nowrap;text-overflow:ellipsis;min-width:0;text-align:center}
    .strip.few span+span{box-shadow:inset 1px 0 var(--surface)}
    @media screen and (prefers-color-scheme:dark){.strip span{color:#10100f}}
    .legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:10px 0 0;font-size:13px;
    color:var(--quiet)}
    .legend span{display:inline-flex;align-items:center;gap:6px}
    .plot{position:relative;width:100%}.plot canvas{max-width:100%}
    .choose{display:block;margin:0 0 10px;font-size:13.5px;color:var(--quiet)}
    .choose select{max-width:min(100%,420px)}
    .numbers{margin:10px 0 0}.numbers summary{color:var(--quiet);list-style-position:inside;font-size:13px}
    .numbers .scroll{margin-top:8px}
    table.diff tbody th{min-width:17em}td small{display:block;font-size:12px;color:var(--quiet)}
    td.v-faster.change,td.v-slower.change{
    background:color-mix(in srgb,var(--c) var(--kv),var(--surface))}
    .missing{margin:16px 0 0;padding:12px 16px;background:var(--surface);
    border:1px dashed var(--quiet);border-radius:10px;font-size:14px}

    """

  private static let print = """
    @media print{body{max-width:none;padding:0;background:#fff;font-size:11px}
    :root{--page:#fff;--surface:#fff;--soft:#f1f0ec}section,.column{content-visibility:visible!important}
    section,.card{break-inside:avoid}
    .scroll{overflow:visible}table{font-size:9.5px}th,td{padding:3px 5px}
    section:has(>.scroll){break-inside:auto}h2,.remark,.tools{break-after:avoid}
    .figure{font-size:18px}tr{break-inside:avoid}thead{display:table-header-group}
    .pair{grid-template-columns:1fr 1fr}.tools,.choose,.numbers:not([open]){display:none}.strip,.chip::before,.legend span::before,.share b{
    print-color-adjust:exact;-webkit-print-color-adjust:exact}
    .net *{print-color-adjust:exact;-webkit-print-color-adjust:exact}.graph>label:not([hidden]){display:none}
    .column{max-width:100%;height:auto!important}.net{max-width:100%;height:auto}
    thead small,td small{font-size:8px}.share{gap:4px}.share i{width:24px}
    td.impl{white-space:normal;overflow-wrap:anywhere;min-width:7em}
    tbody[hidden]{display:table-row-group}
    .sheet,.scroll.short,.scroll.long{max-height:none!important;overflow:visible}.plot,canvas{break-inside:avoid;max-width:100%!important}}
    @media (max-width:560px){body{padding:24px 14px 40px}.pair{grid-template-columns:1fr}
    h1{font-size:26px}}

    """
}
