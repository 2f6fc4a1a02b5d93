using DatasetBuild;
using DatasetBuild.Benchmarks;

try
{
    return args switch
    {
        ["incremental", var pool, .. var options] => IncrementalBuilds.Run(pool, options),
        ["noop", .. var options] => UnchangedProjects.Run(options),
        ["near", var pool, .. var options] => NearDuplicates.Run(pool, options),
        ["tokens", .. var arguments] => TokenCounting.Run(arguments),
        ["job", var shard, var tokenizer, .. var options] => SmallJobs.Run(shard, tokenizer, options),
        ["models", .. var options] => ModelSpeed.Run(options),
        ["models-part", .. var arguments] => ModelParts.Run(arguments),
        ["contamination", var pool, var evaluation, .. var options] => Contamination.Run(pool, evaluation, options),
        ["measure", .. var command] => Measurement.RunChild(command),
        _ => Usage(),
    };
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or DatasetException or FormatException)
{
    // A path or a number on the command line, which the message names.
    Console.Error.WriteLine(e.Message);
    return 2;
}

static int Usage()
{
    Console.Error.WriteLine("""
        usage: dotnet run -c Release --project tests/benchmarks -- incremental POOL [--runs 5] [--keep 6%] [--json]
               dotnet run -c Release --project tests/benchmarks -- noop [--runs 15] [--json]
               dotnet run -c Release --project tests/benchmarks -- near POOL [--runs 3] [--keep 6%] [--json]
               dotnet run -c Release --project tests/benchmarks -- tokens [--runs 5] [--tokenizers FOLDER] [--only NAME] [--json] DATA...
               dotnet run -c Release --project tests/benchmarks -- job SHARD TOKENIZER [--runs 9] [--megabytes 1] [--json]
               dotnet run -c Release --project tests/benchmarks -- models [--runs 5] [--json]
               dotnet run -c Release --project tests/benchmarks -- contamination POOL EVALUATION [--field question] [--runs 5] [--json]

        incremental: POOL is a folder of *.jsonl shards. Measures whole engine processes: a clean build, nothing changed, one shard touched, one record changed, one shard
        replaced, the threshold changed, and a clean build of a tenth of the shards. CPU is user and system time of the process, from the
        operating system.

        noop: `dotnet build` of a project that has the package and in which nothing changed, against an empty project, in turns; with and without
        restore, with and without the MSBuild server.

        job: a build that counts the tokens of the first megabyte of SHARD, all records of which are new, with a vocabulary from derived data.

        near: POOL is a folder of part-*.jsonl and, where recall is to be told, truth.tsv. Signatures on one thread in this process; whole engine processes with a
        NearDedup stage: clean, nothing changed, one shard replaced; then, with datatrove's preset, which share of the planted pairs is found, and whether all that was dropped
        is at the threshold.

        For these packages are made first, and the engine is theirs.

        tokens: DATA are JSON Lines files (also .gz) or folders of them, whose strings are counted and encoded with cl100k_base, o200k_base and gpt2, and with
        vocabularies in SentencePiece's manner that are trained on them; beside a plain implementation and, where Node finds it (NODE_PATH), npm's tiktoken.

        models: language models of random weights: tokens a CPU second, matrix products beside the peak of a core and, where libopenblas0 is installed,
        OpenBLAS, the time of loading and the memory. Each part is a process of its own.

        contamination: the records of POOL, a folder of *.jsonl, against the items of the JSON Lines file EVALUATION: the scorer on one thread, beside counting
        words and a plain implementation.

        Figures are medians with minimum and maximum.
        """);
    return 2;
}
