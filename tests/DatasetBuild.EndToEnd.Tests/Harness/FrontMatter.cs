namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>
/// The YAML between the two lines of dashes at the top of a README, as far as dataset cards use it: mappings, sequences, plain and quoted scalars.
/// Gives dictionaries, lists and strings.
/// </summary>
internal sealed class FrontMatter
{
    private readonly List<(int Indent, string Text)> lines;
    private int next;

    private FrontMatter(IEnumerable<string> lines) =>
        this.lines = [.. lines.Where(line => line.Trim().Length > 0).Select(line => (line.Length - line.TrimStart(' ').Length, line.Trim()))];

    public static Dictionary<string, object> Of(string readme)
    {
        var lines = File.ReadAllLines(readme);
        lines[0].ShouldBe("---");
        var matter = new FrontMatter(lines.Skip(1).TakeWhile(line => line != "---"));
        var root = (Dictionary<string, object>)matter.Node(0);
        matter.next.ShouldBe(matter.lines.Count, "every line belongs to something");
        return root;
    }

    private object Node(int indent) => lines[next].Text.StartsWith("- ", StringComparison.Ordinal) ? Sequence(indent) : Mapping(indent);

    private List<object> Sequence(int indent)
    {
        var items = new List<object>();
        while (next < lines.Count && lines[next].Indent == indent && lines[next].Text.StartsWith("- ", StringComparison.Ordinal))
        {
            // What follows the dash stands as if the dash were a space.
            var text = lines[next].Text[2..];
            lines[next] = (indent + 2, text);
            if (text.Contains(": ", StringComparison.Ordinal) || text.EndsWith(':'))
            {
                items.Add(Node(indent + 2));
            }
            else
            {
                items.Add(Scalar(text));
                next++;
            }
        }

        return items;
    }

    private Dictionary<string, object> Mapping(int indent)
    {
        var pairs = new Dictionary<string, object>();
        while (next < lines.Count && lines[next].Indent == indent && !lines[next].Text.StartsWith("- ", StringComparison.Ordinal))
        {
            var text = lines[next++].Text;
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            colon.ShouldBePositive(text);
            var value = text[(colon + 1)..].Trim();
            pairs.Add(text[..colon], value.Length > 0 ? Scalar(value) : Node(lines[next].Indent));
        }

        return pairs;
    }

    private static string Scalar(string text) => text.Length > 1 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : text;
}
