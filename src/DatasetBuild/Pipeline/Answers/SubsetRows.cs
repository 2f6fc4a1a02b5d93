using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>The records of a file of a subset, whose report is not there: they are read, and all of them are kept.</summary>
internal sealed class SubsetRows : IComparedRows
{
    private readonly ShardIndex index;
    private readonly string split;
    private readonly byte[] splitBytes;
    private int record = -1;

    /// <exception cref="DatasetException">The file cannot be read, or a record of it has no known form.</exception>
    public SubsetRows(string folder, ManifestOutput output)
    {
        var path = Path.Combine(folder, output.Path);
        split = output.Path.Split('/')[0];
        splitBytes = System.Text.Encoding.UTF8.GetBytes(split);
        try
        {
            index = ShardIndexer.Read(path, ShapeOptions.Detect, int.MaxValue / 2, null, CancellationToken.None).Index;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(DataCodes.UnreadableShard, $"the subset cannot be read ({error.Message}). Get it again, or build it again.", path, inner: error);
        }

        if (index.Invalid is [var first, ..])
        {
            throw new DatasetException(first.Code, $"{first.Message} Where its report stands beside a subset, its records need not be read.", path, first.Line, first.Column);
        }
    }

    public int Line => index.LineOf(record);

    public RecordKey Key => index.Keys[record];

    public long Place => record;

    public ReadOnlySpan<byte> Fate => "kept,,"u8;

    public ReadOnlySpan<byte> Split => splitBytes;

    public bool Read() => ++record < index.Count;

    public RecordFate ParseFate() => new(true, split, "", "");

    public void Dispose()
    {
    }
}
