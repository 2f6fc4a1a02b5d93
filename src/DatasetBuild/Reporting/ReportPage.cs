using System.Globalization;
using System.Net;
using System.Text;

namespace DatasetBuild.Reporting;

/// <summary>What a shard gave: its records, and those that could not be read.</summary>
public sealed record ShardCounts(string Name, int Records, int Invalid);

/// <summary>One static page about a subset: what each stage did, and what each shard gave. It loads nothing and runs nothing.</summary>
public static class ReportPage
{
    private const string Style = """
        body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c2330;background:#fff}
        table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{padding:.35rem .6rem;border-bottom:1px solid #dde3ea;text-align:right}
        th:first-child,td:first-child,td.why,th.why{text-align:left}.bar{height:.5rem;background:#e8edf3;min-width:8rem}.bar i{display:block;height:100%;background:#2f6fdf}
        @media(prefers-color-scheme:dark){body{color:#dfe5ee;background:#14181f}th,td{border-color:#2b3340}.bar{background:#2b3340}}
        """;

    public static byte[] Render(
        string name, IReadOnlyList<StageSummary> stages, IReadOnlyList<ShardCounts> inputs, int records, int kept)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        page.Append(CultureInfo.InvariantCulture, $"<title>{Text(name)}</title><style>{Style}</style>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Text(name)}</h1><p>{Count(kept)} of {Count(records)} records are kept.</p>\n");
        page.Append("<table><tr><th>stage</th><th>kind</th><th>entered</th><th>kept</th><th>dropped</th><th>missing</th><th class=\"why\">why</th><th></th></tr>\n");
        foreach (var stage in stages)
        {
            var share = stage.Entered == 0 ? 0 : 100.0 * stage.Kept / stage.Entered;
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(stage.Name)}</td><td>{Text(stage.Kind)}</td><td>{Count(stage.Entered)}</td><td>{Count(stage.Kept)}</td><td>{Count(stage.Dropped)}</td><td>{Count(stage.Missing)}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td class=\"why\">{Text(string.Join(", ", stage.Why))}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td><div class=\"bar\"><i style=\"width:{share:0.#}%\"></i></div></td></tr>\n");
        }

        page.Append("</table>\n<h2>Shards</h2><table><tr><th>shard</th><th>records</th><th>unreadable</th></tr>\n");
        foreach (var (path, count, invalid) in inputs)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(path)}</td><td>{Count(count)}</td><td>{Count(invalid)}</td></tr>\n");
        }

        page.Append("</table>\n<p>The verdict on every record is in <code>verdicts/</code>, one file a shard.</p></html>\n");
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static string Text(string text) => WebUtility.HtmlEncode(Visible.Of(text));

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
