using DatasetBuild.Caching;
using DatasetBuild.Records;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Caching;

/// <summary>The store against a dictionary, for sequences of operations that nobody thought of.</summary>
public class ScoreTableProperties
{
    private const int Universe = 30;
    private static readonly ScorerIdentity Identity = ScorerIdentity.Of(("name", "test"));
    private static readonly int[] AllKeys = [.. Enumerable.Range(0, Universe)];

    [Fact]
    public void Any_sequence_of_operations_agrees_with_a_dictionary() =>
        Prop.ForAll(Operations(), operations => Agrees(operations, seed: null)).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Any_damage_between_builds_makes_misses_and_never_a_wrong_value() =>
        Prop.ForAll(Operations(), ArbMap.Default.ArbFor<int>(), (operations, seed) => Agrees([.. operations.Select(o => o with { Value = 0 })], seed))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Theory]
    [InlineData(1, 20_000, 3)]
    [InlineData(2, 20_000, 20_000)]
    [InlineData(3, 5, 20_000)]
    [InlineData(4, 9_000, 700)]
    [InlineData(5, 4_096, 40_000)]
    public void A_look_up_of_any_density_agrees_with_a_dictionary(int seed, int stored, int wanted)
    {
        using var temp = new TemporaryFolder();
        var random = new Random(seed);
        var oracle = new Dictionary<RecordKey, byte>();
        for (var segment = 0; segment < 3; segment++)
        {
            using var table = new ScoreStore(temp.Root, temp.Warn).Open(Identity, 3);
            var keys = Enumerable.Range(0, stored).Select(_ => ScoreTableTests.Key(random.Next(60_000))).ToArray();
            table.Append(keys, [.. keys.SelectMany(Value)], [.. keys.Select(_ => (byte)1)]);
            foreach (var key in keys)
            {
                oracle[key] = 1;
            }
        }

        using var last = new ScoreStore(temp.Root, temp.Warn).Open(Identity, 3);
        for (var round = 0; round < 10; round++)
        {
            var from = random.Next(30_000);
            var asked = Enumerable.Range(0, wanted).Select(_ => ScoreTableTests.Key(from + random.Next(1, 40_000))).Distinct().Order().ToArray();
            var values = new byte[asked.Length * 3];
            var states = new byte[asked.Length];
            last.Lookup(asked, values, states);
            for (var i = 0; i < asked.Length; i++)
            {
                states[i].ShouldBe(oracle.GetValueOrDefault(asked[i]));
                values.AsSpan(3 * i, 3).SequenceEqual(states[i] == 1 ? Value(asked[i]) : [0, 0, 0]).ShouldBeTrue();
            }
        }

        temp.Diagnostics.ShouldBeEmpty();
    }

    private static byte[] Value(RecordKey key) => [(byte)key.Low, (byte)(key.Low >> 8), (byte)(key.Low >> 16)];

    private static Arbitrary<Operation[]> Operations()
    {
        var operation = from kind in Gen.Choose(0, 9)
                        from key in Gen.Choose(0, Universe - 1)
                        from value in Gen.Choose(0, 1)
                        select new Operation(kind, key, value);
        return Arb.From(operation.ArrayOf());
    }

    private static bool Agrees(Operation[] operations, int? seed)
    {
        using var temp = new TemporaryFolder();
        var time = new ManualTime();
        var model = new Model();
        var damage = seed is { } s ? new Random(s) : null;
        var table = Open();
        try
        {
            foreach (var (kind, key, value) in operations)
            {
                switch (kind)
                {
                    case <= 4:
                        ScoreTableTests.Set(table, key, (key * 10) + value);
                        model.Append(key, (key * 10) + value);
                        break;
                    case 5:
                        table.Seal();
                        model.Seal();
                        break;
                    case 6:
                        table.Dispose();
                        model.Seal();
                        Hurt();
                        time.Advance(TimeSpan.FromMinutes(value * 11));
                        table = Open();
                        model.Reopen();
                        break;
                    case 7:
                        table.Abandon();
                        model.Seal();
                        Hurt();
                        table = Open();
                        model.Reopen();
                        break;
                    default:
                        Compare();
                        break;
                }
            }

            Compare();
            return true;
        }
        finally
        {
            table.Dispose();
        }

        ScoreTable Open() => new ScoreStore(temp.Root, temp.Warn, time).Open(Identity, 8);

        void Compare()
        {
            var found = ScoreTableTests.Read(table, AllKeys);
            var expected = model.Read();
            if (damage is null)
            {
                found.ShouldBe(expected);
            }
            else
            {
                found.Zip(expected).ShouldAllBe(pair => pair.First == "-" || pair.First == pair.Second);
            }
        }

        void Hurt()
        {
            if (damage is null)
            {
                return;
            }

            foreach (var path in Directory.GetFiles(temp.Root, "*", SearchOption.AllDirectories))
            {
                var length = (int)new FileInfo(path).Length;
                if (length == 0 || damage.Next(2) == 0)
                {
                    continue;
                }

                switch (damage.Next(4))
                {
                    case 0:
                        File.Delete(path);
                        break;
                    case 1:
                        File.WriteAllBytes(path, File.ReadAllBytes(path)[..damage.Next(length)]);
                        break;
                    default:
                        BlockFileTests.Flip(path, damage.Next(length), damage.Next(8));
                        break;
                }
            }
        }
    }

    public sealed record Operation(int Kind, int Key, int Value);

    /// <summary>What the documentation of <see cref="ScoreTable"/> promises, without files. A null value is a conflict.</summary>
    private sealed class Model
    {
        private readonly Dictionary<int, int?> stored = [];
        private readonly Dictionary<int, int?> answers = [];
        private readonly HashSet<int> reported = [];

        public void Append(int key, int value)
        {
            var target = reported.Contains(key) ? answers : stored;
            target[key] = target.TryGetValue(key, out var old) && old != value ? null : value;
        }

        public void Seal()
        {
            foreach (var (key, value) in answers)
            {
                stored[key] = value;
                reported.Remove(key);
            }

            answers.Clear();
        }

        public void Reopen() => reported.Clear();

        public List<string> Read()
        {
            foreach (var (key, value) in stored)
            {
                if (value is null && !answers.ContainsKey(key))
                {
                    reported.Add(key);
                }
            }

            return [.. AllKeys.Select(key => (answers.TryGetValue(key, out var answer) ? answer : stored.GetValueOrDefault(key)) is { } value ? $"{value}" : "-")];
        }
    }
}
