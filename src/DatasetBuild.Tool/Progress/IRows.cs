namespace DatasetBuild.Tool.Progress;

/// <summary>Where long work shows how far it is, a row for each thing that goes on at the same time.</summary>
internal interface IRows
{
    /// <param name="row">Which row.</param>
    /// <param name="text">What goes on in it.</param>
    /// <param name="done">How much is done.</param>
    /// <param name="total">Of how much; 0 where that is not known.</param>
    /// <param name="facts">The same in words, with whatever else is known.</param>
    void Show(string row, string text, long done, long total, string facts);

    /// <summary>Takes a row away.</summary>
    void End(string row);
}
