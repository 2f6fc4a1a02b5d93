using System.Threading.Channels;
using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

public sealed class WatchTests(PackedFeed feed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task An_edit_of_what_a_build_reads_starts_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        using var project = Samples.TwoShards(
            Samples.Dedup + """<SelectorStage Include="Rated" Kind="ScoreFile" File="scores.jsonl" IdField="id" Min="2" Missing="Keep" />""", packages: feed);
        var named = Messages.Chat("Which one?", "This one.", ("id", "one"));
        project.WriteLines("data/c.jsonl", [named]).WriteLines("scores.jsonl", ["""{"id":"one","score":1}"""]);
        project.Run("build", []).ShouldSucceed().Text.ShouldContain("(kept 19 of 21)");

        using var watch = DotNet.Start(project.Folder, ["watch", "--non-interactive", "build", "--no-restore"], ownProcessGroup: true, variables: project.Variables);
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            var said = Channel.CreateUnbounded<string>();
            watch.OutputDataReceived += (_, line) => said.Writer.TryWrite(line.Data ?? "");
            watch.ErrorDataReceived += (_, line) => said.Writer.TryWrite(line.Data ?? "");
            watch.BeginOutputReadLine();
            watch.BeginErrorReadLine();
            await Said(said.Reader, "(kept 19 of 21, up to date)", limit.Token);
            await Said(said.Reader, "Waiting for a file to change", limit.Token);
            project.Edit("data/b-lakes.jsonl", text => text + Messages.Chat("What is new?", "Not much.") + "\n");
            await Said(said.Reader, "(kept 20 of 22)", limit.Token);
            await Said(said.Reader, "Waiting for a file to change", limit.Token);
            project.WriteLines("scores.jsonl", ["""{"id":"one","score":2}"""]);
            await Said(said.Reader, "(kept 21 of 22)", limit.Token);
        }
        finally
        {
            Signals.Send("KILL", -watch.Id);
        }
    }

    private static async Task Said(ChannelReader<string> lines, string text, CancellationToken cancel)
    {
        var said = new List<string>();
        try
        {
            do
            {
                said.Add(await lines.ReadAsync(cancel));
            }
            while (!said[^1].Contains(text, StringComparison.Ordinal));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"'{text}' was not said, but\n{string.Join('\n', said)}");
        }
    }
}
