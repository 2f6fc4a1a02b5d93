using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Caching;

public sealed class CacheHousekeepingTests : IDisposable
{
    private static readonly ScorerIdentity First = ScorerIdentity.Of(("name", "first"));
    private static readonly ScorerIdentity Second = ScorerIdentity.Of(("name", "second"));
    private readonly TemporaryFolder temp = new();
    private readonly ManualTime time = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_summary_tells_kinds_and_scorers_with_their_canonical_text()
    {
        Fill(First, 3);
        Fill(Second, 5);
        Derive("index", 1, 100);
        Derive("index", 2, 200);
        Derive("bands", 3, 300);
        File.WriteAllBytes(temp["cache", "stats"], new byte[10]);
        var summary = CacheSummary.Of(temp["cache"]);
        summary.Derived.Select(kind => (kind.Kind, kind.Files)).ShouldBe([("bands", 1L), ("index", 2L)]);
        summary.Derived.Sum(kind => kind.Bytes).ShouldBe(600 + (3 * (64 + 8)));
        summary.Identities.OrderBy(identity => identity.Text).Select(identity => (identity.Text, identity.Entries, identity.Segments, identity.Logs))
            .ShouldBe([("name=first\n", 3L, 1, 0), ("name=second\n", 5L, 1, 0)]);
        (summary.OtherFiles, summary.OtherBytes).ShouldBe((1, 10));
        summary.Bytes.ShouldBe(Directory.GetFiles(temp["cache"], "*", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length));
    }

    [Fact]
    public void A_summary_bears_garbage_and_absence()
    {
        CacheSummary.Of(temp["missing"]).Bytes.ShouldBe(0);
        Fill(First, 3);
        var folder = temp["cache", "scores", First.Folder];
        File.WriteAllText(Path.Combine(folder, "identity.txt"), "something else");
        File.WriteAllBytes(Directory.GetFiles(folder, "*.seg").Single(), BlockFileTests.Bytes(500, 1));
        var identity = CacheSummary.Of(temp["cache"]).Identities.Single();
        identity.Text.ShouldBeNull();
        identity.Entries.ShouldBe(0);
    }

    [Fact]
    public void A_limit_takes_old_derived_data_first_and_old_scorers_then()
    {
        Fill(First, 1000);
        Age(temp["cache", "scores", First.Folder], 30);
        Fill(Second, 1000);
        Age(temp["cache", "scores", Second.Folder], 20);
        Derive("index", 1, 5000);
        Derive("index", 2, 5000);
        Age(temp["cache", "derived", "index", "01"], 5);
        Age(temp["cache", "derived", "index", "02"], 3);
        Derive("index", 3, 5000);
        var total = CacheSummary.Of(temp["cache"]).Bytes;

        CacheLimit.Enforce(temp["cache"], total, temp.Warn, time).ShouldBe(0);
        CacheLimit.Enforce(temp["cache"], total - 1, temp.Warn, time).ShouldBe(5072);
        Directory.GetFiles(temp["cache", "derived"], "*.blk", SearchOption.AllDirectories).Length.ShouldBe(2);
        Directory.GetFiles(temp["cache", "derived", "index", "01"]).ShouldBeEmpty();

        CacheLimit.Enforce(temp["cache"], total - 15_000, temp.Warn, time);
        Directory.GetDirectories(temp["cache", "scores"]).Select(Path.GetFileName).ShouldBe([Second.Folder]);

        CacheLimit.Enforce(temp["cache"], 0, temp.Warn, time);
        Directory.GetFiles(temp["cache"], "*", SearchOption.AllDirectories).Length.ShouldBe(1, "what was used within the hour stays");
        temp.Codes.Distinct().ShouldBe([CacheCodes.CacheTrimmed]);
    }

    [Fact]
    public void A_daily_limit_acts_once_a_day()
    {
        Derive("index", 1, 5000);
        Derive("index", 2, 5000);
        Age(temp["cache", "derived", "index", "01"], 5);
        CacheLimit.EnforceDaily(temp["cache"], 6000, temp.Warn, time).ShouldBeGreaterThan(0);
        Age(temp["cache", "derived", "index", "02"], 5);
        CacheLimit.EnforceDaily(temp["cache"], 100, temp.Warn, time).ShouldBe(0);
        time.Advance(TimeSpan.FromHours(25));
        CacheLimit.EnforceDaily(temp["cache"], 100, temp.Warn, time).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void An_identity_does_not_depend_on_the_order_of_its_lines()
    {
        var identity = ScorerIdentity.Of(("b", "1\n2\\"), ("a", "x=y"));
        identity.Text.ShouldBe("a=x=y\nb=1\\n2\\\\\n");
        identity.ShouldBe(ScorerIdentity.Of(("a", "x=y"), ("b", "1\n2\\")));
        identity.Folder.ShouldBe(Convert.ToHexStringLower(identity.Digest[..16]));
        ScorerIdentity.OfCanonicalText(identity.Text).ShouldBe(identity);
        Should.Throw<ArgumentException>(() => ScorerIdentity.Of(("a", "1"), ("a", "2")));
        Should.Throw<ArgumentException>(() => ScorerIdentity.Of(("a=b", "1")));
        Should.Throw<ArgumentException>(() => ScorerIdentity.Of([("", "1")]));
    }

    private void Fill(ScorerIdentity identity, int entries)
    {
        using var table = new ScoreStore(temp["cache"], temp.Warn).Open(identity, 8);
        ScoreTableTests.Append(table, [.. Enumerable.Range(0, entries)]);
    }

    private void Derive(string kind, byte hash, int length) => new DerivedData(temp["cache"], temp.Warn).Write(kind, 1, [hash, 0, 0, 0, 0, 0, 0, 0], new byte[length]);

    private static void Age(string folder, int days)
    {
        foreach (var path in Directory.GetFiles(folder))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-days));
        }
    }
}
