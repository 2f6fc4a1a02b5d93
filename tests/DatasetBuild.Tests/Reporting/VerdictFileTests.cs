using System.Globalization;
using System.Text;
using DatasetBuild.Records;
using DatasetBuild.Reporting;
using DatasetBuild.Tests.Selection;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Reporting;

public sealed class VerdictFileTests
{
    private static readonly string[] Texts = ["Length", "near, \"dedup\"", "a\nb", "behind Keep", "Länge", ""];

    private static readonly double[] Numbers = [0, -0.0, 1, -1, 0.1, 1e300, int.MaxValue, int.MinValue, 4294967296, double.Epsilon];

    [Fact]
    public void Rows_say_what_they_were_told_in_the_quotes_of_csv() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200),
        Prop.ForAll(Seeds.Any, seed =>
        {
            var random = new Random(seed);
            string[] stages = [Any(Texts), Any(Texts)];
            var expected = new StringBuilder($"line,verdict,droppedBy,reason,twin,key,split,{Quoted(stages[0])},{Quoted(stages[1])}\n");
            var file = new VerdictFile(stages);
            for (var line = random.Next(5); random.Next(40) > 0; line += random.Next(1_000_000))
            {
                file.Begin(line);
                expected.Append(CultureInfo.InvariantCulture, $"{line},");
                var key = new RecordKey((ulong)random.NextInt64(), (ulong)random.NextInt64());
                if (random.Next(2) == 0)
                {
                    file.Kept(key, "train");
                    expected.Append(CultureInfo.InvariantCulture, $"kept,,,,{key},train");
                }
                else
                {
                    var (stage, reason, twin) = (Any(stages), Any(Texts), random.Next(2) == 0 ? null : Any(Texts));
                    file.Dropped(key, stage, reason, twin);
                    expected.Append(CultureInfo.InvariantCulture, $"dropped,{Quoted(stage)},{Quoted(reason)},{Quoted(twin ?? "")},{key},");
                }

                foreach (var _ in stages)
                {
                    if (random.Next(3) == 0)
                    {
                        file.NoScore();
                        expected.Append(',');
                    }
                    else
                    {
                        var score = Numbers[random.Next(Numbers.Length)];
                        file.Score(score);
                        expected.Append(CultureInfo.InvariantCulture, $",{score:R}");
                    }
                }

                file.End();
                expected.Append('\n');
            }

            Encoding.UTF8.GetString(file.Bytes).ShouldBe(expected.ToString());

            string Any(string[] texts) => texts[random.Next(texts.Length)];
        }));

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\n") ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
}
