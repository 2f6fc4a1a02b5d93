using DatasetBuild.Benchmarks;

return args switch
{
    ["incremental", var pool, .. var options] => IncrementalBuilds.Run(pool, options),
    ["noop", .. var options] => UnchangedProjects.Run(options),
    ["near", var pool, .. var options] => NearDuplicates.Run(pool, options),
    ["tokens", .. var arguments] => TokenCounting.Run(arguments),
    ["measure", .. var command] => Measurement.RunChild(command),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: dotnet run -c Release --project tests/benchmarks -- incremental POOL [--runs 5] [--keep 6%] [--json]
               dotnet run -c Release --project tests/benchmarks -- noop [--runs 15] [--json]
               dotnet run -c Release --project tests/benchmarks -- near POOL [--runs 3] [--keep 6%] [--json]
               dotnet run -c Release --project tests/benchmarks -- tokens [--runs 5] [--tokenizers FOLDER] [--json] DATA...

        incremental: POOL is a folder of *.jsonl shards. Measures whole engine processes: a clean build, nothing changed, one record changed, one shard
        replaced, the threshold changed, and a clean build of a tenth of the shards. CPU is user and system time of the process, from the
        operating system.

        noop: `dotnet build` of a project that has the package and in which nothing changed, against an empty project, in turns; with and without
        restore, with and without the MSBuild server.

        For both packages are made first, and the engine is theirs.

        near: POOL is a folder of part-*.jsonl and, where recall is to be told, truth.tsv. Signatures on one thread in this process; whole engine processes with a
        NearDedup stage: clean, nothing changed, one shard replaced; then, with datatrove's preset, which share of the planted pairs is found, and whether all that was dropped
        is at the threshold.

        tokens: DATA are JSON Lines files (also .gz) or folders of them, whose strings are counted and encoded with cl100k_base, o200k_base and gpt2,
        beside a plain implementation and, where Node finds it, npm's tiktoken.

        Figures are medians with minimum and maximum.
        """);
    return 2;
}
