/// How the status page looks: light and dark as the reader's system is, in one column on a phone.
enum StatusStyle {
    static let css: HTML = """
        :root{color-scheme:light dark;--line:#8883;--dim:#666;--ok:#1b6e20;--bad:#b71c1c;--soft:#8881}
        @media(prefers-color-scheme:dark){:root{--dim:#aaa;--ok:#81c784;--bad:#ff8a80}}
        body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:1.5rem auto;padding:0 1rem}
        h1{font-size:1.5rem;margin:0}h1 small{font-size:1rem;font-weight:normal;color:var(--dim)}
        h1 a{color:inherit;text-decoration:none}h2{font-size:1.15rem;margin:2rem 0 .5rem;overflow-wrap:anywhere}
        h2 b{font-size:.95rem;margin-left:.4rem}header p,footer{color:var(--dim)}footer{margin:2rem 0;font-size:.9rem}
        dl{display:flex;flex-wrap:wrap;gap:.4rem 2rem;margin:.5rem 0 1rem}dl div{min-width:8rem}
        dt{color:var(--dim);font-size:.85rem}dd{margin:0;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%;font-size:.9rem}
        th{font-weight:600;color:var(--dim)}th,td{text-align:left;padding:.2rem .7rem .2rem 0;border-bottom:1px solid var(--line)}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .ok{color:var(--ok)}.bad{color:var(--bad)}.dim{color:var(--dim)}
        tr.why td{border-bottom:1px solid var(--line);padding:0 .7rem .5rem 1rem;color:var(--dim);font-size:.85rem;\
        overflow-wrap:anywhere}
        tr:has(+tr.why) td{border-bottom:0}p.why{color:var(--bad);overflow-wrap:anywhere}
        .spark{vertical-align:middle;overflow:visible}.spark polyline{fill:none;stroke:currentColor;stroke-width:1.2;opacity:.7}
        details{margin:.4rem 0}summary{cursor:pointer;color:var(--dim)}
        pre{background:var(--soft);padding:.8rem;overflow-x:auto;font-size:.85rem}
        @media(max-width:40rem){.more{display:none}body{margin:1rem auto;padding:0 .6rem}table.collectors{font-size:.8rem}
        .collectors th,.collectors td{padding-right:.3rem}.collectors td:first-child{overflow-wrap:anywhere;min-width:6rem}.spark{width:36px}
        .servers thead{display:none}.servers tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}
        .servers td{display:inline;border:0;overflow-wrap:anywhere}}

        """
}
