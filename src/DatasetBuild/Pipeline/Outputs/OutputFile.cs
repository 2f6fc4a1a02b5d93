using System.Globalization;

namespace DatasetBuild.Pipeline;

/// <summary>One output file: its path in the subset's folder, and the recipe that all of its bytes follow from.</summary>
internal sealed record OutputFile(string Path, string Split, int Records, string Recipe)
{
    /// <summary>The path of one of <paramref name="count"/> files of a split, such as <c>train/train-00000-of-00002.jsonl</c>.</summary>
    public static string PathOf(string split, int number, int count) => $"{split}/{split}-{number:00000}-of-{count:00000}.jsonl";

    /// <summary>Whether a file has such a name.</summary>
    public static bool IsName(string name) =>
        System.IO.Path.GetExtension(name) == ".jsonl"
        && System.IO.Path.GetFileNameWithoutExtension(name).Split('-') is ["train" or "validation", { Length: 5 } number, "of", { Length: 5 } count]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
