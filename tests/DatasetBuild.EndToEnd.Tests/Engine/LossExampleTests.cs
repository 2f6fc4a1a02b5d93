using System.Globalization;
using System.Text;
using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>`examples/loss`: its model is a table of which byte follows which, so that every loss can be computed by hand.</summary>
public sealed class LossExampleTests
{
    private const int End = 256;
    private const double Smoothing = 0.02;

    [Fact]
    public void What_is_not_English_stands_out_and_every_loss_is_the_one_of_the_table()
    {
        using var project = Example();
        var build = project.Build().ShouldSucceed();
        build.Of("Fluent", "scored").ShouldBe(build.Of("Fluent", "entered"));
        build.Of("Middle", "scored").ShouldBe(0, "the perplexity comes from the same pass");

        var records = File.ReadAllLines(project.PathOf("data/answers.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var table = new Table(records.Where(record => Text(record, "kind") == "english").SelectMany(record => new[] { Text(record, "prompt"), Text(record, "completion") }));
        var rows = Verdicts(project);
        rows.Count.ShouldBe(records.Count);
        foreach (var (record, row) in records.Zip(rows))
        {
            var loss = double.Parse(row["Fluent"], CultureInfo.InvariantCulture);
            loss.ShouldBe(table.MeanLoss(Text(record, "completion")), 1e-4);
            (row["droppedBy"] == "Fluent").ShouldBe(Text(record, "kind") != "english");
            if (row["Middle"].Length > 0)
            {
                double.Parse(row["Middle"], CultureInfo.InvariantCulture).ShouldBe(Math.Exp(loss), 1e-9);
            }
        }
    }

    private static string Text(JsonElement record, string field) => record.GetProperty(field).GetString()!;

    private static List<Dictionary<string, string>> Verdicts(SampleProject project)
    {
        var lines = Directory.GetFiles(Path.Combine(project.PathOf("bin/Debug/net10.0/dataset.report"), "verdicts"), "*", SearchOption.AllDirectories).SelectMany(File.ReadAllLines).ToList();
        var columns = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => columns.Zip(line.Split(',')).ToDictionary(cell => cell.First, cell => cell.Second))];
    }

    private static SampleProject Example()
    {
        var example = Path.Combine(Built.Repository, "examples", "loss");
        var project = new SampleProject(name: "loss");
        foreach (var file in (string[])["loss.csproj", .. Directory.EnumerateFiles(Path.Combine(example, "data")), .. Directory.EnumerateFiles(Path.Combine(example, "model"))])
        {
            var target = project.PathOf(Path.GetRelativePath(example, Path.Combine(example, file)));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(example, file), target, overwrite: true);
        }

        return project;
    }

    /// <summary>How likely a byte is behind another one, counted in texts.</summary>
    private sealed class Table
    {
        private readonly Dictionary<int, double[]> followers = [];

        public Table(IEnumerable<string> texts)
        {
            foreach (var text in texts)
            {
                var tokens = Tokens(text);
                for (var i = 1; i < tokens.Count; i++)
                {
                    Followers(tokens[i - 1])[tokens[i]]++;
                }
            }
        }

        public double MeanLoss(string text)
        {
            var tokens = Tokens(text);
            return Enumerable.Range(1, tokens.Count - 1).Average(i => Math.Log(Followers(tokens[i - 1]).Sum() / Followers(tokens[i - 1])[tokens[i]]));
        }

        private static List<int> Tokens(string text) => [End, .. Encoding.UTF8.GetBytes(text).Select(b => (int)b), End];

        private double[] Followers(int token)
        {
            // Letters in either case, all digits, and all bytes above ASCII share a row.
            var row = token switch { End => End, >= 128 => 128, >= '0' and <= '9' => '0', >= 'A' and <= 'Z' => token + 32, _ => token };
            return followers.TryGetValue(row, out var counts) ? counts : followers[row] = [.. Enumerable.Repeat(Smoothing, End + 1)];
        }
    }
}
