namespace DatasetBuild.Caching;

/// <summary>A place in a shard that could not be read, and why.</summary>
public sealed record InvalidRecord(long Offset, int Length, int Line, int Column, string Code, string Message);
