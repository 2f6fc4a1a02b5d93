using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>A place in a shard that could not be read, and why. Line and column count from 1, and are 0 where it is no one place of the file.</summary>
public sealed record InvalidRecord(long Offset, int Length, int Line, int Column, string Code, string Message)
{
    /// <summary>Whether it stands for all of a shard, of which nothing is a record, or no record can be trusted.</summary>
    public bool IsWholeShard => Code is DataCodes.ForeignFormat or DataCodes.ConfigurationFile or DataCodes.UnreadableShard;
}
