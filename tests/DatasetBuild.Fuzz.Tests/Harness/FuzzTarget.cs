using DatasetBuild.Tests;

namespace DatasetBuild.Fuzz.Tests.Harness;

/// <summary>One reader of bytes that somebody else may have written, with what must hold of it whatever the bytes are.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>Its folder in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>How often the short run tries it: few thousand where one try is a build.</summary>
    public virtual int ShortRun => 2000;

    /// <summary>Whether the input is JSON, of which half the mutations are to stay JSON.</summary>
    public virtual bool IsJson => false;

    /// <summary>Words of the format that mutations put in: a random byte hits few keywords.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>In memory where the system offers that: a try is a few files, and a disk makes it twenty times as long.</summary>
    protected ScratchFolder Scratch { get; } = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    /// <summary>Well-formed inputs, made by the program's own writers in the format of today.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>The input with its checksums right again, so that what lies behind them is reached; the same where there are none.</summary>
    public virtual byte[] Repair(byte[] input) => input;

    /// <summary>The most that one try may allocate on its thread for this input, in bytes.</summary>
    public virtual long MayAllocate(int length) => (8L << 20) + (300L * length);

    /// <summary>Reads the input and checks what came of it.</summary>
    /// <returns>What happened, in a few words: an input with a new outcome is worth mutating further.</returns>
    public abstract string Run(byte[] input);

    public virtual void Dispose() => Scratch.Dispose();
}
