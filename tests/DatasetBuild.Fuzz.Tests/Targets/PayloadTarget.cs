using DatasetBuild.Fuzz.Tests.Harness;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>What lies behind the checksums of one kind of block file: the input is the payload, and the container around it is right.</summary>
internal abstract class PayloadTarget : FuzzTarget
{
    /// <summary>Where the reader looks for the file.</summary>
    protected abstract string PathOf(byte[] payload);

    protected abstract string Kind { get; }

    protected abstract int Version { get; }

    protected abstract string Load(byte[] payload);

    public override int ShortRun => 1500;

    public override string Run(byte[] input)
    {
        var path = PathOf(input);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Blocks.Wrap(Kind, Version, input));
        return Load(input);
    }

    /// <summary>The payload of a file that the program wrote.</summary>
    protected byte[] PayloadOf(string path) => Blocks.Read(File.ReadAllBytes(path), Kind, Version)!;
}
