using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;
using Spectre.Console;

namespace DatasetBuild.Tool.Answers;

/// <summary>Shows a difference: to a person at a terminal, or as Markdown for a pull request.</summary>
internal sealed class DifferenceText
{
    private const int MostCauses = 10;
    private const int MostFiles = 10;

    private readonly DatasetDifference difference;
    private readonly IReadOnlyList<ChangeCount> counts;
    private readonly Dictionary<ChangeKind, List<RecordChange>> examples = [];

    /// <param name="difference">What differs.</param>
    /// <param name="mostExamples">So many records of each kind are named.</param>
    /// <param name="cancel">The wish to stop.</param>
    public DifferenceText(DatasetDifference difference, int mostExamples, CancellationToken cancel)
    {
        this.difference = difference;
        counts = difference.Read(
            change =>
            {
                if (!examples.TryGetValue(change.Kind, out var named))
                {
                    examples[change.Kind] = named = [];
                }

                if (named.Count < mostExamples)
                {
                    named.Add(change);
                }
            },
            cancel);
    }

    private string Title
    {
        get
        {
            var (before, after) = (difference.Before.Manifest, difference.After.Manifest);
            var name = before.Name == after.Name ? after.Name : $"{before.Name} → {after.Name}";
            return $"{name}: {Numbers.Count(before.Kept)} → {Numbers.Count(after.Kept)} records, of {Numbers.Count(before.Records)} → {Numbers.Count(after.Records)}";
        }
    }

    /// <summary>What differs besides the records.</summary>
    private IEnumerable<string> Notes
    {
        get
        {
            var files = difference.Files;
            return
            [
                .. difference.Stages.Select(stage => stage.Text),
                .. files.Take(MostFiles),
                .. files.Count > MostFiles ? [$"and {Numbers.Counted(files.Count - MostFiles, "other file")}"] : (string[])[],
            ];
        }
    }

    /// <summary>What cannot be told, or that there is nothing to tell; empty otherwise.</summary>
    private string Remark => !difference.Knows.Records ? "Of one side only the manifest is there: records cannot be compared."
        : !difference.Knows.Dropped ? "Of one side only the subset is there: what it dropped, and why, is not known."
        : counts.Count == 0 ? "No record differs."
        : difference.AreUnrelated ? "These are two datasets without a record in common."
        : "";

    public void Show(Screen screen)
    {
        var output = screen.Output;
        output.StyledLine($"[bold]{Markup.Escape(Visible.Of(Title))}[/]");
        foreach (var note in Notes)
        {
            output.Line(Visible.Of(note));
        }

        if (Remark.Length > 0)
        {
            output.Line(Remark);
        }

        if (counts.Count == 0)
        {
            return;
        }

        output.Line();
        var table = Tables.Of(new Column("change"), Column.Number("records"), Column.Number("subset"), Column.Prose("why"));
        foreach (var row in CountRows())
        {
            table.Add(row);
        }

        output.WriteTable(table);
        foreach (var kind in examples.Keys.Order().Where(kind => examples[kind].Count > 0))
        {
            output.Line();
            output.StyledLine($"[bold]{Word(kind)}[/]{Markup.Escape(More(kind))}");
            var named = Tables.Of(new Column("record"), Column.Prose("before"), Column.Prose("now"), Column.Prose("why"));
            foreach (var change in examples[kind])
            {
                named.Add(ExampleRow(change));
            }

            output.WriteTable(named);
        }
    }

    public void WriteMarkdown(TextWriter markdown)
    {
        markdown.Write($"### {Cell(Title)}\n\n");
        foreach (var note in Notes)
        {
            markdown.Write($"* {Cell(note)}\n");
        }

        if (Remark.Length > 0)
        {
            markdown.Write($"\n{Remark}\n");
        }

        if (counts.Count == 0)
        {
            return;
        }

        markdown.Write("\n| change | records | subset | why |\n|---|---:|---:|---|\n");
        foreach (var row in CountRows())
        {
            markdown.Write($"| {string.Join(" | ", row.Select(Cell))} |\n");
        }

        foreach (var kind in examples.Keys.Order().Where(kind => examples[kind].Count > 0))
        {
            markdown.Write($"\n<details><summary>{Word(kind)}{More(kind)}</summary>\n\n| record | before | now | why |\n|---|---|---|---|\n");
            foreach (var change in examples[kind])
            {
                markdown.Write($"| {string.Join(" | ", ExampleRow(change).Select(Cell))} |\n");
            }

            markdown.Write("\n</details>\n");
        }
    }

    private IEnumerable<string[]> CountRows()
    {
        foreach (var kind in counts.GroupBy(count => count.Kind))
        {
            foreach (var (i, count) in kind.Take(MostCauses).Index())
            {
                yield return [i == 0 ? Word(kind.Key) : "", Numbers.Count(count.Records), count.Effect, count.Cause.Text];
            }

            var others = kind.Skip(MostCauses).ToList();
            if (others.Count > 0)
            {
                var rest = new ChangeCount(kind.Key, others[0].Cause, others.Sum(other => other.Records), others.Sum(other => other.Entered), others.Sum(other => other.Left));
                yield return ["", Numbers.Count(rest.Records), rest.Effect, Numbers.Counted(others.Count, "other cause")];
            }
        }
    }

    private string More(ChangeKind kind)
    {
        var all = counts.Where(count => count.Kind == kind).Sum(count => count.Records);
        return examples[kind].Count < all ? $": the first {Numbers.Count(examples[kind].Count)} of {Numbers.Count(all)}; --json lists all" : "";
    }

    private static string[] ExampleRow(RecordChange change)
    {
        var place = change switch
        {
            { Kind: ChangeKind.Moved, Before: { } old, After: { } now } when old.Place != now.Place => $"{old.Place} → {now.Place}",
            { After: { } now } => now.Place,
            _ => change.Before!.Place,
        };
        var why = change.Cause.Detail.Length > 0 ? $"{change.Cause.Text} ({change.Cause.Detail})" : change.Cause.Text;
        return [place, Fate(change.Before), Fate(change.After), why];
    }

    private static string Fate(ComparedRecord? record) =>
        record is null ? "" : record.Twin.Length > 0 ? $"{record.Fate} of {record.Twin}" : record.Fate.IsKept && record.Fate.Split is not ("" or "train") ? $"kept for {record.Fate.Split}" : record.Fate.ToString();

    private static string Word(ChangeKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Text from data as one cell of a table: nothing in it is markup.</summary>
    private static string Cell(string text)
    {
        var cell = new System.Text.StringBuilder();
        foreach (var c in Visible.Of(text))
        {
            cell.Append(c switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '|' or '`' or '*' or '_' or '[' or ']' or '\\' or '~' or '#' or '@' => $@"\{c}",
                _ => $"{c}",
            });
        }

        return cell.ToString();
    }
}
