namespace DatasetBuild.Records;

/// <summary>One record that cannot be read. <paramref name="offset"/> is the place in the record's own bytes.</summary>
public sealed class InvalidRecordException(string code, int offset, string message) : Exception(message)
{
    public string Code { get; } = code;

    public int Offset { get; } = offset;
}
