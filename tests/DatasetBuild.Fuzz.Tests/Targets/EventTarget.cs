using System.Text;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Tasks;
using DatasetBuild.Tasks.Tests;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>A line that came out of the engine, of which not every one need be an event: the task says something or nothing, and goes on.</summary>
internal sealed class EventTarget : FuzzTarget
{
    public override string Name => "event";

    public override bool IsJson => true;

    public override int ShortRun => 10_000;

    public override IReadOnlyList<string> Words { get; } =
    [
        "\"event\":", "\"diagnostic\"", "\"progress\"", "\"stage\"", "\"table\"", "\"result\"", "\"stale\"", "\"severity\":", "\"error\"", "\"line\":", "\"secondsLeft\":", "1e400", "-1e400", "9223372036854775808", "NaN", "null", "[]", "{}",
        "\\ud800", "\\u0000", "{0}", "{", "\"outputs\":", "\"reports\":", "\"changes\":", "\"text\":", "\"reason\":", "\"rate\":", string.Concat(Enumerable.Repeat("[", 80)),
    ];

    public override IEnumerable<byte[]> Seeds() => ((string[])
    [
        """{"event":"diagnostic","severity":"error","code":"DSB1001","message":"m {0}","file":"/a","line":3,"column":7}""",
        """{"event":"progress","stage":"Index","done":1200,"total":55185,"cached":1000,"rate":81000.5,"secondsLeft":1.2}""",
        """{"event":"stage","name":"s","entered":1,"kept":1,"dropped":0,"missing":0,"scored":0,"cached":1}""",
        """{"event":"table","text":"a\nb"}""",
        """{"event":"result","upToDate":false,"kept":8412,"records":52002,"outputs":["/a"],"reports":["/b"],"manifest":"/m"}""",
        """{"event":"stale","reason":"r","changes":[{"kind":"stage","name":"Short","change":"changed","detail":"Min 4 to 5"}]}""",
        "42",
        "not an event",
    ]).Select(Encoding.UTF8.GetBytes);

    public override string Run(byte[] input)
    {
        var build = new RecordingBuildEngine();
        var events = new EngineEvents(new TaskLoggingHelper(build, "task"), "/p.csproj", "/out/", "", TimeProvider.System);
        events.Relay(Encoding.UTF8.GetString(input));
        events.Finish(new EngineExit(0, []), failIfStale: true);
        Checks.Holds(events.HasErrors == build.Errors.Count > 0, "an error was counted and not logged, or logged and not counted");
        return $"{events.Result is null} {events.Staleness is null} {build.Errors.Count} {build.Warnings.Count} {Checks.Bucket(build.Messages.Count)} {build.Errors.FirstOrDefault()?.Code}";
    }
}
