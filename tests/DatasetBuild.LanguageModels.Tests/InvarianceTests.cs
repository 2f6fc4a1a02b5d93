using System.Diagnostics;
using System.Globalization;
using DatasetBuild.LanguageModels.Kernels;
using DatasetBuild.LanguageModels.Tests.Oracle;
using DatasetBuild.Scoring;
using DatasetBuild.Tests;

namespace DatasetBuild.LanguageModels.Tests;

/// <summary>What a sequence gets depends on that sequence alone, bit for bit: not on the batch, the order, the threads or the width of registers.</summary>
public sealed class InvarianceTests : IDisposable
{
    /// <summary>Between them all blocks: windows and caps, experts, LayerNorm, scaling by length; sizes that are no multiple of any width, and one product in two blocks of inputs.</summary>
    private static readonly string[] Configs =
    [
        """{"model_type":"llama","vocab_size":211,"hidden_size":52,"intermediate_size":1100,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":22,"max_position_embeddings":40,"rope_scaling":{"rope_type":"dynamic","factor":2.0}}""",
        """{"model_type":"gemma2","vocab_size":97,"hidden_size":40,"intermediate_size":60,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":52,"sliding_window":9,"max_position_embeddings":500}""",
        """{"model_type":"mixtral","vocab_size":97,"hidden_size":36,"intermediate_size":50,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1,"num_local_experts":4,"max_position_embeddings":500}""",
        """{"model_type":"gpt_neox","vocab_size":97,"hidden_size":36,"intermediate_size":50,"num_hidden_layers":2,"num_attention_heads":2,"rotary_pct":0.67,"hidden_act":"gelu_new","max_position_embeddings":500}""",
    ];

    private readonly ScratchFolder scratch = new();
    private readonly List<int[]> sequences;
    private readonly List<string> folders = [];

    public InvarianceTests()
    {
        var random = new Random(8);
        sequences = [.. new[] { 3, 1, 70, 0, 33, 2, 128, 17, 8, 260, 16, 49 }.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(97)).ToArray())];
        for (var i = 0; i < Configs.Length; i++)
        {
            folders.Add(scratch.At($"model{i}"));
            new TinyModel(Configs[i], seed: i).Save(folders[i], i == 0 ? "BF16" : i == 1 ? "F16" : "F32");
        }
    }

    [Fact]
    public void Losses_do_not_depend_on_the_batch_the_order_or_the_threads()
    {
        foreach (var folder in folders)
        {
            var alone = sequences.Select(ids => Losses(folder, 1, SimdPaths.Widest, [ids])[0]).ToList();
            var order = Enumerable.Range(0, sequences.Count).Reverse().ToList();
            foreach (var threads in new[] { 1, 2, 5 })
            {
                ShouldBeEqual(Losses(folder, threads, SimdPaths.Widest, sequences), alone);
                ShouldBeEqual(Losses(folder, threads, SimdPaths.Widest, [.. order.Select(i => sequences[i])]), [.. order.Select(i => alone[i])]);
            }
        }
    }

    [Fact]
    public void Losses_do_not_depend_on_the_width_of_registers()
    {
        foreach (var folder in folders)
        {
            var widest = Losses(folder, 2, SimdPaths.Widest, sequences);
            foreach (var path in new[] { SimdPath.Vector256, SimdPath.Vector128, SimdPath.Scalar })
            {
                ShouldBeEqual(Losses(folder, 2, path, sequences), widest);
            }
        }
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "Vector256")]
    [InlineData("DOTNET_EnableAVX2", "Scalar")]
    [InlineData("DOTNET_EnableHWIntrinsic", "Scalar")]
    public async Task Another_processor_gives_the_same_bits(string without, string path)
    {
        Assert.SkipUnless(SimdPaths.Widest == SimdPath.Vector512, "this processor has no wider path to switch off");
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(typeof(InvarianceTests).Assembly.Location);
        }

        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"{typeof(InvarianceTests).FullName}.{nameof(Hands_its_losses_to_another_process)}");
        start.Environment[without] = "0";
        start.Environment["DATASETBUILD_LOSSES"] = scratch.At("losses.txt");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, await output + await errors);
        var lines = await File.ReadAllLinesAsync(scratch.At("losses.txt"), TestContext.Current.CancellationToken);
        lines[0].ShouldBe(path);
        lines[1..].ShouldBe(Report());
    }

    /// <summary>Runs in a process that <see cref="Another_processor_gives_the_same_bits"/> starts.</summary>
    [Fact]
    public void Hands_its_losses_to_another_process()
    {
        if (Environment.GetEnvironmentVariable("DATASETBUILD_LOSSES") is { } file)
        {
            File.WriteAllLines(file, [SimdPaths.Widest.ToString(), .. Report()]);
        }
    }

    [Fact]
    public void A_later_token_changes_no_earlier_loss()
    {
        foreach (var folder in folders[1..])
        {
            var ids = sequences[2];
            var before = Losses(folder, 1, SimdPaths.Widest, [ids])[0];
            foreach (var place in new[] { 1, 7, 8, 30, 47, 48, 69 })
            {
                var changed = ids.ToArray();
                changed[place] = (changed[place] + 1) % 97;
                var after = Losses(folder, 1, SimdPaths.Widest, [changed])[0];
                after[..place].ShouldBe(before[..place]);
                after[place..].ShouldNotBe(before[place..]);
            }
        }
    }

    [Fact]
    public void What_is_not_wanted_changes_nothing_else()
    {
        using var model = Open(folders[1], 2, SimdPaths.Widest);
        var batch = new TokenBatch();
        var random = new Random(2);
        foreach (var ids in sequences)
        {
            batch.Add(ids, [.. ids.Select(_ => random.Next(3) == 0)]);
        }

        var some = new float[batch.TokenCount];
        model.TokenLosses(batch, some, TestContext.Current.CancellationToken);
        var all = Losses(folders[1], 1, SimdPaths.Widest, sequences).SelectMany(losses => losses).ToArray();
        for (var i = 0; i < some.Length; i++)
        {
            some[i].ShouldBe(batch.Read[i] ? all[i] : float.NaN);
        }
    }

    [Fact]
    public void Probabilities_and_pooled_states_do_not_depend_on_the_batch_and_are_those_of_a_plain_forward_pass()
    {
        var tiny = new TinyModel(Configs[3], seed: 3);
        tiny.Save(scratch.At("again"));
        using var model = Open(scratch.At("again"), 2, SimdPaths.Widest);
        var (whole, words) = (new TokenBatch(), new[] { 5, 96, 0 });
        var filled = sequences.Where(ids => ids.Length > 0).ToList();
        filled.ForEach(ids => whole.Add(ids, [.. ids.Select((_, i) => i % 3 != 1)]));
        var shares = new float[whole.Count * words.Length];
        var states = new float[whole.Count * model.HiddenSize];
        model.NextTokenProbabilities(whole, words, shares, TestContext.Current.CancellationToken);
        model.PooledStates(whole, states, TestContext.Current.CancellationToken);
        for (var i = 0; i < filled.Count; i++)
        {
            var one = new TokenBatch();
            one.Add(filled[i], [.. filled[i].Select((_, j) => j % 3 != 1)]);
            var (ownShares, ownStates) = (new float[words.Length], new float[model.HiddenSize]);
            model.NextTokenProbabilities(one, words, ownShares, TestContext.Current.CancellationToken);
            model.PooledStates(one, ownStates, TestContext.Current.CancellationToken);
            shares.AsSpan(i * words.Length, words.Length).ToArray().ShouldBe(ownShares);
            states.AsSpan(i * model.HiddenSize, model.HiddenSize).ToArray().ShouldBe(ownStates);
            if (filled[i].Length <= 50)
            {
                var expected = new PlainDecoder(tiny).Shares(filled[i]);
                words.Select(word => expected[word]).Zip(ownShares).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 1e-5);
                var rows = new PlainDecoder(tiny).States(filled[i]).Where((_, j) => j % 3 != 1).ToArray();
                ownStates.Select((value, d) => Math.Abs(value - rows.Average(row => row[d]))).Max().ShouldBeLessThan(1e-4);
            }
        }
    }

    public void Dispose() => scratch.Dispose();

    private string[] Report() =>
        [.. folders.SelectMany(folder => Losses(folder, 2, SimdPaths.Widest, [.. sequences.Where(ids => ids.Length < 80)]).SelectMany(losses => losses))
            .Select(loss => BitConverter.SingleToUInt32Bits(loss).ToString("x8", CultureInfo.InvariantCulture))];

    private static ILanguageModel Open(string folder, int threads, SimdPath path) => new CpuLanguageModelLoader(long.MaxValue, path).Open(folder, threads);

    private static List<float[]> Losses(string folder, int threads, SimdPath path, List<int[]> sequences)
    {
        using var model = Open(folder, threads, path);
        var batch = new TokenBatch();
        sequences.ForEach(ids => batch.Add(ids, [.. ids.Select(_ => true)]));
        var losses = new float[batch.TokenCount];
        model.TokenLosses(batch, losses, CancellationToken.None);
        return [.. Enumerable.Range(0, batch.Count).Select(i => losses.AsSpan(batch.Start(i), batch.Length(i)).ToArray())];
    }

    private static void ShouldBeEqual(List<float[]> actual, List<float[]> expected) =>
        actual.SelectMany(losses => losses).Select(BitConverter.SingleToUInt32Bits).ShouldBe(expected.SelectMany(losses => losses).Select(BitConverter.SingleToUInt32Bits));
}
