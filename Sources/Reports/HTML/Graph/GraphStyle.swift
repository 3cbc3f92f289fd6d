/// The look of drawn networks: boxes by bound, by time or by efficiency.
enum GraphStyle {
  /// All rules.
  static let text = base + colors + switches

  private static let base = """
    .graph{background:var(--surface);border:1px solid var(--line);border-radius:10px;
    padding:12px 16px 14px}
    .graph>input{position:absolute;opacity:0;pointer-events:none}
    .graph>label[hidden]{display:none}.graph>label:not([hidden]){display:inline-block;margin:0 6px 4px 0;padding:4px 12px;font-size:13px;
    color:var(--quiet);border:1px solid var(--line);border-radius:99px;cursor:pointer}
    .graph>input:checked+label{color:var(--ink);border-color:var(--ink);font-weight:550}
    .graph>input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}
    .graph .legend{display:none;margin:6px 0 0}
    .graph .legend span::before{background:var(--f,var(--c));border:1px solid var(--s,transparent)}
    .sheet{overflow:auto;margin-top:10px}
    .cut .sheet{display:flex;flex-wrap:wrap;align-items:flex-start;gap:18px 26px;max-height:860px;
    padding:2px}
    .column{flex:none;margin:0 auto;content-visibility:auto}.cut .column{margin:0}
    .net{display:block}
    .net text{font-family:Helvetica,Arial,"Liberation Sans",system-ui,sans-serif;fill:var(--ink)}
    .net .edge path{stroke:var(--quiet)}
    .net .edge polygon{stroke:var(--quiet);fill:var(--quiet)}
    .net .far path{stroke-dasharray:3 2}
    .net .node path{fill:var(--f,var(--soft));stroke:var(--s,var(--quiet))}
    .net .fused path{stroke-dasharray:3 2}
    .net .input ellipse{fill:none;stroke:var(--quiet)}
    .net .input text,.net .from text{fill:var(--quiet)}
    .net a:hover path,.net a:focus path{stroke:var(--ink);stroke-width:2}

    """

  /// Ten steps of time, eleven of efficiency.
  private static let colors =
    (0...10).map { step in
      ".t\(step){--kt:\(step * 9 + 4)%}.e\(step){--ke:\(step * 9 + 4)%}"
    }.joined(separator: "\n") + "\n"
    + (0...4).map { ".k\($0){--kv:\($0 * 8 + 10)%}" }.joined() + "\n"

  private static let switches = """
    .by-bound:checked~.sheet [class*=" b-"],.for-bound [class^="b-"]{--s:var(--c);
    --f:color-mix(in srgb,var(--c) 26%,var(--surface))}
    .by-time:checked~.sheet [class*=" t"],.for-time [class^="t"]{--s:var(--quiet);
    --f:color-mix(in srgb,var(--heat) var(--kt),var(--surface))}
    .by-eff:checked~.sheet [class*=" e"],.for-eff [class^="e"]{--s:var(--quiet);
    --f:color-mix(in srgb,var(--efficient) var(--ke),var(--surface))}
    .by-change:checked~.sheet [class*=" v-"],.for-change [class^="v-"]{--s:var(--c);
    --f:color-mix(in srgb,var(--c) var(--kv,22%),var(--surface))}
    .by-change:checked~.for-change{display:flex}
    .by-bound:checked~.for-bound,.by-time:checked~.for-time,.by-eff:checked~.for-eff{display:flex}

    """
}
