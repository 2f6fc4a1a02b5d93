using DatasetBuild.Benchmarks;

return args switch
{
    ["incremental", var pool, .. var options] => IncrementalBuilds.Run(pool, options),
    ["measure", .. var command] => Measurement.RunChild(command),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: dotnet run -c Release --project tests/benchmarks -- incremental POOL [--runs N] [--keep 6%] [--json]

        POOL is a folder of *.jsonl shards. Measures whole engine processes: a clean build, nothing changed, one record changed, one shard
        replaced, the threshold changed, and a clean build of a tenth of the shards. CPU is user and system time of the process, from the
        operating system. Figures are medians with minimum and maximum.
        """);
    return 2;
}
