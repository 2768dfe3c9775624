/** Of the HTML report. Colours have a contrast of 4.5 and more on their ground, in both schemes. */
export const STYLE = `
:root{--ground:#fff;--panel:#f6f7f9;--line:#dfe3e8;--text:#1b1f24;--quiet:#57606a;--added:#116329;--added-ground:#e6f6ea;--removed:#a40e26;--removed-ground:#fdecee;--changed:#7d4e00;--renamed:#0b58b5;--mark-added:#abe9b9;--mark-removed:#f7b9c0}
@media (prefers-color-scheme:dark){:root{--ground:#0f1216;--panel:#171b21;--line:#2a3038;--text:#e4e8ee;--quiet:#9aa5b1;--added:#6cd58b;--added-ground:#10281a;--removed:#ff9aa5;--removed-ground:#31151a;--changed:#e8b45c;--renamed:#7db8ff;--mark-added:#1f5a33;--mark-removed:#742734}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:2rem 1.25rem 3rem;background:var(--ground);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
h1{font-size:1.125rem;font-weight:600;margin:0;overflow-wrap:anywhere}
.arrow{color:var(--quiet)}
.headline{font-size:1.5rem;font-weight:600;line-height:1.3;margin:.5rem 0 .25rem;letter-spacing:-.01em}
.note{color:var(--quiet);margin:.25rem 0}
section{margin-top:2rem}
h2{font-size:.875rem;font-weight:600;margin:0 0 .5rem;display:flex;gap:.5rem;align-items:baseline}
h2::before{content:"";width:.5rem;height:.5rem;border-radius:50%;background:currentColor;align-self:center}
.changed h2{color:var(--changed)}.renamed h2{color:var(--renamed)}.removed h2{color:var(--removed)}.added h2{color:var(--added)}
.count{color:var(--quiet);font-weight:400;font-variant-numeric:tabular-nums}
ul{list-style:none;margin:0;padding:0;border:1px solid var(--line);border-radius:8px;overflow:hidden}
li{padding:.5rem .75rem}
li+li{border-top:1px solid var(--line)}
.row{display:flex;flex-wrap:wrap;gap:.125rem .875rem;align-items:baseline}
.key{flex:1 1 20rem;min-width:0;overflow-wrap:anywhere}
code,.what,.diff{font-family:ui-monospace,"JetBrains Mono",Menlo,Consolas,monospace;font-size:.8125rem}
.what{color:var(--quiet)}
.facts{flex-basis:100%;display:flex;flex-wrap:wrap;gap:0 .875rem;color:var(--quiet);font-size:.8125rem;font-variant-numeric:tabular-nums}
.diff{margin-top:.5rem;border:1px solid var(--line);border-radius:6px;overflow:hidden;background:var(--panel)}
.place{padding:.125rem .75rem;color:var(--quiet);border-bottom:1px solid var(--line)}
.line+.place{border-top:1px solid var(--line)}
.line{display:block;padding:0 .75rem 0 2rem;text-indent:-1.25rem;white-space:pre-wrap;overflow-wrap:anywhere;text-decoration:none;min-height:1.5em}
.line .mark{display:inline-block;width:1.25rem;text-indent:0;user-select:none}
.line.removed{background:var(--removed-ground)}.line.added{background:var(--added-ground)}
.line.removed .mark{color:var(--removed)}.line.added .mark{color:var(--added)}
mark{color:inherit;border-radius:2px}
.removed mark{background:var(--mark-removed)}.added mark{background:var(--mark-added)}
.scroll{overflow-x:auto;margin-top:.5rem}
table{border-collapse:collapse;width:100%;font-size:.8125rem}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);font-weight:400;overflow-wrap:anywhere}
thead th{color:var(--quiet)}
td del{color:var(--removed);text-decoration:none}td ins{color:var(--added);text-decoration:none}
footer{margin-top:2.5rem;color:var(--quiet);font-size:.8125rem}
`;
